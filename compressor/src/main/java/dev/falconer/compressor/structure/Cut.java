package dev.falconer.compressor.structure;

import dev.falconer.compressor.onnx.Attribute;
import dev.falconer.compressor.onnx.Model;
import dev.falconer.compressor.onnx.NumericTensor;
import dev.falconer.compressor.onnx.TensorData;
import dev.falconer.compressor.onnx.Tensors;
import dev.falconer.compressor.pass.RemoveDead;
import dev.falconer.compressor.structure.Draft.Use;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Writes graphs whose constants lack the groups that were removed. */
public final class Cut {
  private final Draft draft;
  private final List<Integer> kept;

  private Cut(Draft draft, List<Integer> kept) {
    this.draft = draft;
    this.kept = kept;
  }

  /**
   * Returns the model with some groups left. Its outputs are those of the model whose consumers'
   * weights are 0 at the others.
   *
   * @param kept the groups that stay, ascending, at least one each; no two removals may share a
   *     value
   */
  public static Model apply(Model model, Map<Removal, List<Integer>> kept) {
    var draft = new Draft(model.graph());
    kept.forEach((removal, groups) -> new Cut(draft, groups).apply(removal));
    return new RemoveDead().apply(model.withGraph(draft.graph()));
  }

  /** A constant and how it is cut. */
  private record Piece(String constant, Mark mark) {}

  private void apply(Removal removal) {
    Map<Piece, List<Use>> pieces = new LinkedHashMap<>();
    for (Change change : removal.changes()) {
      switch (change) {
        case Change.Tensor(String node, int input, Mark mark) ->
            pieces
                .computeIfAbsent(
                    new Piece(draft.node(node).input(input), mark), _ -> new ArrayList<>())
                .add(new Use(node, input));
        case Change.Length(String node, int input, int place, Groups groups) -> {
          String vector = draft.node(node).input(input);
          NumericTensor lengths = draft.constant(vector);
          draft.replace(
              vector, counted(lengths.toLongs(), place, groups), List.of(new Use(node, input)));
        }
        case Change.PartLength part ->
            draft.replacePart(
                new Use(part.node(), part.input()),
                part.part(),
                counted(
                    part.values().stream().mapToLong(Long::longValue).toArray(),
                    part.place(),
                    part.groups()));
        case Change.ComputedLength length ->
            draft.scale(
                new Use(length.node(), length.input()),
                length.part(),
                scales(length, kept.size()),
                scales(length, length.groups().count()));
        case Change.Numbers numbers -> number(numbers);
      }
    }
    pieces.forEach(this::cut);
  }

  private void cut(Piece piece, List<Use> uses) {
    NumericTensor whole = draft.constant(piece.constant);
    int axis = piece.mark.axis();
    Groups groups = piece.mark.groups();
    if (whole.shape().rank() <= axis || whole.shape().dim(axis) != groups.length()) {
      throw new IllegalArgumentException(
          "constant \"%s\" is %s: its axis %d is not made of %s"
              .formatted(piece.constant, whole.shape(), axis, groups));
    }
    draft.replace(piece.constant, Tensors.picked(whole, axis, groups.elements(kept)), uses);
  }

  /** Returns 1 for each of the lengths but the one that is changed. */
  private static NumericTensor scales(Change.ComputedLength length, int scale) {
    var scales = new long[length.size()];
    Arrays.fill(scales, 1);
    scales[length.place()] = scale;
    return TensorData.vector(scales);
  }

  /**
   * Returns lengths of which one counts fewer groups; 0, 1 and -1 stay what they mean, and so does
   * a bound beyond every length.
   */
  private NumericTensor counted(long[] lengths, int place, Groups groups) {
    if (Math.abs(lengths[place]) <= Integer.MAX_VALUE && lengths[place] % groups.length() == 0) {
      lengths[place] = groups.scaled(lengths[place], kept.size());
    }
    return TensorData.vector(lengths);
  }

  private void number(Change.Numbers change) {
    Groups groups = change.groups();
    switch (draft.node(change.node()).attributes().get(change.attribute())) {
      case Attribute.IntAttr(long value) ->
          draft.setAttribute(
              change.node(), change.attribute(), Attribute.of(groups.scaled(value, kept.size())));
      case Attribute.IntsAttr(List<Long> values) ->
          draft.setAttribute(
              change.node(),
              change.attribute(),
              new Attribute.IntsAttr(
                  values.stream().map(value -> groups.scaled(value, kept.size())).toList()));
      case null, default -> {}
    }
  }
}

package dev.falconer.compressor.pack;

import dev.falconer.compressor.axes.Poly;
import dev.falconer.compressor.onnx.DType;
import dev.falconer.compressor.onnx.Node;
import dev.falconer.compressor.pack.Atom.Kind;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;

/** Operators that arrange elements otherwise, and those that take some of them. */
final class Views {
  private Views() {}

  static Optional<Placed> of(Step step) {
    Node node = step.node();
    return switch (node.type()) {
      case "Identity" -> step.in(0);
      case "Dropout" -> step.in(0).filter(_ -> !step.has(2) || isFalse(step, 2));
      case "Cast" ->
          node.intAttribute("to", 0) == DType.FLOAT32.onnx() ? step.in(0) : Optional.empty();
      case "Reshape", "Flatten", "Squeeze", "Unsqueeze" ->
          step.in(0)
              .flatMap(
                  in -> step.lengths().flatMap(lengths -> in.at().regrouped(lengths)).map(in::at));
      case "Transpose" -> step.in(0).map(in -> in.at(in.at().transposed(permutation(node, in))));
      case "Expand" ->
          step.in(0)
              .flatMap(in ->
                  step.lengths()
                      .filter(lengths -> lengths.size() >= in.at().rank())
                      .map(lengths -> in.at(in.at().ranked(lengths.size())))
                      .filter(out -> step.lengths().equals(Optional.of(out.at().lengths()))));
      case "Gather" -> gathered(step);
      case "Slice" -> sliced(step);
      default -> Optional.empty();
    };
  }

  private static boolean isFalse(Step step, int index) {
    return step.facts()
        .integers(step.node().input(index))
        .filter(values -> values.stream().allMatch(value -> value.is(0)))
        .isPresent();
  }

  private static long[] permutation(Node node, Placed in) {
    int rank = in.at().rank();
    return node.attributes().containsKey("perm")
        ? node.intsAttribute("perm")
        : IntStream.range(0, rank).mapToLong(i -> rank - 1 - i).toArray();
  }

  /** Takes one place of an axis, which is gone then. */
  private static Optional<Placed> gathered(Step step) {
    Optional<Placed> in = step.in(0);
    Optional<List<Poly>> index = step.facts().integers(step.node().input(1));
    boolean isOne =
        index.isPresent()
            && index.get().size() == 1
            && index.get().getFirst().isInteger()
            && step.facts().lengths(step.node().input(1)).equals(Optional.of(List.of()));
    if (in.isEmpty() || !isOne) {
      return Optional.empty();
    }
    Arrangement at = in.get().at();
    int axis = at.counted(step.node().intAttribute("axis", 0));
    if (axis < 0) {
      return Optional.empty();
    }
    if (at.isOne(axis)) {
      return Optional.of(in.get().at(at.without(axis)));
    }
    return part(step, axis, index.get().getFirst().integer());
  }

  /** Takes the features of one place of an axis that counts them in consecutive pieces. */
  private static Optional<Placed> part(Step step, int axis, long index) {
    Placed in = step.in(0).orElseThrow();
    List<Atom> atoms = in.at().axis(axis);
    Optional<Integer> features = in.at().features();
    boolean isOuter =
        atoms.size() == 1
            && atoms.getFirst().is(Kind.FEATURE)
            && features.isPresent()
            && atoms.getFirst().place() * atoms.getFirst().length().integer() == features.get();
    if (!isOuter) {
      return Optional.empty();
    }
    int count = (int) atoms.getFirst().place();
    long places = atoms.getFirst().length().integer();
    int from = Math.toIntExact(count * (index < 0 ? index + places : index));
    Term whole = step.term(0).orElseThrow();
    return Optional.of(step.result(in.at().without(axis), new Form.Part(whole, from, count)));
  }

  /** Takes a range of one axis: all of it, or consecutive features. */
  private static Optional<Placed> sliced(Step step) {
    Optional<Range> range = Range.of(step);
    if (range.isEmpty() || step.in(0).isEmpty()) {
      return Optional.empty();
    }
    Placed in = step.in(0).get();
    if (range.get().isAll()) {
      return Optional.of(in);
    }
    int axis = range.get().axis();
    Poly from = range.get().from();
    Poly to = range.get().to();
    return in.at().isFlat() && axis == in.at().rank() - 1 && from.isInteger() && to.isInteger()
        ? Optional.of(part(step, node(step), in, (int) from.integer(), (int) to.integer()))
        : Optional.empty();
  }

  private static String node(Step step) {
    return step.node().output();
  }

  private static Placed part(Step step, String value, Placed in, int from, int to) {
    Term whole = Step.term(step.node().input(0), in);
    return Placed.of(
        new Term(value, in.at().withFeatures(to - from), new Form.Part(whole, from, to - from)));
  }

  /** Returns what the results of a Split hold, in their order. */
  static List<Optional<Placed>> split(Step step) {
    var results = new ArrayList<Optional<Placed>>();
    int from = 0;
    for (String output : step.node().outputs()) {
      Optional<Placed> in = step.in(0);
      Optional<List<Poly>> lengths = step.facts().lengths(output);
      boolean isPart =
          in.isPresent()
              && lengths.isPresent()
              && in.get().at().isFlat()
              && lengths.get().getLast().isInteger()
              && in.get().at().counted(step.node().intAttribute("axis", 0))
                  == in.get().at().rank() - 1;
      if (!isPart) {
        return List.of();
      }
      int to = from + Math.toIntExact(lengths.get().getLast().integer());
      results.add(Optional.of(part(step, output, in.get(), from, to)));
      from = to;
    }
    return results;
  }
}

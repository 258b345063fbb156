package dev.falconer.compressor.pass;

import dev.falconer.compressor.axes.Roles;
import dev.falconer.compressor.axes.Roles.Role;
import dev.falconer.compressor.onnx.Attribute;
import dev.falconer.compressor.onnx.DType;
import dev.falconer.compressor.onnx.Graph;
import dev.falconer.compressor.onnx.Model;
import dev.falconer.compressor.onnx.TensorData;
import dev.falconer.compressor.onnx.ValueInfo;
import dev.falconer.compressor.onnx.ValueInfo.Dim;
import java.util.List;
import java.util.Map;

/**
 * Takes the number of valid events from the history itself: served histories are not padded.
 *
 * <pre>
 * length ─────────────────┐          before
 * Range(n) ─────────────── Less ─ mask
 * history ─ Shape ─ Slice ─┐         after; the comparison is always true
 * Range(n) ─────────────── Less ─ mask
 * </pre>
 */
public record FullLength(Roles roles) implements Pass {
  @Override
  public Model apply(Model model) {
    Graph graph = model.graph();
    List<ValueInfo> lengths = roles.inputs(graph, Role.LENGTH);
    if (lengths.isEmpty()) {
      return model;
    }
    String history = history(graph);
    var rewrite = new Rewrite(graph);
    String shape = rewrite.add(history + "#shape", "Shape", Map.of(), List.of(history));
    String events =
        rewrite.add(
            history + "#events",
            "Slice",
            Map.of(),
            List.of(
                shape,
                rewrite.constant("#one", TensorData.vector(1)),
                rewrite.constant("#two", TensorData.vector(2)),
                rewrite.constant("#zero", TensorData.vector(0))));
    for (ValueInfo length : lengths) {
      rewrite.replace(
          length.name(),
          length.dtype() == DType.INT64
              ? events
              : rewrite.add(
                  length.name() + "#events",
                  "Cast",
                  Map.of("to", Attribute.of(length.dtype().onnx())),
                  List.of(events)));
    }
    graph.nodes().forEach(rewrite::keep);
    Graph done = rewrite.done();
    return model.withGraph(
        new Graph(
            done.name(),
            done.inputs().stream().filter(input -> !lengths.contains(input)).toList(),
            done.outputs(),
            done.initializers(),
            done.nodes()));
  }

  @Override
  public void requires(Model model) {
    for (ValueInfo length : roles.inputs(model.graph(), Role.LENGTH)) {
      if (length.dims() == null || length.dims().size() != 1) {
        throw new IllegalArgumentException(
            "length column \"" + length.name() + "\" must have one axis, the users");
      }
      history(model.graph());
    }
  }

  private String history(Graph graph) {
    return roles.inputs(graph, Role.USER).stream()
        .filter(input ->
            input.dims() != null
                && input.dims().size() > 1
                && input.dims().get(1) instanceof Dim.Symbol)
        .findFirst()
        .orElseThrow(() ->
            new IllegalArgumentException(
                "a length column needs a user column whose second axis is the history"))
        .name();
  }
}

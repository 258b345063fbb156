package dev.falconer.compressor.pass;

import dev.falconer.compressor.axes.Layout;
import dev.falconer.compressor.onnx.Graph;
import dev.falconer.compressor.onnx.Model;
import dev.falconer.compressor.onnx.ValueInfo;
import dev.falconer.compressor.onnx.ValueInfo.Dim;
import java.util.ArrayList;
import java.util.List;

/**
 * Declares that a grouped graph serves one user at a time: axis 0 of inputs and outputs is 1.
 *
 * <pre>
 * history [B, n], candidate [B, m] ─ ... ─ scores [B, m, T]      before
 * history [1, n], candidate [1, m] ─ ... ─ scores [1, m, T]      after
 * </pre>
 */
public record FixBatch(Layout layout) implements Pass {
  @Override
  public Model apply(Model model) {
    Graph graph = model.graph();
    return switch (layout.form()) {
      case ROW_WISE -> model;
      case GROUPED ->
          model.withGraph(
              new Graph(
                  graph.name(),
                  one(graph.inputs()),
                  one(graph.outputs()),
                  graph.initializers(),
                  graph.nodes()));
    };
  }

  @Override
  public void ensures(Model before, Model after) {
    if (layout.form() == Layout.Form.GROUPED
        && after.graph().inputs().stream()
            .anyMatch(input ->
                input.dims() != null
                    && !input.dims().isEmpty()
                    && !input.dims().getFirst().equals(new Dim.Fixed(1)))) {
      throw new IllegalStateException("an input still has a batch of users");
    }
  }

  private static List<ValueInfo> one(List<ValueInfo> values) {
    return values.stream().map(FixBatch::one).toList();
  }

  private static ValueInfo one(ValueInfo value) {
    List<Dim> dims = value.dims();
    if (dims == null || dims.isEmpty()) {
      return value;
    }
    var fixed = new ArrayList<>(dims);
    fixed.set(0, new Dim.Fixed(1));
    return new ValueInfo(value.name(), value.dtype(), fixed);
  }
}

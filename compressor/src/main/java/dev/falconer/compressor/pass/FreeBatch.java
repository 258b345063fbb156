package dev.falconer.compressor.pass;

import dev.falconer.compressor.axes.Layout;
import dev.falconer.compressor.onnx.Graph;
import dev.falconer.compressor.onnx.Model;
import dev.falconer.compressor.onnx.ValueInfo;
import dev.falconer.compressor.onnx.ValueInfo.Dim;
import java.util.ArrayList;
import java.util.List;

/**
 * Declares the rows of a row-wise graph free, whatever number an exporter declared: whether a node
 * needs that number is found by the rules.
 *
 * <pre>
 * query [1, 384], document [1, 384] ─ ... ─ similarity [1, 1]                 before
 * query [rows, 384], document [rows, 384] ─ ... ─ similarity [rows, 1]        after
 * </pre>
 */
public record FreeBatch(Layout layout) implements Pass {
  @Override
  public Model apply(Model model) {
    Graph graph = model.graph();
    if (layout.form() != Layout.Form.ROW_WISE
        || graph.inputs().stream().noneMatch(FreeBatch::isFixed)) {
      return model;
    }
    return model.withGraph(
        new Graph(
            graph.name(),
            graph.inputs().stream().map(this::freed).toList(),
            graph.outputs().stream().map(this::freed).toList(),
            graph.initializers(),
            graph.nodes()));
  }

  @Override
  public void ensures(Model before, Model after) {
    if (layout.form() == Layout.Form.ROW_WISE
        && after.graph().inputs().stream().anyMatch(FreeBatch::isFixed)) {
      throw new IllegalStateException("an input still declares a number of rows");
    }
  }

  private static boolean isFixed(ValueInfo value) {
    List<Dim> dims = value.dims();
    return dims != null && !dims.isEmpty() && dims.getFirst() instanceof Dim.Fixed;
  }

  private ValueInfo freed(ValueInfo value) {
    List<Dim> dims = value.dims();
    if (dims == null || !isFixed(value)) {
      return value;
    }
    var free = new ArrayList<>(dims);
    free.set(0, new Dim.Symbol(layout.rows()));
    return new ValueInfo(value.name(), value.dtype(), free);
  }
}

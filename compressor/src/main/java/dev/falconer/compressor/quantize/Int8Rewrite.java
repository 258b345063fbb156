package dev.falconer.compressor.quantize;

import dev.falconer.compressor.layer.LinearLayer;
import dev.falconer.compressor.layer.LinearLayer.Tap;
import dev.falconer.compressor.onnx.Attribute;
import dev.falconer.compressor.onnx.DType;
import dev.falconer.compressor.onnx.Model;
import dev.falconer.compressor.onnx.Node;
import dev.falconer.compressor.onnx.NumericTensor;
import dev.falconer.compressor.onnx.Shape;
import dev.falconer.compressor.onnx.TensorData;
import dev.falconer.compressor.solver.Grid;
import dev.falconer.compressor.solver.Matrix;
import java.lang.foreign.ValueLayout;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/** Writes the nodes of {@link Int8}. */
final class Int8Rewrite {
  private record Job(LinearLayer layer, UInt8Grid values, Optional<Grid> grid) {}

  /** A value on a grid. */
  private record Rounded(String value, UInt8Grid grid) {}

  /** Names of a layer's levels [in, out] and scales [out]. */
  private record Weight(String levels, String scales) {}

  private final Model model;
  private final int largest;
  private final Edit edit;
  private final Map<String, Job> jobs = new HashMap<>();
  private final Map<String, Weight> weights = new HashMap<>();
  private final Map<Rounded, String> quantized = new HashMap<>();

  /**
   * Starts with no node to rewrite.
   *
   * @param largest level of weights that lie on no grid yet
   */
  Int8Rewrite(Model model, int largest) {
    this.model = model;
    this.largest = largest;
    this.edit = new Edit(model);
  }

  /** Has the tap's node rewritten, with its input on a grid, and its weight where it has one. */
  void add(LinearLayer layer, Tap tap, UInt8Grid values, Optional<Grid> grid) {
    jobs.put(tap.node(), new Job(layer, values, grid));
  }

  Model model() {
    if (jobs.isEmpty()) {
      return model;
    }
    for (Node node : model.graph().nodes()) {
      Job job = jobs.get(node.name());
      if (job == null) {
        edit.keep(node);
      } else {
        replace(node, job);
      }
    }
    return IntegerOpset.of(edit.done());
  }

  private void replace(Node node, Job job) {
    String x = node.input(0);
    String scale = edit.constant(x + ".int8.scale", TensorData.scalar(job.values.scale()));
    String zero =
        edit.constant(x + ".int8.zero", bytes(DType.UINT8, Shape.of(), job.values.zeroPoint()));
    String levels =
        quantized.computeIfAbsent(
            new Rounded(x, job.values),
            _ -> edit.add(x + ".int8", "QuantizeLinear", Map.of(), x, scale, zero));
    Weight weight = weights.computeIfAbsent(job.layer.weight(), _ -> weight(job));

    String name = node.name();
    String rows = ProductForm.rows(edit, node, levels);
    String sum = edit.add(name + ".sum", "MatMulInteger", Map.of(), rows, weight.levels, zero);
    Attribute type = Attribute.of(DType.FLOAT32.onnx());
    String real = edit.add(name + ".float", "Cast", Map.of("to", type), sum);
    String scaled = edit.add(name + ".scaled", "Mul", Map.of(), real, scale);
    if (ProductForm.isFollowed(node)) {
      String product = edit.add(name + ".product", "Mul", Map.of(), scaled, weight.scales);
      ProductForm.finish(edit, node, product, DType.FLOAT32);
    } else {
      String last = edit.fresh(name + ".weight_scale");
      edit.write(node.output(), last, "", "Mul", Map.of(), scaled, weight.scales);
    }
  }

  private Weight weight(Job job) {
    LinearLayer layer = job.layer;
    Matrix weight = layer.read(model.graph());
    var scales = new float[layer.out()];
    var levels = new int[layer.in() * layer.out()];
    for (int o = 0; o < layer.out(); o++) {
      int output = o;
      scales[o] =
          job.grid.map(grid -> grid.scale(output, 0)).orElseGet(() -> scale(weight, output));
      for (int i = 0; i < layer.in(); i++) {
        double value = weight.at(o, i);
        levels[i * layer.out() + o] =
            job.grid.isEmpty()
                ? Math.clamp(Math.round(value / scales[o]), -largest, largest)
                : job.grid.get().code(o, i, value) - job.grid.get().zero(o, 0);
      }
    }
    String name = layer.weight() + ".int8";
    return new Weight(
        edit.constant(name, bytes(DType.INT8, Shape.of(layer.in(), layer.out()), levels)),
        edit.constant(name + ".scale", TensorData.floats(Shape.of(layer.out()), scales)));
  }

  private float scale(Matrix weight, int row) {
    double most = 0;
    for (int i = 0; i < weight.columns(); i++) {
      most = Math.max(most, Math.abs(weight.at(row, i)));
    }
    return most == 0 ? 1 : Math.max((float) (most / largest), Float.MIN_NORMAL);
  }

  private static NumericTensor bytes(DType dtype, Shape shape, int... values) {
    NumericTensor tensor = NumericTensor.allocate(dtype, shape);
    for (int i = 0; i < values.length; i++) {
      tensor.bytes().set(ValueLayout.JAVA_BYTE, i, (byte) values[i]);
    }
    return tensor;
  }
}

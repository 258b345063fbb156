package dev.falconer.compressor.quantize;

import dev.falconer.compressor.calibrate.Calibrator;
import dev.falconer.compressor.layer.LinearLayer;
import dev.falconer.compressor.layer.LinearLayer.Tap;
import dev.falconer.compressor.layer.LinearLayers;
import dev.falconer.compressor.onnx.Attribute;
import dev.falconer.compressor.onnx.DType;
import dev.falconer.compressor.onnx.Graph;
import dev.falconer.compressor.onnx.Model;
import dev.falconer.compressor.onnx.Node;
import dev.falconer.compressor.onnx.NumericTensor;
import dev.falconer.compressor.onnx.Shape;
import dev.falconer.compressor.onnx.TensorData;
import dev.falconer.compressor.solver.Matrix;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Turns candidate-side linear maps into 8-bit integer arithmetic.
 *
 * <pre>
 * y = x · W   becomes   QuantizeLinear(x, s, z) → MatMulInteger(·, Q, z) → Cast → Mul(s) → Mul(w)
 * </pre>
 *
 * Weights: signed, symmetric, a scale per output, levels -63..63: on CPUs without VNNI products of
 * full-range bytes saturate in 16 bits. A zero weight stays zero. Activations: one scale and zero
 * point per tensor, fixed from calibration: a scale found at run time (DynamicQuantizeLinear) would
 * make a candidate's score depend on the other candidates of its call. The two scales are two Muls:
 * ONNX Runtime fuses their product wrongly. Biases stay float adds.
 *
 * @param range of activations
 */
public record Int8(ActivationRange range) {
  /** Largest weight level. */
  public static final int LEVELS = 63;

  /** Layers of fewer outputs stay in float: the conversions cost more than the product. */
  public static final int MIN_OUT = 8;

  /**
   * What was done.
   *
   * @param model with integer nodes
   * @param layers weights now in int8
   * @param skipped weights of candidate-side layers left in float
   * @param share of the candidate side's multiply-adds in linear layers that are now int8, 0 to 1
   */
  public record Result(Model model, List<String> layers, List<String> skipped, double share) {
    /** Copies the lists. */
    public Result {
      layers = List.copyOf(layers);
      skipped = List.copyOf(skipped);
    }
  }

  /**
   * Returns the model with its candidate-side layers in int8; nodes that serve the user's side keep
   * the float weight.
   *
   * @param calibrator ran over these layers of the same model
   */
  public Result apply(Model model, List<LinearLayer> layers, Calibrator calibrator) {
    var rewrite = new Rewrite(model.graph());
    var done = new ArrayList<String>();
    var skipped = new ArrayList<String>();
    long small = 0;
    long all = 0;
    for (LinearLayer layer : layers) {
      for (Tap tap : layer.taps()) {
        if (!tap.isCandidateSide()) {
          continue;
        }
        all += layer.multiplyAdds();
        boolean isWorthIt = layer.out() >= MIN_OUT;
        List<String> list = isWorthIt ? done : skipped;
        if (!list.contains(layer.weight())) {
          list.add(layer.weight());
        }
        if (isWorthIt) {
          rewrite.add(layer, tap, range.grid(calibrator.of(tap).values()));
        } else {
          small += layer.multiplyAdds();
        }
      }
    }
    double share = all == 0 ? 0 : (double) (all - small) / all;
    return new Result(model.withGraph(rewrite.graph()), done, skipped, share);
  }

  /** Returns the model in int8 where the calibrator's statistics are of its own layers. */
  public Result apply(Model model, Calibrator calibrator) {
    return apply(model, LinearLayers.of(model), calibrator);
  }

  private record Job(LinearLayer layer, UInt8Grid grid) {}

  private static final class Rewrite {
    private final Graph graph;
    private final Map<String, TensorData> initializers;
    private final Map<String, Job> jobs = new HashMap<>();

    Rewrite(Graph graph) {
      this.graph = graph;
      this.initializers = new LinkedHashMap<>(graph.initializers());
    }

    void add(LinearLayer layer, Tap tap, UInt8Grid grid) {
      jobs.put(tap.node(), new Job(layer, grid));
    }

    Graph graph() {
      var nodes = new ArrayList<Node>();
      var quantized = new HashSet<String>();
      for (Node node : graph.nodes()) {
        Job job = jobs.get(node.name());
        if (job == null) {
          nodes.add(node);
        } else {
          replace(node, job.layer, job.grid, quantized, nodes);
        }
      }
      dropUnread(nodes);
      return new Graph(graph.name(), graph.inputs(), graph.outputs(), initializers, nodes);
    }

    private void replace(
        Node node, LinearLayer layer, UInt8Grid grid, Set<String> quantized, List<Node> into) {
      String x = node.input(0);
      String scale = constant(x + ".int8.scale", TensorData.scalar(grid.scale()));
      String zero = constant(x + ".int8.zero", bytes(DType.UINT8, Shape.of(), grid.zeroPoint()));
      String levels = x + ".int8";
      if (quantized.add(x)) {
        into.add(op(x + ".int8", "QuantizeLinear", levels, x, scale, zero));
      }
      String weight = layer.weight() + ".int8";
      String weightScale = weight + ".scale";
      quantizeWeight(layer, weight, weightScale);

      String name = node.name();
      into.add(op(name + ".int8", "MatMulInteger", name + ".sum", levels, weight, zero));
      into.add(
          Node.of(
              name + ".cast",
              "Cast",
              List.of(name + ".sum"),
              List.of(name + ".float"),
              Map.of("to", Attribute.of((long) DType.FLOAT32.onnx()))));
      into.add(op(name + ".input_scale", "Mul", name + ".scaled", name + ".float", scale));
      String bias = node.is("Gemm") ? node.input(2) : "";
      String product = bias.isEmpty() ? node.output() : name + ".product";
      into.add(op(name + ".weight_scale", "Mul", product, name + ".scaled", weightScale));
      if (!bias.isEmpty()) {
        if (node.floatAttribute("beta", 1) != 1) {
          throw new IllegalArgumentException("node \"" + name + "\": Gemm with beta != 1");
        }
        into.add(op(name + ".bias", "Add", node.output(), product, bias));
      }
    }

    private void quantizeWeight(LinearLayer layer, String name, String scaleName) {
      if (initializers.containsKey(name)) {
        return;
      }
      Matrix weight = layer.read(graph);
      var scales = new float[layer.out()];
      var levels = new int[layer.in() * layer.out()];
      for (int o = 0; o < layer.out(); o++) {
        double largest = 0;
        for (int i = 0; i < layer.in(); i++) {
          largest = Math.max(largest, Math.abs(weight.at(o, i)));
        }
        scales[o] = largest == 0 ? 1 : Math.max((float) (largest / LEVELS), Float.MIN_NORMAL);
        for (int i = 0; i < layer.in(); i++) {
          long level = Math.round(weight.at(o, i) / scales[o]);
          levels[i * layer.out() + o] = Math.clamp(level, -LEVELS, LEVELS);
        }
      }
      constant(name, bytes(DType.INT8, Shape.of(layer.in(), layer.out()), levels));
      constant(scaleName, TensorData.floats(Shape.of(layer.out()), scales));
    }

    /** Drops float weights that no node reads any more. */
    private void dropUnread(List<Node> nodes) {
      var read = new HashSet<String>();
      nodes.forEach(node -> read.addAll(node.inputs()));
      jobs.values().stream()
          .map(job -> job.layer.weight())
          .filter(weight -> !read.contains(weight))
          .forEach(initializers::remove);
    }

    private String constant(String name, TensorData value) {
      initializers.put(name, value);
      return name;
    }

    private static Node op(String name, String type, String output, String... inputs) {
      return Node.of(name, type, List.of(inputs), List.of(output), Map.of());
    }

    private static NumericTensor bytes(DType dtype, Shape shape, int... values) {
      NumericTensor tensor = NumericTensor.allocate(dtype, shape);
      for (int i = 0; i < values.length; i++) {
        tensor.bytes().set(ValueLayout.JAVA_BYTE, i, (byte) values[i]);
      }
      return tensor;
    }
  }
}

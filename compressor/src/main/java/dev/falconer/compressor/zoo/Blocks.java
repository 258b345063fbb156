package dev.falconer.compressor.zoo;

import dev.falconer.compressor.onnx.Attribute;
import dev.falconer.compressor.onnx.GraphBuilder;
import dev.falconer.compressor.onnx.TensorData;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.function.Supplier;

/** Layers with weights, written into a graph. A weight used twice is one constant. */
final class Blocks {
  private static final float EPSILON = 1e-5f;

  private final GraphBuilder graph;
  private final Parameters parameters;
  private final Set<String> declared = new HashSet<>();

  Blocks(GraphBuilder graph, Parameters parameters) {
    this.graph = graph;
    this.parameters = parameters;
  }

  /** Returns the name of a small random tensor: an embedding table [rows, width], a key. */
  String tensor(String name, long... shape) {
    return declare(name, () -> parameters.normal(name, Parameters.EMBEDDING_DEVIATION, shape));
  }

  /** Returns x · weight [in, out]. */
  String project(String name, String x, int in, int out) {
    String weight = name + ".weight";
    return graph.matmul(x, declare(weight, () -> parameters.uniform(weight, in, in, out)));
  }

  /** Returns x · weight [in, out] + bias [out]. */
  String linear(String name, String x, int in, int out) {
    String bias = name + ".bias";
    String product = project(name, x, in, out);
    return graph.plus(product, declare(bias, () -> parameters.uniform(bias, in, out)));
  }

  /** Returns x normalised along the last axis, scaled and shifted. */
  String norm(String name, String x, int width) {
    String scale = name + ".scale";
    String shift = name + ".shift";
    return graph.add(
        "LayerNormalization",
        Map.of("axis", Attribute.of(-1), "epsilon", Attribute.of(EPSILON)),
        x,
        declare(scale, () -> parameters.filled(scale, 1, width)),
        declare(shift, () -> parameters.filled(shift, 0, width)));
  }

  private String declare(String name, Supplier<TensorData> value) {
    if (declared.add(name)) {
      graph.initializer(name, value.get());
    }
    return name;
  }
}

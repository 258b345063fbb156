package dev.falconer.compressor.execute;

import dev.falconer.compressor.onnx.Attribute;
import dev.falconer.compressor.onnx.DType;
import dev.falconer.compressor.onnx.Graph;
import dev.falconer.compressor.onnx.Model;
import dev.falconer.compressor.onnx.Node;
import dev.falconer.compressor.onnx.Shape;
import dev.falconer.compressor.onnx.TensorData;
import dev.falconer.compressor.onnx.ValueInfo;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;

/** Writes small graphs for tests, line by line. */
public final class SmallGraph {
  private final List<ValueInfo> inputs = new ArrayList<>();
  private final Map<String, TensorData> initializers = new LinkedHashMap<>();
  private final List<Node> nodes = new ArrayList<>();
  private final SplittableRandom random;

  /** Starts a graph whose parameters are drawn from the seed. */
  public SmallGraph(long seed) {
    random = new SplittableRandom(seed);
  }

  /** Declares an input. */
  public SmallGraph input(String name, DType dtype, Object... axes) {
    inputs.add(ValueInfo.of(name, dtype, axes));
    return this;
  }

  /** Adds a parameter of values in [low, high). */
  public SmallGraph parameter(String name, double low, double high, long... dims) {
    var values = new float[Math.toIntExact(Shape.of(dims).size())];
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) random.nextDouble(low, high);
    }
    return constant(name, TensorData.floats(Shape.of(dims), values));
  }

  /** Adds an initialiser. */
  public SmallGraph constant(String name, TensorData data) {
    initializers.put(name, data);
    return this;
  }

  /** Adds a node of one output, named like it. */
  public SmallGraph node(
      String type, String output, List<String> inputs, Map<String, Attribute> attributes) {
    return node("", type, List.of(output), inputs, attributes);
  }

  /** Adds a node without attributes. */
  public SmallGraph node(String type, String output, String... inputs) {
    return node(type, output, List.of(inputs), Map.of());
  }

  /** Adds a node. */
  public SmallGraph node(
      String domain,
      String type,
      List<String> outputs,
      List<String> inputs,
      Map<String, Attribute> attributes) {
    String name = outputs.getFirst() + "_node";
    nodes.add(new Node(name, domain, type, inputs, outputs, attributes, Map.of()));
    return this;
  }

  /** Returns the model with float32 outputs of undeclared shape. */
  public Model model(String... outputs) {
    var declared = new ArrayList<ValueInfo>();
    for (String output : outputs) {
      declared.add(new ValueInfo(output, DType.FLOAT32, null));
    }
    return new Model(
        new Graph("small", inputs, declared, initializers, nodes),
        Model.IR_VERSION,
        Map.of("", 20L, "ai.onnx.ml", 4L),
        Map.of());
  }
}

package dev.falconer.compressor.fuzz;

import dev.falconer.compressor.onnx.Attribute;
import dev.falconer.compressor.onnx.Graph;
import dev.falconer.compressor.onnx.Node;
import dev.falconer.compressor.onnx.NumericTensor;
import dev.falconer.compressor.onnx.Shape;
import dev.falconer.compressor.onnx.TensorData;
import dev.falconer.compressor.onnx.ValueInfo;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;

/** Adds nodes the way exporters do for an operator set, with more than one idiom for one thing. */
final class Emitter {
  final Random random;
  final long opset;
  final List<Node> nodes = new ArrayList<>();
  private final Map<String, TensorData> constants = new LinkedHashMap<>();

  Emitter(Random random, long opset) {
    this.random = random;
    this.opset = opset;
  }

  boolean chance(double probability) {
    return random.nextDouble() < probability;
  }

  @SafeVarargs
  final <T> T one(T... choices) {
    return choices[random.nextInt(choices.length)];
  }

  Graph graph(List<ValueInfo> inputs, List<ValueInfo> outputs) {
    return new Graph("fuzz", inputs, outputs, constants, nodes);
  }

  String node(String type, Map<String, Attribute> attributes, String... inputs) {
    return nodes(type, 1, attributes, inputs).getFirst();
  }

  String node(String type, String... inputs) {
    return node(type, Map.of(), inputs);
  }

  List<String> nodes(String type, int count, Map<String, Attribute> attributes, String... inputs) {
    String name = type + "." + nodes.size();
    var outputs = new ArrayList<String>();
    for (int i = 0; i < count; i++) {
      outputs.add(name + ":" + i);
    }
    nodes.add(Node.of(name, type, Arrays.asList(inputs), outputs, attributes));
    return outputs;
  }

  String constant(TensorData value) {
    String name = "c" + constants.size();
    constants.put(name, value);
    return name;
  }

  String ints(long... values) {
    return constant(TensorData.vector(values));
  }

  String number(double value) {
    return constant(TensorData.doubles(Shape.of(), value));
  }

  /** Returns a weight of variance 1 over the last but one length. */
  String weight(int... dims) {
    long[] lengths = Arrays.stream(dims).asLongStream().toArray();
    double scale = dims.length < 2 ? 1 : 1 / Math.sqrt(dims[dims.length - 2]);
    var values = new double[(int) Shape.of(lengths).size()];
    Arrays.setAll(values, i -> scale * random.nextGaussian());
    NumericTensor tensor = TensorData.doubles(Shape.of(lengths), values);
    return constant(tensor);
  }

  String squeeze(String x, long axis) {
    return opset < 13
        ? node("Squeeze", Map.of("axes", Attribute.ints(axis)), x)
        : node("Squeeze", x, ints(axis));
  }

  String unsqueeze(String x, long axis) {
    return opset < 13
        ? node("Unsqueeze", Map.of("axes", Attribute.ints(axis)), x)
        : node("Unsqueeze", x, ints(axis));
  }

  String reduce(String type, String x, boolean keep, long... axes) {
    Attribute keepdims = Attribute.of(keep ? 1 : 0);
    return opset < (type.equals("ReduceSum") ? 13 : 18)
        ? node(type, Map.of("axes", Attribute.ints(axes), "keepdims", keepdims), x)
        : node(type, Map.of("keepdims", keepdims), x, ints(axes));
  }

  String slice(String x, long axis, long start, long end, long step) {
    if (opset < 10) {
      return node(
          "Slice",
          Map.of(
              "axes",
              Attribute.ints(axis),
              "starts",
              Attribute.ints(start),
              "ends",
              Attribute.ints(end)),
          x);
    }
    return step == 1
        ? node("Slice", x, ints(start), ints(end), ints(axis))
        : node("Slice", x, ints(start), ints(end), ints(axis), ints(step));
  }

  List<String> split(String x, long axis, long first, long second) {
    var sizes = Map.of("axis", Attribute.of(axis), "split", Attribute.ints(first, second));
    return opset < 13
        ? nodes("Split", 2, sizes, x)
        : nodes("Split", 2, Map.of("axis", Attribute.of(axis)), x, ints(first, second));
  }

  String concat(long axis, String... parts) {
    return node("Concat", Map.of("axis", Attribute.of(axis)), parts);
  }

  String transpose(String x, long... permutation) {
    return node("Transpose", Map.of("perm", Attribute.ints(permutation)), x);
  }

  String cast(String x, int to) {
    return node("Cast", Map.of("to", Attribute.of(to)), x);
  }

  /** Returns the length of an axis as a vector of one. */
  String length(String x, long axis) {
    if (opset >= 15 && chance(0.3)) {
      return node("Shape", Map.of("start", Attribute.of(axis), "end", Attribute.of(axis + 1)), x);
    }
    String shape = node("Shape", x);
    return switch (random.nextInt(3)) {
      case 0 -> slice(shape, 0, axis, axis + 1, 1);
      case 1 -> node("Gather", shape, ints(axis));
      default -> unsqueeze(node("Gather", shape, constant(TensorData.scalar(axis))), 0);
    };
  }

  /** Returns the length of an axis as a scalar. */
  String scalarLength(String x, long axis) {
    return node("Gather", node("Shape", x), constant(TensorData.scalar(axis)));
  }

  String softmax(String x, long axis) {
    return node("Softmax", Map.of("axis", Attribute.of(axis)), x);
  }
}

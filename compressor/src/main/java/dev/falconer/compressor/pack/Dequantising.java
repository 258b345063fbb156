package dev.falconer.compressor.pack;

import dev.falconer.compressor.onnx.DType;
import dev.falconer.compressor.onnx.Graph;
import dev.falconer.compressor.onnx.Node;
import dev.falconer.compressor.onnx.NumericTensor;
import dev.falconer.compressor.onnx.Shape;
import dev.falconer.compressor.onnx.TensorData;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.IntBinaryOperator;
import java.util.stream.Collectors;

/**
 * Weights that lie in a graph as levels and scales: behind DequantizeLinear, or in com.microsoft's
 * MatMulNBits.
 */
final class Dequantising {
  private static final int NBITS_ZEROS = 3;
  private static final int NBITS_ORDER = 4;

  private final Map<String, TensorData> constants;
  private final Map<String, Node> producers;

  private Dequantising(Graph graph, Map<String, TensorData> constants) {
    this.constants = constants;
    this.producers = graph.producers();
  }

  /** Returns such weights by the names, if no two have one, of the nodes that multiply by them. */
  static Map<String, Weight> of(Graph graph, Map<String, TensorData> constants) {
    var all = new Dequantising(graph, constants);
    Map<String, Long> names =
        graph.nodes().stream().collect(Collectors.groupingBy(Node::name, Collectors.counting()));
    Map<String, Weight> found = new HashMap<>();
    for (Node node : graph.nodes()) {
      if (names.getOrDefault(node.name(), 0L) == 1) {
        all.weight(node).ifPresent(weight -> found.put(node.name(), weight));
      }
    }
    return found;
  }

  private Optional<Weight> weight(Node node) {
    if (node.domain().equals("com.microsoft") && node.type().equals("MatMulNBits")) {
      return packed(node);
    }
    boolean isGemm = node.is("Gemm") && node.floatAttribute("alpha", 1) == 1;
    if (!isGemm && !node.is("MatMul")) {
      return Optional.empty();
    }
    boolean isOutIn = isGemm && node.intAttribute("transB", 0) != 0;
    Node source = producers.get(node.input(1));
    while (source != null && (source.is("Transpose") || source.is("Identity"))) {
      long[] order = source.intsAttribute("perm");
      isOutIn ^= source.is("Transpose") && (order.length == 0 || order[0] == 1);
      source = producers.get(source.input(0));
    }
    boolean isFlipped = !isOutIn;
    return source != null && source.is("DequantizeLinear")
        ? unrolled(source, isFlipped)
        : Optional.empty();
  }

  /** Levels [a, b] and a scale of the whole, or of each place of an axis, or of blocks along it. */
  private Optional<Weight> unrolled(Node node, boolean isFlipped) {
    Optional<NumericTensor> levels = numbers(node.input(0));
    Optional<NumericTensor> scales = numbers(node.input(1));
    Optional<NumericTensor> zeros = numbers(node.input(2));
    boolean isKnown =
        levels.filter(tensor -> tensor.shape().rank() == 2).isPresent()
            && scales.filter(tensor -> tensor.dtype() == DType.FLOAT32).isPresent()
            && (node.input(2).isEmpty() || zeros.isPresent());
    if (!isKnown) {
      return Optional.empty();
    }
    int rows = Math.toIntExact(levels.get().shape().dim(0));
    int columns = Math.toIntExact(levels.get().shape().dim(1));
    long given = node.intAttribute("axis", 1);
    int axis = (int) (given < 0 ? given + 2 : given);
    int block = (int) node.intAttribute("block_size", 0);
    IntBinaryOperator scale =
        scales.get().shape().size() == 1
            ? (_, _) -> 0
            : block == 0
                ? (row, column) -> axis == 0 ? row : column
                : (row, column) ->
                    (axis == 0 ? row / block : row) * Math.toIntExact(scales.get().shape().dim(1))
                        + (axis == 1 ? column / block : column);
    var values = new float[Math.multiplyExact(rows, columns)];
    for (int row = 0; row < rows; row++) {
      for (int column = 0; column < columns; column++) {
        int at = scale.applyAsInt(row, column);
        double zero = zeros.isPresent() ? zeros.get().at(at) : 0;
        double value =
            (levels.get().at((long) row * columns + column) - zero) * scales.get().at(at);
        values[isFlipped ? column * rows + row : row * columns + column] = (float) value;
      }
    }
    Shape shape = isFlipped ? Shape.of(columns, rows) : Shape.of(rows, columns);
    return Optional.of(new Weight.Dequantised(node.input(0), TensorData.floats(shape, values)));
  }

  /** Codes of 4 or 8 bits [out, blocks, bytes], a scale a block, and its zero. */
  private Optional<Weight> packed(Node node) {
    int in = (int) node.intAttribute("K", 0);
    int out = (int) node.intAttribute("N", 0);
    int bits = (int) node.intAttribute("bits", 4);
    int block = (int) node.intAttribute("block_size", 0);
    Optional<NumericTensor> codes = numbers(node.input(1));
    Optional<NumericTensor> scales = numbers(node.input(2));
    Optional<NumericTensor> zeros = numbers(node.input(NBITS_ZEROS));
    boolean isKnown =
        in > 0
            && out > 0
            && block > 0
            && (bits == 4 || bits == 8)
            && codes.filter(tensor -> tensor.dtype() == DType.UINT8).isPresent()
            && scales.filter(tensor -> tensor.dtype() == DType.FLOAT32).isPresent()
            && (node.input(NBITS_ZEROS).isEmpty() || zeros.isPresent())
            && node.input(NBITS_ORDER).isEmpty();
    if (!isKnown) {
      return Optional.empty();
    }
    int blocks = Math.ceilDiv(in, block);
    int zeroBytes = Math.ceilDiv(blocks * bits, 8);
    var values = new float[Math.multiplyExact(out, in)];
    for (int o = 0; o < out; o++) {
      for (int i = 0; i < in; i++) {
        long code = code(codes.get(), bits, (long) o * blocks * block + i);
        int at = o * blocks + i / block;
        double zero = 1 << (bits - 1);
        if (zeros.isPresent()) {
          zero =
              zeros.get().dtype() == DType.UINT8
                  ? code(zeros.get(), bits, (long) o * zeroBytes * (8 / bits) + i / block)
                  : zeros.get().at(at);
        }
        values[o * in + i] = (float) ((code - zero) * scales.get().at(at));
      }
    }
    return Optional.of(
        new Weight.Dequantised(node.input(1), TensorData.floats(Shape.of(out, in), values)));
  }

  /** Returns a code among bytes that hold one or two, the lower half first. */
  private static long code(NumericTensor bytes, int bits, long index) {
    return bits == 8 ? bytes.longAt(index) : (bytes.longAt(index / 2) >> (4 * (index % 2))) & 15;
  }

  private Optional<NumericTensor> numbers(String name) {
    return constants.get(name) instanceof NumericTensor tensor
        ? Optional.of(tensor)
        : Optional.empty();
  }
}

package dev.falconer.compressor.layer;

import dev.falconer.compressor.onnx.DType;
import dev.falconer.compressor.onnx.Graph;
import dev.falconer.compressor.onnx.NumericTensor;
import dev.falconer.compressor.onnx.TensorData;
import dev.falconer.compressor.solver.Matrix;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * A constant weight and the nodes that multiply by it. History and candidate rows of an attention
 * layer pass through one weight in two nodes: one layer with two taps.
 *
 * <p>A Conv multiplies windows of its input by its weight [out, channels, kernel...], seen as [out,
 * in]: input {@code channel · positions + position}. In general the layer's weight is the constant
 * times {@code scale}, which a node's alpha is.
 *
 * @param weight name of the constant: an initialiser, or the output of a Constant node
 * @param isOutIn whether the constant lies as [out, in] (Gemm with transB, Conv); else [in, out]
 * @param out outputs
 * @param in inputs
 * @param scale of the constant in the product, not 0
 * @param kernel lengths of a Conv's kernel, kh and kw; empty for other nodes
 * @param dtype in which the product is computed; the constant may lie in another
 * @param taps nodes in graph order; at least one
 */
public record LinearLayer(
    String weight,
    boolean isOutIn,
    int out,
    int in,
    double scale,
    List<Integer> kernel,
    DType dtype,
    List<Tap> taps) {
  /**
   * One use of the weight.
   *
   * @param node name of the MatMul, Gemm, Conv or another that multiplies
   * @param input value multiplied: [.., in], or what a Conv takes windows of, or transposed
   * @param isCandidateSide whether the value depends on an input of role CANDIDATE
   */
  public record Tap(String node, String input, boolean isCandidateSide) {}

  /** Copies the lists. */
  public LinearLayer {
    kernel = List.copyOf(kernel);
    taps = List.copyOf(taps);
  }

  /** Returns whether the layer's nodes are Convs. */
  public boolean isConv() {
    return !kernel.isEmpty();
  }

  /** Returns the positions of a Conv's kernel, kh·kw; 1 for other nodes. */
  public int positions() {
    return kernel.stream().reduce(1, Math::multiplyExact);
  }

  /** Returns the number of multiply-adds per row of its input. */
  public long multiplyAdds() {
    return (long) out * in;
  }

  /**
   * Returns the inputs in the order in which groups of a pattern N:M are consecutive: the channels
   * of one kernel position after those of another. For one position 0, 1, 2 and so on.
   */
  public int[] groupOrder() {
    var order = new int[in];
    int positions = positions();
    int channels = in / positions;
    for (int i = 0; i < in; i++) {
      order[i] = i % channels * positions + i / channels;
    }
    return order;
  }

  /** Returns the layer's weight [out, in]: a row of the input times it is a row of the output. */
  public Matrix read(Graph graph) {
    double[] values = stored(graph).toDoubles();
    if (scale != 1) {
      for (int i = 0; i < values.length; i++) {
        values[i] *= scale;
      }
    }
    Matrix stored = Matrix.over(isOutIn ? out : in, isOutIn ? in : out, values);
    return isOutIn ? stored : stored.transposed();
  }

  /**
   * Returns the graph with other weights [out, in], rounded to the types of their constants.
   *
   * @param weights by layer; other constants stay
   * @throws IllegalArgumentException naming the weight of another shape or outside its type's range
   */
  public static Graph written(Graph graph, Map<LinearLayer, Matrix> weights) {
    Map<String, TensorData> constants = new HashMap<>();
    weights.forEach(
        (layer, matrix) -> constants.put(layer.weight, layer.stored(matrix, layer.stored(graph))));
    return Constants.replaced(graph, constants);
  }

  private NumericTensor stored(Graph graph) {
    if (Constants.of(graph).get(weight) instanceof NumericTensor tensor
        && tensor.shape().size() == multiplyAdds()) {
      return tensor;
    }
    throw new IllegalArgumentException(
        "no constant \"%s\" of [%d, %d] in the graph".formatted(weight, out, in));
  }

  private NumericTensor stored(Matrix matrix, NumericTensor old) {
    if (matrix.rows() != out || matrix.columns() != in) {
      throw new IllegalArgumentException(
          "weight \"%s\" is [%d, %d], got %s".formatted(weight, out, in, matrix));
    }
    double[] values = (isOutIn ? matrix : matrix.transposed()).toArray();
    if (scale != 1) {
      for (int i = 0; i < values.length; i++) {
        values[i] /= scale;
      }
    }
    try {
      return NumericTensor.rounded(old.dtype(), old.shape(), values);
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException("weight \"" + weight + "\": " + e.getMessage(), e);
    }
  }
}

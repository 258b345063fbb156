package dev.falconer.compressor.layer;

import dev.falconer.compressor.onnx.Graph;
import dev.falconer.compressor.onnx.NumericTensor;
import dev.falconer.compressor.onnx.Shape;
import dev.falconer.compressor.onnx.TensorData;
import dev.falconer.compressor.solver.Matrix;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A constant weight and the nodes that multiply by it. History and candidate rows of an attention
 * layer pass through one weight in two nodes: one layer with two taps.
 *
 * @param weight name of the constant
 * @param isOutIn whether the constant lies as [out, in] (Gemm with transB); else [in, out]
 * @param out outputs
 * @param in inputs
 * @param taps nodes in graph order; at least one
 */
public record LinearLayer(String weight, boolean isOutIn, int out, int in, List<Tap> taps) {
  /**
   * One use of the weight.
   *
   * @param node name of the MatMul or Gemm
   * @param input value multiplied, [.., in]
   * @param isCandidateSide whether the value depends on an input of role CANDIDATE
   */
  public record Tap(String node, String input, boolean isCandidateSide) {}

  /** Copies the taps. */
  public LinearLayer {
    taps = List.copyOf(taps);
  }

  /** Returns the number of multiply-adds per row of its input. */
  public long multiplyAdds() {
    return (long) out * in;
  }

  /** Returns the layer's weight [out, in]. */
  public Matrix read(Graph graph) {
    if (!(graph.initializers().get(weight) instanceof NumericTensor tensor)) {
      throw new IllegalArgumentException("no constant \"" + weight + "\" in the graph");
    }
    Matrix stored = Matrix.over(isOutIn ? out : in, isOutIn ? in : out, tensor.toDoubles());
    return isOutIn ? stored : stored.transposed();
  }

  /**
   * Returns the graph with other weights [out, in], rounded to float32.
   *
   * @param weights by layer; other constants stay
   */
  public static Graph written(Graph graph, Map<LinearLayer, Matrix> weights) {
    Map<String, TensorData> initializers = new LinkedHashMap<>(graph.initializers());
    weights.forEach((layer, matrix) -> {
      if (matrix.rows() != layer.out || matrix.columns() != layer.in) {
        throw new IllegalArgumentException(
            "weight \"%s\" is [%d, %d], got %s"
                .formatted(layer.weight, layer.out, layer.in, matrix));
      }
      initializers.put(layer.weight, layer.stored(matrix));
    });
    return graph.withInitializers(initializers);
  }

  private TensorData stored(Matrix matrix) {
    double[] values = (isOutIn ? matrix : matrix.transposed()).toArray();
    var floats = new float[values.length];
    for (int i = 0; i < floats.length; i++) {
      floats[i] = (float) values[i];
    }
    return TensorData.floats(isOutIn ? Shape.of(out, in) : Shape.of(in, out), floats);
  }
}

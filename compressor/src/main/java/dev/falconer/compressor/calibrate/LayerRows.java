package dev.falconer.compressor.calibrate;

import dev.falconer.compressor.layer.LinearLayer;
import dev.falconer.compressor.layer.LinearLayer.Tap;
import dev.falconer.compressor.onnx.DType;
import dev.falconer.compressor.onnx.Graph;
import dev.falconer.compressor.onnx.Node;
import dev.falconer.compressor.onnx.NumericTensor;
import dev.falconer.compressor.onnx.Shape;
import java.util.List;

/**
 * Turns what a tap reads into the rows [rows, in] that its layer multiplies: a row times the
 * layer's weight [out, in], transposed, is what the node computes before its bias.
 *
 * <ul>
 *   <li>MatMul, Gemm, Attention: the last axis is a row. Nothing is copied.
 *   <li>Gemm and FusedMatMul with transA: the last two axes are exchanged first.
 *   <li>Conv: a row is a window, channel by channel; windows in the order of the output [batch,
 *       height, width]. Padding reads as 0.
 * </ul>
 */
public final class LayerRows {
  private final LinearLayer layer;
  private final Tap tap;
  private final boolean isTransposed;
  private final List<Window> windows;

  private LayerRows(LinearLayer layer, Tap tap, boolean isTransposed, List<Window> windows) {
    this.layer = layer;
    this.tap = tap;
    this.isTransposed = isTransposed;
    this.windows = List.copyOf(windows);
  }

  /** Returns the rows of one tap of a layer of the graph. */
  public static LayerRows of(Graph graph, LinearLayer layer, Tap tap) {
    Node node =
        graph.nodes().stream()
            .filter(each -> each.name().equals(tap.node()))
            .findFirst()
            .orElseThrow(
                () -> new IllegalArgumentException("no node \"" + tap.node() + "\" in the graph"));
    return new LayerRows(
        layer,
        tap,
        node.intAttribute("transA", 0) != 0,
        layer.isConv() ? Window.of(node, layer.kernel()) : List.of());
  }

  /**
   * Returns the rows of a value, in its type: over the same memory where they lie so already.
   *
   * @throws IllegalArgumentException for a value that the layer cannot multiply
   */
  public NumericTensor of(NumericTensor value) {
    Shape shape = value.shape();
    if (!windows.isEmpty()) {
      if (shape.rank() != windows.size() + 2
          || shape.dim(1) * layer.positions() != layer.in()
          || !isWide(value)) {
        throw unfit(value);
      }
      return new Windows(windows, shape).of(value);
    }
    NumericTensor lying = isTransposed && shape.rank() >= 2 ? exchanged(value) : value;
    if (shape.rank() == 0 || lying.shape().dim(-1) != layer.in()) {
      throw unfit(value);
    }
    return lying.reshaped(Shape.of(shape.size() / layer.in(), layer.in()));
  }

  private static boolean isWide(NumericTensor value) {
    return value.dtype() == DType.FLOAT32 || value.dtype() == DType.FLOAT64;
  }

  private IllegalArgumentException unfit(NumericTensor value) {
    return new IllegalArgumentException(
        "\"%s\" of node \"%s\" is %s, which makes no rows of %d inputs%s"
            .formatted(
                tap.input(),
                tap.node(),
                value,
                layer.in(),
                windows.isEmpty()
                    ? ""
                    : " from windows over %d axes of float32".formatted(windows.size())));
  }

  private static NumericTensor exchanged(NumericTensor value) {
    long[] dims = value.shape().dims();
    int rows = (int) dims[dims.length - 2];
    int columns = (int) dims[dims.length - 1];
    dims[dims.length - 2] = columns;
    dims[dims.length - 1] = rows;
    NumericTensor result = NumericTensor.allocate(value.dtype(), Shape.of(dims));
    int width = value.dtype().bytes();
    long matrices = value.shape().size() / Math.max(1, (long) rows * columns);
    for (long m = 0; m < matrices; m++) {
      long from = m * rows * columns;
      for (int r = 0; r < rows; r++) {
        for (int c = 0; c < columns; c++) {
          java.lang.foreign.MemorySegment.copy(
              value.bytes(),
              (from + (long) r * columns + c) * width,
              result.bytes(),
              (from + (long) c * rows + r) * width,
              width);
        }
      }
    }
    return result;
  }
}

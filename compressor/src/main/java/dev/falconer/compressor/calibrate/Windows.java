package dev.falconer.compressor.calibrate;

import dev.falconer.compressor.onnx.DType;
import dev.falconer.compressor.onnx.NumericTensor;
import dev.falconer.compressor.onnx.Shape;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.List;

/** All windows of a Conv over inputs of one shape [batch, channels, axes...]. */
final class Windows {
  private static final int PADDING = -1;

  private final int batch;
  private final int channels;
  private final int plane;
  private final int kernel;

  /** Index in a channel's plane by output position and kernel position, or padding. */
  private final int[] sources;

  Windows(List<Window> windows, Shape shape) {
    batch = Math.toIntExact(shape.dim(0));
    channels = Math.toIntExact(shape.dim(1));
    plane = Math.toIntExact(shape.size() / Math.max(1, (long) batch * channels));
    int[] along = {0};
    int width = 1;
    for (int axis = 0; axis < windows.size(); axis++) {
      Window window = windows.get(axis);
      along = extended(along, width, window, Math.toIntExact(shape.dim(axis + 2)));
      width *= window.kernel();
    }
    sources = along;
    kernel = width;
  }

  /** Returns the sources with one more axis, from those of the axes before [outputs, kernel]. */
  private static int[] extended(int[] before, int width, Window window, int length) {
    int outputs = window.outputs(length);
    int first = window.first(length);
    int kernel = window.kernel();
    var after = new int[Math.multiplyExact(before.length, Math.multiplyExact(outputs, kernel))];
    int at = 0;
    for (int row = 0; row < before.length / width; row++) {
      for (int o = 0; o < outputs; o++) {
        for (int b = row * width; b < (row + 1) * width; b++) {
          for (int k = 0; k < kernel; k++) {
            int index = first + o * window.stride() + k * window.dilation();
            boolean isInside = before[b] != PADDING && index >= 0 && index < length;
            after[at++] = isInside ? before[b] * length + index : PADDING;
          }
        }
      }
    }
    return after;
  }

  /** Returns the rows [batch · outputs, channels · kernel] of a value of that shape. */
  NumericTensor of(NumericTensor value) {
    int outputs = sources.length / kernel;
    NumericTensor rows =
        NumericTensor.allocate(
            value.dtype(), Shape.of((long) batch * outputs, (long) channels * kernel));
    MemorySegment from = value.bytes();
    MemorySegment to = rows.bytes();
    boolean isDouble = value.dtype() == DType.FLOAT64;
    long at = 0;
    for (int n = 0; n < batch; n++) {
      for (int o = 0; o < outputs; o++) {
        for (int c = 0; c < channels; c++) {
          long origin = ((long) n * channels + c) * plane;
          for (int k = 0; k < kernel; k++, at++) {
            int source = sources[o * kernel + k];
            if (source == PADDING) {
              continue;
            }
            if (isDouble) {
              to.setAtIndex(
                  ValueLayout.JAVA_DOUBLE_UNALIGNED,
                  at,
                  from.getAtIndex(ValueLayout.JAVA_DOUBLE_UNALIGNED, origin + source));
            } else {
              to.setAtIndex(
                  ValueLayout.JAVA_FLOAT_UNALIGNED,
                  at,
                  from.getAtIndex(ValueLayout.JAVA_FLOAT_UNALIGNED, origin + source));
            }
          }
        }
      }
    }
    return rows;
  }
}

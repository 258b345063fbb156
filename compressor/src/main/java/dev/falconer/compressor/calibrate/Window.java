package dev.falconer.compressor.calibrate;

import dev.falconer.compressor.onnx.Node;
import java.util.ArrayList;
import java.util.List;

/**
 * How a Conv steps along one axis.
 *
 * @param kernel positions
 * @param stride between outputs
 * @param dilation between positions
 * @param padding how it is padded
 * @param begin padding before the axis, for {@link Padding#GIVEN}
 * @param end padding after it, for {@link Padding#GIVEN}
 */
record Window(int kernel, int stride, int dilation, Padding padding, int begin, int end) {
  /** Where padding comes from: the attribute auto_pad. */
  enum Padding {
    /** From the attribute pads, 0 without. */
    GIVEN,
    /** As many outputs as strides; an odd one more at the end. */
    SAME_UPPER,
    /** As many outputs as strides; an odd one more at the beginning. */
    SAME_LOWER
  }

  /** Returns the windows along each axis of a Conv's kernel. */
  static List<Window> of(Node node, List<Integer> kernel) {
    long[] strides = node.intsAttribute("strides");
    long[] dilations = node.intsAttribute("dilations");
    long[] pads = node.intsAttribute("pads");
    String mode = node.textAttribute("auto_pad", "NOTSET");
    Padding padding =
        switch (mode) {
          case "NOTSET", "", "VALID" -> Padding.GIVEN;
          case "SAME_UPPER" -> Padding.SAME_UPPER;
          case "SAME_LOWER" -> Padding.SAME_LOWER;
          default ->
              throw new IllegalArgumentException(
                  "node \"%s\": auto_pad is \"%s\"".formatted(node.name(), mode));
        };
    int axes = kernel.size();
    boolean isPadded = pads.length == 2 * axes && !mode.equals("VALID");
    var windows = new ArrayList<Window>();
    for (int axis = 0; axis < axes; axis++) {
      windows.add(
          new Window(
              kernel.get(axis),
              strides.length == axes ? (int) strides[axis] : 1,
              dilations.length == axes ? (int) dilations[axis] : 1,
              padding,
              isPadded ? (int) pads[axis] : 0,
              isPadded ? (int) pads[axes + axis] : 0));
    }
    return windows;
  }

  /** Returns the number of outputs along an axis, 0 where the kernel doesn't fit. */
  int outputs(int length) {
    return padding == Padding.GIVEN
        ? Math.max(0, Math.floorDiv(length + begin + end - reach(), stride) + 1)
        : Math.ceilDiv(length, stride);
  }

  /** Returns where on the axis the first window begins, not above 0. */
  int first(int length) {
    int total = Math.max(0, (outputs(length) - 1) * stride + reach() - length);
    return switch (padding) {
      case GIVEN -> -begin;
      case SAME_UPPER -> -(total / 2);
      case SAME_LOWER -> -(total - total / 2);
    };
  }

  private int reach() {
    return (kernel - 1) * dilation + 1;
  }
}

package dev.falconer.compressor.structure;

import dev.falconer.compressor.onnx.Shape;
import java.util.Arrays;

/** Operators that work along an axis, which must not be the groups'. */
final class Along {
  /** The version from which softmax is along one axis, not along all from one on. */
  private static final int SOFTMAX_OF_ONE_AXIS = 13;

  private Along() {}

  static void softmax(Touch touch) {
    boolean flattens = touch.opset() < SOFTMAX_OF_ONE_AXIS;
    int axis = axis(touch, touch.node().intAttribute("axis", flattens ? 1 : -1));
    if (flattens ? touch.axis() >= axis : touch.axis() == axis) {
      throw touch.refuse("normalises over them");
    }
    touch.through(touch.axis(), touch.axis());
  }

  static void layerNorm(Touch touch) {
    boolean isParameter = !touch.isOutput() && touch.slot() > 0;
    if (isParameter || touch.axis() >= axis(touch, touch.node().intAttribute("axis", -1))) {
      throw touch.refuse("normalises over them");
    }
    touch.onlyFirstOutput();
    touch.through(touch.axis(), touch.axis());
  }

  /** LpNormalization by its attribute, CumSum by its second input. */
  static void along(Touch touch) {
    long[] given = touch.integers(1);
    boolean isOpen = touch.has(1) && given == null;
    long axis = given == null ? touch.node().intAttribute("axis", -1) : given[0];
    if (isOpen || touch.axis() == axis(touch, axis)) {
      throw touch.refuse("works along them");
    }
    touch.through(touch.axis(), touch.axis());
  }

  static void reduce(Touch touch) {
    Shape in = touch.in(0);
    boolean[] isReduced = reduced(touch, in.rank());
    boolean keeps = touch.node().intAttribute("keepdims", 1) != 0;
    int out = 0;
    for (int axis = 0; axis < in.rank(); axis++) {
      boolean isOwn = touch.isOutput() ? out == touch.axis() : axis == touch.axis();
      if (isReduced[axis] && isOwn && (keeps || !touch.isOutput())) {
        throw touch.refuse("sums over them");
      }
      if (!isReduced[axis] && isOwn) {
        touch.through(axis, out);
        return;
      }
      out += isReduced[axis] && !keeps ? 0 : 1;
    }
    throw touch.refuse("has another number of axes");
  }

  private static boolean[] reduced(Touch touch, int rank) {
    long[] axes = touch.node().intsAttribute("axes");
    long[] given = touch.integers(1);
    if (touch.has(1) && given == null) {
      throw touch.refuse("computes its axes");
    }
    axes = given == null ? axes : given;
    var isReduced = new boolean[rank];
    if (axes.length == 0) {
      Arrays.fill(isReduced, touch.node().intAttribute("noop_with_empty_axes", 0) == 0);
    }
    for (long axis : axes) {
      isReduced[(int) (axis < 0 ? axis + rank : axis)] = true;
    }
    return isReduced;
  }

  /** Returns an axis counted from the front. */
  static int axis(Touch touch, long axis) {
    return Math.toIntExact(axis < 0 ? axis + touch.own().rank() : axis);
  }
}

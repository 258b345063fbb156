package dev.falconer.compressor.structure;

import dev.falconer.compressor.onnx.Shape;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

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

  static void concat(Touch touch) {
    if (touch.axis() == axis(touch, touch.node().intAttribute("axis", 0))) {
      throw touch.refuse("joins them with others");
    }
    for (int i = 0; i < touch.node().inputs().size(); i++) {
      touch.input(i, touch.axis(), touch.groups(), joined(touch, i));
    }
    touch.output(0, touch.axis(), touch.groups());
  }

  private static String joined(Touch touch, int input) {
    return "\"%s\" (Concat) puts them beside \"%s\": "
        .formatted(touch.node().name(), touch.node().input(input));
  }

  /** Equal parts of the groups' axis, as queries, keys and values are, each hold all groups. */
  static void split(Touch touch) {
    int parts = touch.node().outputs().size();
    int axis = axis(touch, touch.node().intAttribute("axis", 0));
    Groups groups = touch.groups();
    if (touch.axis() != axis) {
      touch.input(0, touch.axis(), groups);
      for (int i = 0; i < parts; i++) {
        touch.output(i, touch.axis(), groups);
      }
      return;
    }
    for (int i = 0; i < parts; i++) {
      if (touch.out(i).dim(axis) * parts != touch.in(0).dim(axis)) {
        throw touch.refuse("cuts them into unequal parts");
      }
    }
    if (!touch.isOutput() && groups.outer() % parts != 0) {
      throw touch.refuse("cuts through them");
    }
    int outer = touch.isOutput() ? groups.outer() : groups.outer() / parts;
    var part = new Groups(outer, groups.count(), groups.inner());
    touch.input(0, axis, new Groups(outer * parts, groups.count(), groups.inner()));
    for (int i = 0; i < parts; i++) {
      touch.output(i, axis, part);
    }
    if (touch.has(1)) {
      for (int i = 0; i < parts; i++) {
        Lengths.count(touch, 1, i, part);
      }
    }
    touch.change(new Change.Numbers(touch.node().name(), "split", part));
  }

  static void slice(Touch touch) {
    if (!touch.isOutput() && touch.slot() > 0) {
      throw touch.refuse("takes its bounds from them");
    }
    boolean isOwn;
    if (touch.node().attributes().containsKey("starts")) {
      long[] axes = touch.node().intsAttribute("axes");
      isOwn = names(touch, axes.length == 0 ? null : axes, touch.node().intsAttribute("starts"));
    } else {
      long[] axes = touch.integers(3);
      if (touch.has(3) && axes == null) {
        throw touch.refuse("computes its axes");
      }
      isOwn = names(touch, axes, new long[Math.toIntExact(touch.in(1).dim(0))]);
    }
    if (isOwn) {
      throw touch.refuse("takes some of them");
    }
    touch.through(touch.axis(), touch.axis());
  }

  private static boolean names(Touch touch, long @Nullable [] axes, long[] starts) {
    for (int i = 0; i < starts.length; i++) {
      if (axis(touch, axes == null ? i : axes[i]) == touch.axis()) {
        return true;
      }
    }
    return false;
  }

  static void pad(Touch touch) {
    int axis = touch.axis();
    if ((!touch.isOutput() && touch.slot() > 0)
        || touch.in(0).dim(axis) != touch.out(0).dim(axis)) {
      throw touch.refuse("pads them");
    }
    touch.through(axis, axis);
  }

  static void gather(Touch touch) {
    int rank = touch.in(0).rank();
    int picked = touch.in(1).rank();
    long given = touch.node().intAttribute("axis", 0);
    int axis = Math.toIntExact(given < 0 ? given + rank : given);
    if (!touch.isOutput() && touch.slot() == 1) {
      throw touch.refuse("takes its places from them");
    }
    if (touch.isOutput()) {
      if (touch.axis() >= axis && touch.axis() < axis + picked) {
        throw touch.refuse("picks them");
      }
      int own = touch.axis() < axis ? touch.axis() : touch.axis() - picked + 1;
      touch.through(own, touch.axis());
    } else {
      if (touch.axis() == axis) {
        throw touch.refuse("picks some of them");
      }
      int own = touch.axis() < axis ? touch.axis() : touch.axis() + picked - 1;
      touch.through(touch.axis(), own);
    }
  }

  private static int axis(Touch touch, long axis) {
    return Math.toIntExact(axis < 0 ? axis + touch.own().rank() : axis);
  }
}

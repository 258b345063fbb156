package dev.falconer.compressor.structure;

import java.util.List;

/** Operators that join and take pieces of values. */
final class Pieces {
  private Pieces() {}

  static void concat(Touch touch) {
    if (touch.axis() == Along.axis(touch, touch.node().intAttribute("axis", 0))) {
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
    int axis = Along.axis(touch, touch.node().intAttribute("axis", 0));
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
    boolean isOld = touch.node().attributes().containsKey("starts");
    long[] axes = isOld ? attribute(touch, "axes") : bounds(touch, 3);
    long[] starts = isOld ? attribute(touch, "starts") : bounds(touch, 1);
    long[] steps = isOld ? new long[0] : bounds(touch, 4);
    for (int i = 0; i < starts.length; i++) {
      if (Along.axis(touch, axes.length == 0 ? i : axes[i]) == touch.axis()) {
        long step = steps.length == 0 ? 1 : steps[i];
        if (isOld || step != 1) {
          throw touch.refuse("takes some of them");
        }
        part(touch, i, starts[i]);
        return;
      }
    }
    touch.through(touch.axis(), touch.axis());
  }

  /** One of several equal parts, as queries are of queries, keys and values. */
  private static void part(Touch touch, int place, long start) {
    long whole = touch.in(0).dim(touch.axis());
    long length = touch.out(0).dim(touch.axis());
    if (length == 0 || whole % length != 0 || start % length != 0) {
      throw touch.refuse("takes some of them");
    }
    int parts = Math.toIntExact(whole / length);
    Groups groups = touch.groups();
    if (!touch.isOutput() && groups.outer() % parts != 0) {
      throw touch.refuse("cuts through them");
    }
    int outer = touch.isOutput() ? groups.outer() : groups.outer() / parts;
    var part = new Groups(outer, groups.count(), groups.inner());
    touch.output(0, touch.axis(), part);
    touch.input(0, touch.axis(), new Groups(outer * parts, groups.count(), groups.inner()));
    Lengths.count(touch, 1, place, part);
    Lengths.count(touch, 2, place, part);
  }

  private static long[] attribute(Touch touch, String key) {
    return touch.node().intsAttribute(key);
  }

  /** Returns the elements of an input as a run gave them; none where there is no input. */
  private static long[] bounds(Touch touch, int index) {
    List<Long> computed = touch.tracing().around().shapes().bounds().get(touch.node().input(index));
    if (computed != null) {
      return computed.stream().mapToLong(Long::longValue).toArray();
    }
    long[] constant = touch.integers(index);
    if (constant == null && touch.has(index)) {
      throw touch.refuse("reads bounds from \"" + touch.node().input(index) + "\", an input");
    }
    return constant == null ? new long[0] : constant;
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
}

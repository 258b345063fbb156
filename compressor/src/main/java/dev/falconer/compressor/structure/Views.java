package dev.falconer.compressor.structure;

import dev.falconer.compressor.onnx.Shape;
import java.util.ArrayList;

/** Operators that give the same elements other axes. */
final class Views {
  private Views() {}

  static void reshape(Touch touch) {
    Mark mark = regrouped(touch);
    Lengths.count(touch, 1, mark.axis(), mark.groups());
  }

  static void regroup(Touch touch) {
    regrouped(touch);
  }

  /** Marks the other side and returns the mark of the output. */
  private static Mark regrouped(Touch touch) {
    if (!touch.isOutput() && touch.slot() != 0) {
      throw touch.refuse("takes lengths from them");
    }
    Shape from = touch.own();
    Shape to = touch.isOutput() ? touch.in(0) : touch.out(0);
    if (from.size() == 0 || to.size() != from.size()) {
      throw touch.refuse("was run on nothing");
    }
    long step = behind(from, touch.axis()) * touch.groups().inner();
    long span = step * touch.groups().count();
    int axis = axis(to, step, span);
    if (axis < 0) {
      throw coarser(touch, to, step, span);
    }
    long own = behind(to, axis);
    Groups groups =
        new Groups(
            Math.toIntExact(own * to.dim(axis) / span),
            touch.groups().count(),
            Math.toIntExact(step / own));
    if (touch.isOutput()) {
      touch.input(0, axis, groups);
      return touch.mark();
    }
    touch.output(0, axis, groups);
    return new Mark(axis, groups);
  }

  /** Returns the axis whose steps hold all groups, or -1. */
  private static int axis(Shape shape, long step, long span) {
    for (int axis = 0; axis < shape.rank(); axis++) {
      long own = behind(shape, axis);
      long all = own * shape.dim(axis);
      if (own <= step && step % own == 0 && all >= span && all % span == 0) {
        return axis;
      }
    }
    return -1;
  }

  /** Each axis that holds a part of the groups' index may be what groups are told apart by. */
  private static RuntimeException coarser(Touch touch, Shape to, long step, long span) {
    var options = new ArrayList<Regroup.Option>();
    for (int axis = 0; axis < to.rank(); axis++) {
      long low = Math.max(behind(to, axis), step);
      long high = Math.min(behind(to, axis) * to.dim(axis), span);
      if (high > low && low % step == 0 && high % low == 0 && span % high == 0) {
        options.add(new Regroup.Option(Math.toIntExact(high / low), Math.toIntExact(low / step)));
      }
    }
    return options.isEmpty()
        ? touch.refuse("turns %s into %s, across them".formatted(touch.own(), to))
        : new Regroup(options);
  }

  /** Returns the number of elements between neighbours along an axis. */
  private static long behind(Shape shape, int axis) {
    long size = 1;
    for (int i = axis + 1; i < shape.rank(); i++) {
      size *= shape.dim(i);
    }
    return size;
  }

  static void transpose(Touch touch) {
    int rank = touch.own().rank();
    var permutation = new int[rank];
    long[] given = touch.node().intsAttribute("perm");
    for (int i = 0; i < rank; i++) {
      permutation[i] = given.length == 0 ? rank - 1 - i : (int) given[i];
    }
    for (int i = 0; i < rank; i++) {
      if (touch.isOutput() ? i == touch.axis() : permutation[i] == touch.axis()) {
        touch.through(permutation[i], i);
        return;
      }
    }
    throw touch.refuse("has another number of axes");
  }

  static void expand(Touch touch) {
    Shape in = touch.in(0);
    Shape out = touch.out(0);
    int fromEnd = touch.own().rank() - touch.axis();
    if (in.rank() < fromEnd
        || in.dim(in.rank() - fromEnd) != out.dim(out.rank() - fromEnd)
        || (!touch.isOutput() && touch.slot() != 0)) {
      throw touch.refuse("repeats one value for all of them");
    }
    touch.through(in.rank() - fromEnd, out.rank() - fromEnd);
    // The vector of lengths may be shorter than the output's axes.
    int axis = Math.toIntExact(touch.in(1).dim(0)) - fromEnd;
    if (axis >= 0) {
      Lengths.count(touch, 1, axis, touch.groups());
    }
  }

  /** Lengths follow the values by themselves when the graph runs. */
  static void lengths(Touch touch) {
    if (touch.isOutput()) {
      throw touch.refuse("gives lengths");
    }
  }
}

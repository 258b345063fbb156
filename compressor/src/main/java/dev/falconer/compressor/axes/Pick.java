package dev.falconer.compressor.axes;

import dev.falconer.compressor.onnx.DType;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/** Operators that put tensors together along an axis, and those that take parts of one. */
final class Pick {
  private Pick() {}

  static Known concat(Scope scope) {
    var parts = IntStream.range(0, scope.count()).mapToObj(scope::in).toList();
    Known first = parts.getFirst();
    int axis = scope.axis(scope.node().intAttribute("axis", 0), first.rank());
    Poly total = Poly.ZERO;
    for (Known part : parts) {
      scope.keepsRows(part, axis, "puts something beside");
      total = total.plus(part.axis(axis).length());
    }
    var axes = new ArrayList<Axis>();
    for (int i = 0; i < first.rank(); i++) {
      Axis joined = parts.getFirst().axis(i);
      for (Known part : parts) {
        if (i != axis && !joined.length().equals(part.axis(i).length())) {
          throw scope.meet(i, joined.length(), part.axis(i).length());
        }
        joined = i == axis ? joined : scope.join(i, joined, part.axis(i));
      }
      axes.add(i == axis ? Axis.of(total, false, true) : joined);
    }
    boolean bounded = parts.stream().allMatch(part -> same(part, first));
    return new Known(
        first.dtype(),
        axes,
        scope.colour(),
        first.rank() == 1 ? appended(parts) : null,
        bounded ? first.low() : null,
        bounded ? first.high() : null);
  }

  private static boolean same(Known a, Known b) {
    return Bounds.same(a.low(), b.low()) && Bounds.same(a.high(), b.high());
  }

  private static @Nullable List<Poly> appended(List<Known> parts) {
    var values = new ArrayList<Poly>();
    for (Known part : parts) {
      if (part.values() == null) {
        return null;
      }
      values.addAll(part.values());
    }
    return values;
  }

  static Known slice(Scope scope) {
    Known in = scope.in(0);
    boolean old = scope.node().attributes().containsKey("starts");
    List<Poly> starts = old ? attribute(scope, "starts") : scope.polys(1);
    List<Poly> ends = old ? attribute(scope, "ends") : scope.polys(2);
    long[] axes = scope.axes(3);
    long[] steps = scope.has(4) ? scope.integers(4) : null;
    var result = new ArrayList<>(in.axes());
    List<Poly> values = in.values();
    for (int i = 0; i < starts.size(); i++) {
      int axis = axes == null ? i : scope.axis(axes[i], in.rank());
      Poly length = in.axis(axis).length();
      if (!takesAll(starts.get(i), ends.get(i), length)) {
        scope.keepsRows(in, axis, "picks among");
      }
      Poly start = bound(scope, starts.get(i), length);
      Poly end = bound(scope, ends.get(i), length);
      if (steps != null && steps[i] != 1) {
        scope.keepsRows(in, axis, "steps over");
        result.set(axis, stepped(scope, length, start, end, steps[i]));
        values = null;
        continue;
      }
      if (start.is(0) && end.equals(length)) {
        continue;
      }
      result.set(axis, Axis.of(end.minus(start), false, in.axis(axis).varies()));
      values =
          values == null || !start.isInteger() || !end.isInteger()
              ? null
              : values.subList(
                  (int) start.integer(), (int) Math.max(start.integer(), end.integer()));
    }
    return new Known(in.dtype(), result, in.colour(), values, in.low(), in.high());
  }

  private static boolean takesAll(Poly start, Poly end, Poly length) {
    boolean open = end.isInteger() && end.integer() >= Integer.MAX_VALUE;
    return start.is(0) && (open || end.equals(length));
  }

  private static List<Poly> attribute(Scope scope, String key) {
    return Arrays.stream(scope.node().intsAttribute(key)).mapToObj(Poly::of).toList();
  }

  /** Returns a slice bound counted from the front and not past the end. */
  private static Poly bound(Scope scope, Poly given, Poly length) {
    if (given.isInteger() && given.integer() <= -Integer.MAX_VALUE) {
      return Poly.ZERO;
    }
    if (given.isInteger() && given.integer() < 0) {
      Poly counted = length.plus(given);
      if (counted.isInteger()) {
        return Poly.of(Math.max(0, counted.integer()));
      }
      scope.require(
          counted,
          scope.unsupported(
              "a slice from " + given + " of an axis of length " + length,
              "export it as a fixed slice"));
      return counted;
    }
    if (given.isInteger() && given.integer() >= Integer.MAX_VALUE) {
      return length;
    }
    if (given.isInteger() && length.isInteger()) {
      return Poly.of(Math.min(given.integer(), length.integer()));
    }
    if (!given.is(0)) {
      scope.require(
          length.minus(given),
          scope.unsupported(
              "a slice up to " + given + " of an axis of length " + length,
              "export it as a fixed slice"));
    }
    return given;
  }

  private static Axis stepped(Scope scope, Poly length, Poly start, Poly end, long step) {
    if (step == -1) {
      return Axis.of(length, false, true);
    }
    if (!start.isInteger() || !end.isInteger() || step < 1) {
      throw scope.unsupported("a step of " + step, "export it with step 1");
    }
    return Axis.of(Math.ceilDiv(end.integer() - start.integer(), step));
  }

  static List<Known> split(Scope scope) {
    Known in = scope.in(0);
    int axis = scope.axis(scope.node().intAttribute("axis", 0), in.rank());
    scope.keepsRows(in, axis, "splits");
    int count = scope.node().outputs().size();
    long[] sizes = scope.has(1) ? scope.integers(1) : scope.node().intsAttribute("split");
    if (sizes.length == 0) {
      long total = in.axis(axis).length().integer();
      long part = Math.ceilDiv(total, count);
      sizes = new long[count];
      Arrays.fill(sizes, part);
      sizes[count - 1] = total - part * (count - 1);
    }
    var results = new ArrayList<Known>();
    int from = 0;
    for (long size : sizes) {
      var axes = new ArrayList<>(in.axes());
      axes.set(axis, Axis.of(size));
      List<Poly> values = in.values() == null ? null : in.values().subList(from, from + (int) size);
      from += (int) size;
      results.add(new Known(in.dtype(), axes, in.colour(), values, in.low(), in.high()));
    }
    return results;
  }

  static Known gather(Scope scope) {
    Known data = scope.in(0);
    Known indices = scope.in(1);
    int axis = scope.axis(scope.node().intAttribute("axis", 0), data.rank());
    if (data.values() != null
        && indices.values() != null
        && indices.values().stream().allMatch(Poly::isInteger)) {
      List<Poly> all = data.values();
      var values =
          indices.values().stream()
              .map(Poly::integer)
              .map(index -> all.get((int) (index < 0 ? index + all.size() : index)))
              .toList();
      return indices.rank() == 0
          ? Known.scalar(data.dtype(), values.getFirst())
          : Known.vector(data.dtype(), values);
    }
    scope.keepsRows(data, axis, "picks among");
    var axes = new ArrayList<>(data.axes().subList(0, axis));
    axes.addAll(indices.axes());
    axes.addAll(data.axes().subList(axis + 1, data.rank()));
    return new Known(data.dtype(), axes, scope.colour(), null, data.low(), data.high());
  }

  static Known gatherElements(Scope scope) {
    Known data = scope.in(0);
    Known indices = scope.in(1);
    int axis = scope.axis(scope.node().intAttribute("axis", 0), data.rank());
    scope.keepsRows(data, axis, "picks among");
    for (int i = 0; i < data.rank(); i++) {
      if (i != axis && data.axis(i).hasRows() != indices.axis(i).hasRows()) {
        throw scope.mixes(i, "picks by position among");
      }
    }
    return Known.of(data.dtype(), indices.axes(), scope.colour());
  }

  /** Puts elements around: axes grow, and something differs along them. */
  static Known pad(Scope scope) {
    Known in = scope.in(0);
    long[] pads =
        scope.node().attributes().containsKey("pads")
            ? scope.node().intsAttribute("pads")
            : scope.integers(1);
    int count = pads.length / 2;
    long[] axes =
        scope.has(3) ? scope.integers(3) : IntStream.range(0, count).asLongStream().toArray();
    var result = new ArrayList<>(in.axes());
    for (int i = 0; i < count; i++) {
      int axis = scope.axis(axes[i], in.rank());
      if (pads[i] != 0 || pads[count + i] != 0) {
        scope.keepsRows(in, axis, "puts something beside");
        Poly length = in.axis(axis).length().plus(pads[i] + pads[count + i]);
        result.set(axis, Axis.of(length, false, true));
      }
    }
    return Known.of(in.dtype(), result, scope.colour());
  }

  static Known trilu(Scope scope) {
    Known in = scope.in(0);
    scope.keepsRows(in, -1, "compares positions of");
    scope.keepsRows(in, -2, "compares positions of");
    var axes = new ArrayList<>(in.axes());
    for (int i = axes.size() - 2; i < axes.size(); i++) {
      axes.set(i, Axis.of(axes.get(i).length(), false, true));
    }
    return Known.of(in.dtype() == DType.BOOL ? DType.BOOL : in.dtype(), axes, scope.colour());
  }
}

package dev.falconer.compressor.axes;

import dev.falconer.compressor.axes.SplitRefusal.Code;
import dev.falconer.compressor.onnx.Node;
import java.math.BigInteger;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.List;

/**
 * Operators that move or regroup axes without touching elements. Reshape walks the flattened atoms
 * in order: integers split and merge, named lengths never, so {@code [m, h, n]} to {@code [m*h, n]}
 * is understood and {@code [m, 2]} to {@code [m/2, 4]} is refused.
 */
final class Regroup {
  private static final String DYNAMIC = "export with a dynamic batch axis";

  private Regroup() {}

  static Known reshape(Scope scope) {
    Known in = scope.in(0);
    List<Poly> target = new ArrayList<>(scope.polys(1));
    boolean allowZero = scope.node().intAttribute("allowzero", 0) == 1;
    int free = -1;
    Poly product = Poly.ONE;
    for (int i = 0; i < target.size(); i++) {
      if (target.get(i).is(0) && !allowZero) {
        target.set(i, in.axis(i).length());
      }
      if (target.get(i).is(-1)) {
        free = i;
      } else {
        product = product.times(target.get(i));
      }
    }
    if (free >= 0) {
      Poly rest = product.is(0) ? Poly.ZERO : in.size().dividedBy(product).orElse(null);
      if (rest == null) {
        throw reshapeMixes(scope, free, in, target);
      }
      target.set(free, rest);
    } else if (!product.equals(in.size())) {
      throw scope.meet(-1, in.size(), product);
    }
    return regrouped(scope, in, target);
  }

  private static RuntimeException reshapeMixes(Scope scope, int axis, Known in, List<Poly> target) {
    return scope.refuse(
        Code.RESHAPE_MIXES_ROWS,
        axis,
        in.axes() + " to " + target + " cuts through or reorders the candidates' rows",
        DYNAMIC);
  }

  private static Known regrouped(Scope scope, Known in, List<Poly> target) {
    Deque<Atom> atoms = new ArrayDeque<>();
    in.axes().forEach(axis -> atoms.addAll(axis.atoms()));
    var axes = new ArrayList<Axis>();
    for (int i = 0; i < target.size(); i++) {
      var taken = new ArrayList<Atom>();
      Poly open = target.get(i);
      while (!open.is(1)) {
        Atom next = atoms.poll();
        if (next == null) {
          throw reshapeMixes(scope, i, in, target);
        }
        var rest = open.dividedBy(next.length());
        if (rest.isPresent()) {
          taken.add(next);
          open = rest.get();
          continue;
        }
        long part = commonFactor(open, next.length());
        if (part == 1) {
          throw refused(scope, i, in, target);
        }
        Poly left = next.length().dividedBy(Poly.of(part)).orElseThrow();
        taken.add(new Atom(Poly.of(part), false, next.varies()));
        if (!left.is(1)) {
          atoms.addFirst(new Atom(left, false, next.varies()));
        }
        open = open.dividedBy(Poly.of(part)).orElseThrow();
      }
      axes.add(new Axis(merged(taken)));
    }
    boolean listed = target.size() <= 1;
    return new Known(
        in.dtype(), axes, in.colour(), listed ? in.values() : null, in.low(), in.high());
  }

  private static RuntimeException refused(Scope scope, int axis, Known in, List<Poly> target) {
    return in.axes().stream().anyMatch(Axis::hasRows)
        ? reshapeMixes(scope, axis, in, target)
        : scope.unsupported(in.axes() + " to " + target, DYNAMIC);
  }

  private static long commonFactor(Poly open, Poly atom) {
    if (!atom.isInteger() || atom.is(0)) {
      return 1;
    }
    BigInteger common = BigInteger.valueOf(atom.integer());
    for (long coefficient : open.terms().values()) {
      common = common.gcd(BigInteger.valueOf(coefficient));
    }
    return common.longValueExact();
  }

  /** Joins neighbouring integers. */
  private static List<Atom> merged(List<Atom> atoms) {
    var result = new ArrayList<Atom>();
    for (Atom atom : atoms) {
      Atom last = result.isEmpty() ? null : result.getLast();
      if (last != null
          && last.length().isInteger()
          && atom.length().isInteger()
          && last.varies() == atom.varies()) {
        result.removeLast();
        result.add(new Atom(last.length().times(atom.length()), false, atom.varies()));
      } else {
        result.add(atom);
      }
    }
    return result;
  }

  static Known flatten(Scope scope) {
    Known in = scope.in(0);
    long given = scope.node().intAttribute("axis", 1);
    int axis = Math.toIntExact(given < 0 ? given + in.rank() : given);
    Poly left = in.axes().subList(0, axis).stream().map(Axis::length).reduce(Poly.ONE, Poly::times);
    Poly right =
        in.axes().subList(axis, in.rank()).stream().map(Axis::length).reduce(Poly.ONE, Poly::times);
    return regrouped(scope, in, List.of(left, right));
  }

  static Known squeeze(Scope scope) {
    Known in = scope.in(0);
    long[] axes = scope.axes(1);
    var kept = new ArrayList<Axis>();
    var dropped =
        axes == null
            ? null
            : Arrays.stream(axes).map(axis -> scope.axis(axis, in.rank())).boxed().toList();
    for (int i = 0; i < in.rank(); i++) {
      boolean drop = dropped == null ? in.axis(i).isOne() : dropped.contains((long) i);
      if (drop && !in.axis(i).isOne()) {
        throw in.axis(i).hasRows()
            ? scope.refuse(
                Code.BATCH_BAKED,
                i,
                "squeezes the candidates' rows: they were traced as 1",
                DYNAMIC)
            : scope.meet(i, in.axis(i).length(), Poly.ONE);
      }
      if (!drop) {
        kept.add(in.axis(i));
      }
    }
    return in.withAxes(kept);
  }

  static Known unsqueeze(Scope scope) {
    Known in = scope.in(0);
    long[] axes = scope.axes(1);
    if (axes == null) {
      throw scope.unsupported("no axes", "repair the graph");
    }
    int rank = in.rank() + axes.length;
    var added = Arrays.stream(axes).map(axis -> scope.axis(axis, rank)).boxed().toList();
    var result = new ArrayList<Axis>();
    int next = 0;
    for (int i = 0; i < rank; i++) {
      result.add(added.contains((long) i) ? Axis.ONE : in.axis(next++));
    }
    return rank <= 1
        ? in.withAxes(result)
        : new Known(in.dtype(), result, in.colour(), null, in.low(), in.high());
  }

  static Known transpose(Scope scope) {
    Known in = scope.in(0);
    Node node = scope.node();
    var axes = new ArrayList<Axis>();
    if (node.attributes().containsKey("perm")) {
      for (long axis : node.intsAttribute("perm")) {
        axes.add(in.axis((int) axis));
      }
    } else {
      axes.addAll(in.axes().reversed());
    }
    return in.withAxes(axes);
  }
}

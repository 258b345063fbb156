package dev.falconer.compressor.pack;

import dev.falconer.compressor.axes.Poly;
import dev.falconer.compressor.pack.Atom.Kind;
import java.math.BigInteger;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;

/**
 * How rows, features, heads and tokens lie along a tensor's axes. An axis is a list of what was
 * merged into it, slowest first; one of length 1 is empty.
 *
 * <pre>
 * x [1, m, 32]               (), (row 0), (feature)
 * its heads [1, 2, m, 16]    (), (feature by 16), (row 0), (feature by 1)
 * </pre>
 */
record Arrangement(List<List<Atom>> axes) {
  /** Copies the lists. */
  Arrangement {
    axes = axes.stream().map(List::copyOf).toList();
  }

  /** Returns rows and, along the last axis, their features. */
  static Arrangement ofRows(List<Poly> lengths) {
    var axes = new ArrayList<List<Atom>>();
    int rows = 0;
    for (int i = 0; i < lengths.size(); i++) {
      Poly length = lengths.get(i);
      if (length.is(1)) {
        axes.add(List.of());
      } else {
        boolean isLast = i == lengths.size() - 1;
        axes.add(List.of(isLast ? Atom.feature(1, length) : Atom.row(rows++, length)));
      }
    }
    return new Arrangement(axes);
  }

  int rank() {
    return axes.size();
  }

  /** Returns an axis; negative ones count from the end. */
  List<Atom> axis(int index) {
    return axes.get(index < 0 ? index + axes.size() : index);
  }

  /** Returns an axis counted from the front, or -1 where there is none such. */
  int counted(long axis) {
    long counted = axis < 0 ? axis + rank() : axis;
    return counted >= 0 && counted < rank() ? (int) counted : -1;
  }

  boolean isOne(int index) {
    return axis(index).isEmpty();
  }

  static Poly length(List<Atom> axis) {
    return axis.stream().map(Atom::length).reduce(Poly.ONE, Poly::times);
  }

  List<Poly> lengths() {
    return axes.stream().map(Arrangement::length).toList();
  }

  /** Returns all atoms, slowest first: the order of the elements in memory. */
  List<Atom> order() {
    return axes.stream().flatMap(List::stream).toList();
  }

  boolean hasRows() {
    return order().stream().anyMatch(atom -> atom.is(Kind.ROW));
  }

  /** Returns the number of features of a row, if it is an integer. */
  Optional<Integer> features() {
    Poly all =
        order().stream()
            .filter(atom -> atom.is(Kind.FEATURE))
            .map(Atom::length)
            .reduce(Poly.ONE, Poly::times);
    return all.isInteger() && all.integer() <= Integer.MAX_VALUE
        ? Optional.of((int) all.integer())
        : Optional.empty();
  }

  /** Returns whether all features lie along the last axis in their order, and rows before. */
  boolean isFlat() {
    if (rank() == 0) {
      return false;
    }
    List<Atom> last = axis(-1);
    boolean isWhole = last.isEmpty() || (last.size() == 1 && last.getFirst().equals(whole(last)));
    return isWhole
        && axes.subList(0, rank() - 1).stream()
            .flatMap(List::stream)
            .allMatch(atom -> atom.is(Kind.ROW));
  }

  private static Atom whole(List<Atom> axis) {
    return Atom.feature(1, length(axis));
  }

  /** Returns it with another axis in a place. */
  Arrangement with(int index, List<Atom> axis) {
    var others = new ArrayList<>(axes);
    others.set(index < 0 ? index + rank() : index, axis);
    return new Arrangement(others);
  }

  /** Returns it with so many features along the last axis. */
  Arrangement withFeatures(long count) {
    return with(-1, count == 1 ? List.of() : List.of(Atom.feature(1, Poly.of(count))));
  }

  Arrangement without(int index) {
    var others = new ArrayList<>(axes);
    others.remove(index);
    return new Arrangement(others);
  }

  Arrangement transposed(long[] permutation) {
    return new Arrangement(
        IntStream.range(0, rank()).mapToObj(i -> axis((int) permutation[i])).toList());
  }

  /** Returns the same elements in the same order under other lengths, if they can be told apart. */
  Optional<Arrangement> regrouped(List<Poly> lengths) {
    Deque<Atom> atoms = new ArrayDeque<>(order());
    var result = new ArrayList<List<Atom>>();
    for (Poly length : lengths) {
      var axis = new ArrayList<Atom>();
      Poly open = length;
      while (!open.is(1)) {
        Atom next = atoms.poll();
        if (next == null) {
          return Optional.empty();
        }
        Optional<Poly> rest = open.dividedBy(next.length());
        if (rest.isPresent()) {
          append(axis, next);
          open = rest.get();
          continue;
        }
        long part = common(open, next);
        if (part == 1) {
          return Optional.empty();
        }
        long inner = next.length().integer() / part;
        append(axis, Atom.feature(next.place() * inner, Poly.of(part)));
        atoms.addFirst(Atom.feature(next.place(), Poly.of(inner)));
        open = open.dividedBy(Poly.of(part)).orElseThrow();
      }
      result.add(axis);
    }
    return atoms.isEmpty() ? Optional.of(new Arrangement(result)) : Optional.empty();
  }

  /** Only features are told apart. */
  private static long common(Poly open, Atom atom) {
    boolean isCut =
        atom.is(Kind.FEATURE)
            && atom.length().isInteger()
            && open.isInteger()
            && open.integer() > 0
            && atom.length().integer() > 0;
    return isCut
        ? BigInteger.valueOf(open.integer())
            .gcd(BigInteger.valueOf(atom.length().integer()))
            .longValueExact()
        : 1;
  }

  private static void append(List<Atom> axis, Atom next) {
    if (!axis.isEmpty() && axis.getLast().continues(next)) {
      Atom last = axis.removeLast();
      axis.add(Atom.feature(next.place(), last.length().times(next.length())));
    } else {
      axis.add(next);
    }
  }

  /** Returns it with axes of length 1 in front, so many in all. */
  Arrangement ranked(int rank) {
    var padded = new ArrayList<>(Collections.nCopies(rank - rank(), List.<Atom>of()));
    padded.addAll(axes);
    return new Arrangement(padded);
  }
}

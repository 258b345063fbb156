package dev.falconer.compressor.axes;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

/**
 * An axis as the ordered list of what was merged into it, slowest first. {@code [candidates,
 * heads]} reshaped to one axis is {@code (m, h)}: it can be split again, and only there.
 *
 * @param atoms none for an axis of length 1
 */
public record Axis(List<Atom> atoms) {
  /** An axis of length 1. */
  public static final Axis ONE = new Axis(List.of());

  /** Copies the atoms. */
  public Axis {
    atoms = List.copyOf(atoms);
  }

  /** Returns an axis of one atom, or {@link #ONE} for length 1. */
  public static Axis of(Poly length, boolean row, boolean varies) {
    return length.is(1) ? ONE : new Axis(List.of(new Atom(length, row, varies)));
  }

  /** Returns a fixed axis along which elements differ. */
  public static Axis of(long length) {
    return of(Poly.of(length), false, true);
  }

  /**
   * Returns an axis of the given length along which nothing differs. The candidates' rows are taken
   * out as an atom of their own.
   */
  static Axis repeated(Poly length, Poly row) {
    var atoms = new ArrayList<Atom>();
    Poly rest = length;
    if (!row.equals(Poly.ZERO) && length.dividedBy(row).isPresent() && !length.is(0)) {
      atoms.add(new Atom(row, true, false));
      rest = length.dividedBy(row).get();
    }
    if (!rest.is(1)) {
      atoms.add(new Atom(rest, false, false));
    }
    return new Axis(atoms);
  }

  /** Returns the number of elements along it. */
  public Poly length() {
    return atoms.stream().map(Atom::length).reduce(Poly.ONE, Poly::times);
  }

  /** Returns whether its length is 1. */
  public boolean isOne() {
    return atoms.isEmpty();
  }

  /** Returns whether it counts candidates. */
  public boolean hasRows() {
    return atoms.stream().anyMatch(Atom::row);
  }

  /** Returns whether it counts candidates that can differ. */
  public boolean mixesWhenJoined() {
    return atoms.stream().anyMatch(atom -> atom.row() && atom.varies());
  }

  /** Returns whether elements along it can differ. */
  public boolean varies() {
    return atoms.stream().anyMatch(Atom::varies);
  }

  @Override
  public String toString() {
    return atoms.isEmpty()
        ? "1"
        : atoms.stream().map(Atom::toString).collect(Collectors.joining("."));
  }
}

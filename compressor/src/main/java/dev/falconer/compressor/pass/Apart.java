package dev.falconer.compressor.pass;

import dev.falconer.compressor.axes.Atom;
import dev.falconer.compressor.axes.Axis;
import dev.falconer.compressor.axes.Known;
import dev.falconer.compressor.axes.Poly;
import java.util.ArrayList;
import java.util.List;

/**
 * A tensor whose axes may be stored as several.
 *
 * @param name of the tensor stored
 * @param groups for each axis of the original the lengths stored, at least one
 */
record Apart(String name, List<List<Poly>> groups) {
  Apart {
    groups = groups.stream().map(List::copyOf).toList();
  }

  /** Returns the lengths that a tensor's axes are stored as. */
  static List<List<Poly>> groups(Known known) {
    return known.axes().stream().map(Apart::group).toList();
  }

  private static List<Poly> group(Axis axis) {
    var group = new ArrayList<Poly>();
    boolean open = false;
    for (Atom atom : axis.atoms()) {
      boolean integer = atom.length().isInteger() && !atom.row();
      if (integer && open) {
        group.set(group.size() - 1, group.getLast().times(atom.length()));
      } else {
        group.add(atom.length());
      }
      open = integer;
    }
    return group.isEmpty() ? List.of(Poly.ONE) : group;
  }

  static boolean isMerged(List<List<Poly>> groups) {
    return groups.stream().anyMatch(group -> group.size() > 1);
  }

  int rank() {
    return groups.size();
  }

  boolean isSingle(int axis) {
    return groups.get(axis).size() == 1;
  }

  /** Returns the first axis stored for an axis of the original. */
  int stored(int axis) {
    return groups.subList(0, axis).stream().mapToInt(List::size).sum();
  }

  /** Returns the lengths stored. */
  List<Poly> flat() {
    return groups.stream().flatMap(List::stream).toList();
  }
}

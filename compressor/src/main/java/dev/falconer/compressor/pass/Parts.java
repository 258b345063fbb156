package dev.falconer.compressor.pass;

import dev.falconer.compressor.axes.Poly;
import java.util.List;

/**
 * A tensor that is still apart: what it is made of, along one axis.
 *
 * @param axis counted from the front
 * @param names of the parts, in order
 * @param lengths of the parts along the axis
 */
record Parts(int axis, List<String> names, List<Poly> lengths) {
  Parts {
    names = List.copyOf(names);
    lengths = List.copyOf(lengths);
  }

  int count() {
    return names.size();
  }
}

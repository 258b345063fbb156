package dev.falconer.compressor.pass;

import dev.falconer.compressor.axes.Poly;
import dev.falconer.compressor.onnx.TensorData;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Writes the shape operand of a Reshape: lengths that are no integers are copied or measured. */
final class ReshapeTarget {
  /** Makes nodes. */
  interface Writer {
    String constant(String base, TensorData value);

    /** Returns the length of an axis, a vector of one. */
    String measure(String base, String name, int axis);

    String join(String base, List<String> vectors);
  }

  private ReshapeTarget() {}

  /**
   * Returns the name of the shape, null when it can't be told from the tensor's own axes.
   *
   * @param from lengths of the tensor reshaped
   * @param to lengths wanted
   */
  static @Nullable String of(
      String base, String tensor, List<Poly> from, List<Poly> to, Writer writer) {
    long named = to.stream().filter(length -> !length.isInteger()).count();
    var literal = new ArrayList<Long>();
    boolean measured = false;
    boolean free = named == 1;
    for (int i = 0; i < to.size(); i++) {
      Poly length = to.get(i);
      if (length.isInteger()) {
        literal.add(length.integer());
      } else if (free) {
        literal.add(-1L);
        free = false;
      } else if (i < from.size() && from.get(i).equals(length)) {
        literal.add(0L);
      } else {
        if (!from.contains(length)) {
          return null;
        }
        literal.add(Long.MIN_VALUE);
        measured = true;
      }
    }
    if (!measured) {
      long[] all = literal.stream().mapToLong(Long::longValue).toArray();
      return writer.constant(base + "#to", TensorData.vector(all));
    }
    var vectors = new ArrayList<String>();
    for (int i = 0; i < to.size(); i++) {
      vectors.add(
          literal.get(i) == Long.MIN_VALUE
              ? writer.measure(base, tensor, from.indexOf(to.get(i)))
              : writer.constant("#at." + literal.get(i), TensorData.vector(literal.get(i))));
    }
    return writer.join(base + "#to", vectors);
  }
}

package dev.falconer.compressor.pass;

import dev.falconer.compressor.axes.Poly;
import dev.falconer.compressor.onnx.Attribute;
import dev.falconer.compressor.onnx.Graph;
import dev.falconer.compressor.onnx.Node;
import dev.falconer.compressor.onnx.NumericTensor;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A block of a lower triangle: element (i, j) is {@code inside} where column + j <= row + i +
 * diagonal, else zero.
 *
 * <pre>
 * row, column ┐
 *             1 0 0 │ 0       the block right of the bar is all zeros,
 *             1 1 0 │ 0
 *             1 1 1 │ 0
 *             ──────┘
 *             1 1 1   1       the last row is all ones
 * </pre>
 */
record Band(Poly row, Poly column, long diagonal, float inside) {
  /** Returns the triangle that a Trilu makes of a constant, null when it is another. */
  static @Nullable Band of(Node trilu, @Nullable Node source, Graph graph) {
    boolean lower = trilu.intAttribute("upper", 1) == 0;
    Float inside = source == null ? null : constant(source, graph);
    if (!lower || inside == null) {
      return null;
    }
    if (trilu.input(1).isEmpty()) {
      return new Band(Poly.ZERO, Poly.ZERO, 0, inside);
    }
    return graph.initializers().get(trilu.input(1)) instanceof NumericTensor diagonal
        ? new Band(Poly.ZERO, Poly.ZERO, diagonal.longAt(0), inside)
        : null;
  }

  private static @Nullable Float constant(Node source, Graph graph) {
    if (source.is("ConstantOfShape")) {
      return source.attributes().get("value") instanceof Attribute.TensorAttr(NumericTensor value)
          ? (float) value.at(0)
          : 0f;
    }
    boolean one =
        source.is("Expand")
            && graph.initializers().get(source.input(0)) instanceof NumericTensor value
            && value.shape().size() == 1;
    return one && graph.initializers().get(source.input(0)) instanceof NumericTensor value
        ? Float.valueOf((float) value.at(0))
        : null;
  }

  /** Returns the block that begins later along an axis. */
  Band from(int axis, Poly start) {
    return axis == 0
        ? new Band(row.plus(start), column, diagonal, inside)
        : new Band(row, column.plus(start), diagonal, inside);
  }

  /** Returns what every element of the block [rows, columns] is, null when they differ. */
  @Nullable Float fill(List<Poly> lengths) {
    Poly lastRow = row.plus(lengths.get(0)).plus(-1);
    Poly lastColumn = column.plus(lengths.get(1)).plus(-1);
    if (row.plus(diagonal).minus(lastColumn).neverNegative()) {
      return inside;
    }
    return column.minus(lastRow).plus(-diagonal - 1).neverNegative() ? Float.valueOf(0) : null;
  }
}

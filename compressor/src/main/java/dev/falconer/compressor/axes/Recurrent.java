package dev.falconer.compressor.axes;

import dev.falconer.compressor.onnx.DType;
import dev.falconer.compressor.onnx.Node;
import java.util.ArrayList;
import java.util.List;

/**
 * Recurrent layers: one operator over time, each row by itself.
 *
 * <pre>
 * layout 0: x [time, rows, in]   initial [directions, rows, hidden]   y [time, directions, rows, hidden]
 * layout 1: x [rows, time, in]   initial [rows, directions, hidden]   y [rows, time, directions, hidden]
 * </pre>
 */
final class Recurrent {
  private Recurrent() {}

  static List<Known> apply(Scope scope) {
    Known x = scope.in(0);
    Node node = scope.node();
    boolean rowsFirst = node.intAttribute("layout", 0) == 1;
    int time = rowsFirst ? 1 : 0;
    int rows = rowsFirst ? 0 : 1;
    scope.keepsRows(x, time, "runs over");
    scope.keepsRows(x, 2, "mixes");
    Axis row = x.axis(rows);
    if (scope.has(4)) {
      row = scope.join(0, row, scope.in(4).axis(0));
    }
    for (int i = 5; i <= 6; i++) {
      if (scope.has(i)) {
        Known initial = scope.in(i);
        scope.keepsRows(initial, rowsFirst ? 1 : 0, "takes for directions");
        scope.keepsRows(initial, 2, "mixes");
        row = scope.join(rows, row, initial.axis(rows));
      }
    }
    DType dtype = x.dtype();
    Axis hidden = scope.in(2).axis(2);
    Axis directions = scope.in(1).axis(0);
    Axis steps = x.axis(time).isOne() ? Axis.ONE : Axis.of(x.axis(time).length(), false, true);
    List<Axis> all =
        rowsFirst
            ? List.of(row, steps, directions, hidden)
            : List.of(steps, directions, row, hidden);
    List<Axis> last =
        rowsFirst ? List.of(row, directions, hidden) : List.of(directions, row, hidden);
    var results = new ArrayList<Known>();
    for (int i = 0; i < node.outputs().size(); i++) {
      results.add(Known.of(dtype, i == 0 ? all : last, scope.colour()));
    }
    return results;
  }
}

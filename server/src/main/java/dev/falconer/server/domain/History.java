package dev.falconer.server.domain;

import java.util.ArrayList;
import java.util.List;

/**
 * The user's columns of a request, each beside its spec, in the model's order.
 *
 * @param events n, the rows of the history columns
 */
public record History(int events, List<ColumnSpec> specs, List<Column> columns) {
  /** Returns the same user with the events from the given one on: views, no copies. */
  public History from(int event) {
    if (event == 0) {
      return this;
    }
    var tail = new ArrayList<Column>(columns.size());
    for (int i = 0; i < columns.size(); i++) {
      var spec = specs.get(i);
      var column = columns.get(i);
      tail.add(spec.isHistory() ? column.rows(event, events - event, spec.rowSize()) : column);
    }
    return new History(events - event, specs, tail);
  }
}

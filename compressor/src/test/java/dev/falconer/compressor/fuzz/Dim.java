package dev.falconer.compressor.fuzz;

/**
 * Length of an axis: a named one plus a number.
 *
 * @param symbol empty for a fixed length
 */
record Dim(String symbol, int extra) {
  static final Dim ROWS = new Dim("B", 0);
  static final Dim EVENTS = new Dim("n", 0);
  static final Dim OTHERS = new Dim("k", 0);
  static final Dim ONE = of(1);

  static Dim of(int length) {
    return new Dim("", length);
  }

  boolean isFixed() {
    return symbol.isEmpty();
  }

  boolean isRows() {
    return symbol.equals("B");
  }

  /** Returns whether it counts events. */
  boolean isEvents() {
    return !isFixed() && !isRows();
  }

  Dim plus(int more) {
    return new Dim(symbol, extra + more);
  }
}

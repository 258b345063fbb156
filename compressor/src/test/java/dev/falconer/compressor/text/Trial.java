package dev.falconer.compressor.text;

import dev.falconer.compressor.pipeline.Constants;

/**
 * One way to compress every layer of a decoder.
 *
 * @param method a plan's solver or quantiser
 * @param constants published ones go with symmetric targets, our own with asymmetric ones
 * @param column of the table: a pattern, a pattern with a rank, or the grid of four bits
 */
record Trial(String method, Constants constants, String column) {
  static final String LOW_RANK = "2:4 + rank 16";

  /** Returns the keys of the plan's rule. */
  String rule() {
    return switch (column) {
      case LOW_RANK -> "pattern: '2:4', rank: 16, solver: " + method;
      case "minmax", "mse" ->
          "bits: 4, group: 32, grid: %s, quantiser: %s".formatted(column, method);
      default -> "pattern: '%s', solver: %s".formatted(column, method);
    };
  }

  /** Returns the row of the table. */
  String row() {
    return method + (constants == Constants.PUBLISHED ? "" : ", asymmetric");
  }
}

package dev.falconer.compressor.structure;

import java.util.List;

/** Says that the groups are too fine: an operator keeps several of them together. */
final class Regroup extends RuntimeException {
  private static final long serialVersionUID = 1;

  /**
   * Coarser groups, as in {@link Groups#regrouped}.
   *
   * @param number of them
   * @param fast of the finer ones that are consecutive in one of them
   */
  record Option(int number, int fast) {}

  private final transient List<Option> options;

  Regroup(List<Option> options) {
    super("", null, false, false);
    this.options = List.copyOf(options);
  }

  List<Option> options() {
    return options;
  }
}

package dev.falconer.compressor.cli;

import dev.falconer.compressor.evaluate.Agreement;
import dev.falconer.compressor.evaluate.Interval;
import dev.falconer.compressor.evaluate.Quality;
import java.io.PrintWriter;
import java.util.List;
import java.util.Locale;

/** Qualities and differences as text for a terminal. */
final class QualityTable {
  private static final String LINE = "  %-16s %-24s %-24s %-7s %-7s %-9s%n";

  private QualityTable() {}

  /** Prints a model's tasks. */
  static void print(PrintWriter out, String name, List<Quality> qualities) {
    out.println(name);
    out.printf(
        LINE,
        "task",
        "AUC [95 %]",
        "NE [95 %]",
        "calibr.",
        "NDCG@" + Quality.NDCG_AT,
        "popularity");
    for (Quality quality : qualities) {
      out.printf(
          LINE,
          quality.task(),
          quality.auc(),
          quality.normalizedEntropy(),
          number(quality.calibration()),
          number(quality.ndcg()),
          number(quality.popularityAuc()));
    }
  }

  /** Prints what another model does better or worse. */
  static void printDifferences(
      PrintWriter out, String name, String other, List<Quality.Difference> differences) {
    out.printf("%s less %s, on the same resamples of users%n", name, other);
    for (Quality.Difference difference : differences) {
      out.printf(
          Locale.ROOT,
          "  %-16s AUC %s, NE %s%n",
          difference.task(),
          signed(difference.auc()),
          signed(difference.normalizedEntropy()));
    }
  }

  /** Prints how alike two models score. */
  static void print(PrintWriter out, List<Agreement> agreements) {
    for (Agreement agreement : agreements) {
      out.printf(
          Locale.ROOT,
          "  %-16s scores differ by %.1e at most; of %,d pairs in a request %.2f %% in the same order%n",
          agreement.task(),
          agreement.largest(),
          agreement.pairs(),
          100 * agreement.concordance());
    }
  }

  private static String number(Interval interval) {
    return String.format(Locale.ROOT, "%.3f", interval.value());
  }

  private static String signed(Interval interval) {
    return String.format(
        Locale.ROOT, "%+.4f [%+.4f, %+.4f]", interval.value(), interval.low(), interval.high());
  }
}

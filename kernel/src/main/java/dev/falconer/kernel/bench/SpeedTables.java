package dev.falconer.kernel.bench;

import java.io.PrintWriter;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Function;
import java.util.function.ToDoubleFunction;
import java.util.stream.Collectors;

/**
 * What results come to, over shapes and on each.
 *
 * @param results of whole shapes
 */
record SpeedTables(List<Result> results) {
  /**
   * Prints both tables.
   *
   * @param peaks where the peaks come from
   */
  void print(PrintWriter text, String peaks) {
    long shapes = results.stream().map(Result::shape).distinct().count();
    text.printf(
        "Medians and ranges over %d shapes. Speed-up over float32 dense and over int8 dense of ONNX"
            + " Runtime; share of the peak of the work on weights that are not 0. Peaks: %s%s%s. The"
            + " measuring thread waited for a core %.0f %% of the time; its CPU time counts.%n%n",
        shapes,
        peaks,
        peak(false, "float32 %.0f GFLOP/s"),
        peak(true, "int8 %.0f GOP/s"),
        100 * results.stream().mapToDouble(Result::waited).average().orElse(0));
    printForms(text);
    text.println();
    printChoices(text);
  }

  /** Prints medians and ranges over shapes of each form. */
  private void printForms(PrintWriter text) {
    var int8 =
        results.stream()
            .filter(result -> isBase(result, Result.INT8_BASE))
            .collect(Collectors.toMap(Result::shape, Result::micros));
    var table =
        new MarkdownTable("form", "by", "speed-up", "range", "over int8", "of peak", "range");
    for (List<Result> form : grouped(result -> result.form() + result.by()).values()) {
      Result first = form.getFirst();
      table.add(
          first.form(),
          first.by(),
          median(form, Result::speedup, 1, "%.2f"),
          range(form, Result::speedup, 1, "%.2f"),
          median(form, each -> overInt8(each, int8), 1, "%.2f"),
          median(form, Result::share, 100, "%.0f %%"),
          range(form, Result::share, 100, "%.0f"));
    }
    table.print(text);
  }

  /**
   * Prints, of each shape, the best form, and the forms that ONNX Runtime's dense one is faster
   * than.
   */
  private void printChoices(PrintWriter text) {
    var table =
        new MarkdownTable("m", "k", "n", "best", "by", "speed-up", "slower than float32 dense");
    int left = 0;
    int all = 0;
    for (List<Result> shape : grouped(Result::shape).values()) {
      Result best = shape.stream().max(Comparator.comparingDouble(Result::speedup)).orElseThrow();
      List<Result> choices = choices(shape);
      List<String> slower =
          choices.stream()
              .filter(choice -> choice.speedup() < 1)
              .map(choice -> String.format(Locale.ROOT, "%s %.2f", choice.form(), choice.speedup()))
              .toList();
      left += slower.size();
      all += choices.size();
      table.add(
          Integer.toString(best.shape().m()),
          Integer.toString(best.shape().k()),
          Integer.toString(best.shape().n()),
          best.form(),
          best.by(),
          number("%.2f", best.speedup()),
          String.join(", ", slower));
    }
    table.print(text);
    text.printf(
        "%d of %d, a form on a shape each, are left to ONNX Runtime's float32 dense, which is faster"
            + " there than all of our kernels. None is below 1.00 then.%n",
        left, all);
  }

  /** Returns the median peak of float32 or int8, operations a nanosecond. */
  private String peak(boolean isInt8, String format) {
    double[] peaks =
        results.stream()
            .filter(result -> result.isInt8() == isInt8 && result.peak() > 0)
            .mapToDouble(Result::peak)
            .toArray();
    return peaks.length == 0 ? "" : ", " + number(format, Turns.median(peaks));
  }

  private static boolean isBase(Result result, String form) {
    return result.form().equals(form) && result.by().equals(Result.RUNTIME);
  }

  /** Returns the fastest result of each form of ours. */
  private static List<Result> choices(List<Result> shape) {
    var fastest = new LinkedHashMap<String, Result>();
    for (Result result : shape) {
      if (!result.by().equals(Result.RUNTIME)) {
        fastest.merge(
            result.form(), result, (one, two) -> one.speedup() >= two.speedup() ? one : two);
      }
    }
    return List.copyOf(fastest.values());
  }

  private <K> Map<K, List<Result>> grouped(Function<Result, K> key) {
    return results.stream()
        .collect(Collectors.groupingBy(key, LinkedHashMap::new, Collectors.toList()));
  }

  /** Returns how many times faster than ONNX Runtime's int8 a result in int8 is, or NaN. */
  private static double overInt8(Result result, Map<Shape, Double> int8) {
    double base = int8.getOrDefault(result.shape(), Double.NaN);
    return result.isInt8() ? base / result.micros() : Double.NaN;
  }

  private static String median(
      List<Result> form, ToDoubleFunction<Result> value, double unit, String format) {
    double median = Turns.median(form.stream().mapToDouble(value).toArray());
    return Double.isNaN(median) ? "" : number(format, median * unit);
  }

  private static String range(
      List<Result> form, ToDoubleFunction<Result> value, double unit, String format) {
    var all = form.stream().mapToDouble(value).summaryStatistics();
    return Double.isNaN(all.getSum())
        ? ""
        : number(format, all.getMin() * unit) + " to " + number(format, all.getMax() * unit);
  }

  private static String number(String format, double value) {
    return String.format(Locale.ROOT, format, value);
  }
}

package dev.falconer.compressor.cli;

import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * How small or how fast a model is to be.
 *
 * @param unit of the amount
 * @param amount above 0, in bytes or milliseconds, or a share of the dense model's
 * @param isShare whether it is a share
 * @param asked as on the command line
 */
record Target(Unit unit, double amount, boolean isShare, String asked) {
  /** What is limited. */
  enum Unit {
    /** Bytes of the model's file. */
    BYTES("bytes", "40MB, 40MiB or 40%"),
    /** Milliseconds of a call. */
    MILLIS("ms", "0.5ms, 500us or 60%");

    private final String text;
    private final String examples;

    Unit(String text, String examples) {
      this.text = text;
      this.examples = examples;
    }

    /** Returns what a unit with a suffix is in this one; 0 for none that is known. */
    private double scale(String suffix) {
      return switch (this) {
        case BYTES ->
            switch (suffix) {
              case "", "b" -> 1;
              case "kb" -> 1e3;
              case "mb" -> 1e6;
              case "gb" -> 1e9;
              case "kib" -> 0x1p10;
              case "mib" -> 0x1p20;
              case "gib" -> 0x1p30;
              default -> 0;
            };
        case MILLIS ->
            switch (suffix) {
              case "us", "µs" -> 1e-3;
              case "ms" -> 1;
              case "s" -> 1e3;
              default -> 0;
            };
      };
    }

    @Override
    public String toString() {
      return text;
    }
  }

  private static final Pattern FORM = Pattern.compile("([0-9]+|[0-9]*\\.[0-9]+)\\s*(%|\\p{L}*)");

  /**
   * Returns the target of a text.
   *
   * @param option that the text was given to
   * @throws IllegalArgumentException naming the option and what it may be
   */
  static Target parse(Unit unit, String option, String text) {
    Matcher form = FORM.matcher(text.strip());
    if (form.matches()) {
      boolean isShare = form.group(2).equals("%");
      String suffix = form.group(2).toLowerCase(Locale.ROOT);
      double scale = isShare ? .01 : unit.scale(suffix);
      double amount = scale * Double.parseDouble(form.group(1));
      if (amount > 0) {
        return new Target(unit, amount, isShare, option + " " + text.strip());
      }
    }
    throw new IllegalArgumentException(
        "%s \"%s\": want an amount above 0 such as %s".formatted(option, text, unit.examples));
  }

  /** Returns the limit, in the unit, for a dense model of a size or a time. */
  double of(double dense) {
    return isShare ? amount * dense : amount;
  }
}

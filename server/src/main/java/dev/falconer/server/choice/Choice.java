package dev.falconer.server.choice;

import dev.falconer.server.domain.VariantKey;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Collectors;

/**
 * The variant that is served, and why.
 *
 * @param measured the variants that were timed beside the plain one; empty where none was
 */
public record Choice(VariantKey key, Reason reason, List<Measured> measured) {
  /** The plain variant wins against what is less than this much faster. */
  public static final double TIE = 0.02;

  /** Why a variant is served. */
  public enum Reason {
    /** There is no other. */
    ONLY("the only one"),
    /** The operator named it. */
    WANTED("as --variant says"),
    /** It was measured to be the fastest. */
    MEASURED("measured now"),
    /** It was measured to be the fastest, on this machine by this program. */
    CACHED("measured at an earlier load");

    private final String text;

    Reason(String text) {
      this.text = text;
    }
  }

  /** Copies the list. */
  public Choice {
    Objects.requireNonNull(key, "key");
    Objects.requireNonNull(reason, "reason");
    measured = List.copyOf(measured);
  }

  /** Returns the choice of a variant that was not measured. */
  public static Choice of(VariantKey key, Reason reason) {
    return new Choice(key, reason, List.of());
  }

  /**
   * Returns the fastest that is nowhere slower than the plain variant and faster in all; else the
   * plain one.
   */
  public static Choice fastest(VariantKey plain, List<Measured> measured) {
    return measured.stream()
        .filter(Choice::isFaster)
        .max(Comparator.comparingDouble(Measured::speedup))
        .map(best -> new Choice(best.key(), Reason.MEASURED, measured))
        .orElse(new Choice(plain, Reason.MEASURED, measured));
  }

  /** Returns whether a variant may be served in the plain one's place. */
  static boolean isFaster(Measured measured) {
    return measured.slowerAt(TIE).isEmpty() && measured.speedup() > 1 + TIE;
  }

  /** Returns how much faster than the plain one the variants were. */
  public Map<VariantKey, Double> speedups() {
    return measured.stream().collect(Collectors.toMap(Measured::key, Measured::speedup));
  }

  /** Returns the choice as one of an earlier load. */
  Choice cached() {
    return new Choice(key, Reason.CACHED, measured);
  }

  /** Returns "packed:native, 4.80 times as fast as plain, measured now". */
  @Override
  public String toString() {
    return measured.stream()
        .filter(each -> each.key().equals(key))
        .findFirst()
        .map(each ->
            String.format(
                Locale.ROOT,
                "%s, %.2f times as fast as %s, %s",
                key,
                each.speedup(),
                VariantKey.PLAIN,
                reason.text))
        .orElse(key + ", " + reason.text);
  }
}

package dev.falconer.compressor.report;

import dev.falconer.compressor.evaluate.SideBySide.Time;
import java.util.Map;

/**
 * The whole model after a step.
 *
 * @param name of the step; that of the model as it came is "dense"
 * @param bytes of the model's file
 * @param time of a call in ONNX Runtime, on one thread, on the examples' largest batch
 * @param errors by output: ||y - dense||^2 / ||dense||^2 on held-out examples
 */
public record StepReport(String name, long bytes, Time time, Map<String, Double> errors) {
  /** Less than this much faster or smaller is no difference. */
  private static final double NOTICEABLE = 1.03;

  /** What a step was good for. */
  public enum Verdict {
    /** A call takes less time. */
    FASTER("faster"),
    /** The file is smaller, a call takes as long. */
    SMALLER_ONLY("smaller only"),
    /** Neither; zeros in a dense kernel, for example. */
    NEITHER("neither smaller nor faster"),
    /** A call takes longer. */
    WORSE("worse: slower");

    private final String text;

    Verdict(String text) {
      this.text = text;
    }

    /** Returns the verdict in words. */
    public String text() {
      return text;
    }
  }

  /** Keeps the outputs' order. */
  public StepReport {
    errors = java.util.Collections.unmodifiableMap(new java.util.LinkedHashMap<>(errors));
  }

  /** Returns the speed-up over the step before, with its interval. */
  String speedup() {
    return String.format(
        java.util.Locale.ROOT, "%.2f [%.2f, %.2f]", time.speedup(), time.low(), time.high());
  }

  /** Returns what this step was good for, compared with the one before. */
  public Verdict against(StepReport before) {
    if (time.speedup() >= NOTICEABLE && time.low() > 1) {
      return Verdict.FASTER;
    }
    if (time.speedup() <= 1 / NOTICEABLE && time.high() < 1) {
      return Verdict.WORSE;
    }
    return before.bytes >= NOTICEABLE * bytes ? Verdict.SMALLER_ONLY : Verdict.NEITHER;
  }
}

package dev.falconer.compressor.learn;

import java.io.PrintStream;
import java.util.Locale;

/** A line every ten seconds and per evaluation, for logs and pipes. */
final class ProgressLines implements Progress {
  private static final long BETWEEN_NANOS = 10_000_000_000L;

  private final PrintStream err;
  private final String task;
  private final int steps;
  private final long start = System.nanoTime();
  private long last = start;
  private int first = -1;

  ProgressLines(PrintStream err, String task, int steps) {
    this.err = err;
    this.task = task;
    this.steps = steps;
  }

  @Override
  public void step(int done, double loss) {
    if (first < 0) {
      first = done - 1;
    }
    long now = System.nanoTime();
    if (now - last < BETWEEN_NANOS) {
      return;
    }
    last = now;
    double left = (now - start) / 1e9 / (done - first) * (steps - done);
    String shown = Double.isNaN(loss) ? "" : String.format(Locale.ROOT, ", loss %.4f", loss);
    err.printf(Locale.ROOT, "%s: step %d of %d%s, %.0f s left%n", task, done, steps, shown, left);
  }

  @Override
  public void evaluated(TrainingLog.Evaluation evaluation) {
    err.printf(
        Locale.ROOT,
        "%s: step %d, training loss %.4f, held-out NE %.4f%n",
        task,
        evaluation.step(),
        evaluation.loss(),
        evaluation.normalizedEntropy());
  }

  @Override
  public void close() {}
}

package dev.falconer.compressor.cli;

import dev.falconer.compressor.data.Progress;
import java.io.Console;
import java.io.PrintWriter;
import java.util.Locale;
import java.util.Optional;
import java.util.function.LongSupplier;
import me.tongfei.progressbar.ProgressBar;
import me.tongfei.progressbar.ProgressBarBuilder;
import org.jspecify.annotations.Nullable;

/**
 * Progress on standard error: notes as lines; for a step a bar on a terminal, once the work has
 * taken longer than two seconds, else a line every ten seconds. One thread uses it.
 */
final class ConsoleProgress implements Progress, AutoCloseable {
  private static final long PATIENCE_NANOS = 2_000_000_000L;
  private static final long BETWEEN_NANOS = 10_000_000_000L;

  private final PrintWriter err;
  private final boolean isTerminal;
  private final LongSupplier clock;
  private final long start;
  private long last;
  private String step = "";
  private @Nullable ProgressBar bar;

  ConsoleProgress(PrintWriter err) {
    this(
        err,
        Optional.ofNullable(System.console()).map(Console::isTerminal).orElse(false),
        System::nanoTime);
  }

  /**
   * Progress on what may be a terminal.
   *
   * @param clock in nanoseconds
   */
  ConsoleProgress(PrintWriter err, boolean isTerminal, LongSupplier clock) {
    this.err = err;
    this.isTerminal = isTerminal;
    this.clock = clock;
    start = clock.getAsLong();
    last = start;
  }

  @Override
  public void step(String what, long done, long total) {
    long now = clock.getAsLong();
    if (!isTerminal) {
      line(now, what, done, total);
      return;
    }
    if (now - start < PATIENCE_NANOS) {
      return;
    }
    if (!what.equals(step)) {
      close();
      step = what;
      bar =
          new ProgressBarBuilder()
              .setTaskName(what)
              .setInitialMax(total > 0 ? total : -1)
              .setUpdateIntervalMillis(200)
              .build();
    }
    if (bar != null) {
      bar.stepTo(done);
    }
  }

  private void line(long now, String what, long done, long total) {
    if (now - last < BETWEEN_NANOS) {
      return;
    }
    last = now;
    String all = total > 0 ? String.format(Locale.ROOT, " of %,d", total) : "";
    err.printf(Locale.ROOT, "%s: %,d%s%n", what, done, all);
    err.flush();
  }

  @Override
  public void note(String message) {
    close();
    err.println(message);
  }

  /** Ends the bar. */
  @Override
  public void close() {
    if (bar != null) {
      bar.close();
      bar = null;
    }
    step = "";
  }
}

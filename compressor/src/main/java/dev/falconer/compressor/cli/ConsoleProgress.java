package dev.falconer.compressor.cli;

import dev.falconer.compressor.data.Progress;
import java.io.Console;
import java.io.PrintWriter;
import java.util.Optional;
import me.tongfei.progressbar.ProgressBar;
import me.tongfei.progressbar.ProgressBarBuilder;
import org.jspecify.annotations.Nullable;

/**
 * Progress on standard error: notes as lines; on a terminal a bar for a step, once the work has
 * taken longer than two seconds. One thread uses it.
 */
final class ConsoleProgress implements Progress, AutoCloseable {
  private static final long PATIENCE_NANOS = 2_000_000_000L;

  private final PrintWriter err;
  private final long start = System.nanoTime();
  private final boolean isTerminal =
      Optional.ofNullable(System.console()).map(Console::isTerminal).orElse(false);
  private String step = "";
  private @Nullable ProgressBar bar;

  ConsoleProgress(PrintWriter err) {
    this.err = err;
  }

  @Override
  public void step(String what, long done, long total) {
    if (!isTerminal || System.nanoTime() - start < PATIENCE_NANOS) {
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

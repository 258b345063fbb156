package dev.falconer.compressor.learn;

import java.io.Console;
import java.util.Optional;

/** Watches a training. */
public interface Progress extends AutoCloseable {
  /** Called after each step with the number of steps taken. */
  void step(int done, double loss);

  /** Called after each evaluation. */
  void evaluated(TrainingLog.Evaluation evaluation);

  @Override
  void close();

  /** Returns a watcher that shows nothing. */
  static Progress silent() {
    return new Progress() {
      @Override
      public void step(int done, double loss) {}

      @Override
      public void evaluated(TrainingLog.Evaluation evaluation) {}

      @Override
      public void close() {}
    };
  }

  /**
   * Returns a watcher on the standard error stream that shows the time left: a bar on a terminal,
   * else a line now and then.
   */
  static Progress shown(String task, int steps) {
    return Optional.ofNullable(System.console()).map(Console::isTerminal).orElse(false)
        ? new ProgressOnConsole(task, steps)
        : new ProgressLines(System.err, task, steps);
  }
}

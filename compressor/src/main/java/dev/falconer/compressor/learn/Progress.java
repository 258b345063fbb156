package dev.falconer.compressor.learn;

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

  /** Returns a bar on the standard error stream with the time left. */
  static Progress bar(String task, int steps) {
    return new ProgressOnConsole(task, steps);
  }
}

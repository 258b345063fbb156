package dev.falconer.compressor.learn;

import java.util.List;

/**
 * What happened during a training.
 *
 * @param steps taken
 * @param evaluations in order; empty without held-out batches
 * @param bestStep step whose weights were kept: the lowest normalised entropy, else the last
 * @param cpuSeconds of this process, over all its runs
 */
public record TrainingLog(
    int steps, List<Evaluation> evaluations, int bestStep, double cpuSeconds) {
  /** Copies the list. */
  public TrainingLog {
    evaluations = List.copyOf(evaluations);
  }

  /**
   * One look at the held-out batches.
   *
   * @param step steps taken before it
   * @param loss mean training loss since the last evaluation
   * @param normalizedEntropy of the main task on the held-out batches; lower is better
   */
  public record Evaluation(int step, double loss, double normalizedEntropy) {}
}

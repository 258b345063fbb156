package dev.falconer.compressor.learn;

import java.util.List;

/**
 * Where a training stands, besides its tensors.
 *
 * @param step steps taken
 * @param evaluations so far
 * @param bestStep step of the kept weights; 0 before the first evaluation
 * @param lossSum of the steps since the last evaluation
 * @param cpuSeconds spent so far
 */
record TrainingState(
    int step,
    List<TrainingLog.Evaluation> evaluations,
    int bestStep,
    double lossSum,
    double cpuSeconds) {
  TrainingState {
    evaluations = List.copyOf(evaluations);
  }

  static TrainingState start() {
    return new TrainingState(0, List.of(), 0, 0, 0);
  }

  /** Returns the lowest normalised entropy so far. */
  double best() {
    return evaluations.stream()
        .mapToDouble(TrainingLog.Evaluation::normalizedEntropy)
        .min()
        .orElse(Double.POSITIVE_INFINITY);
  }

  /** Returns the evaluations since the best one. */
  long sinceBest() {
    return evaluations.stream().filter(evaluation -> evaluation.step() > bestStep).count();
  }

  int lastEvaluated() {
    return evaluations.isEmpty() ? 0 : evaluations.getLast().step();
  }

  TrainingState stepped(double loss) {
    return new TrainingState(step + 1, evaluations, bestStep, lossSum + loss, cpuSeconds);
  }

  TrainingState evaluated(TrainingLog.Evaluation evaluation) {
    var all = new java.util.ArrayList<>(evaluations);
    all.add(evaluation);
    boolean better = evaluation.normalizedEntropy() < best();
    return new TrainingState(step, all, better ? step : bestStep, 0, cpuSeconds);
  }

  TrainingState after(double seconds) {
    return new TrainingState(step, evaluations, bestStep, lossSum, seconds);
  }
}

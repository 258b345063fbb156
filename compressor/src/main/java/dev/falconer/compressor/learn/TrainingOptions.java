package dev.falconer.compressor.learn;

/**
 * How long and how fast to train.
 *
 * @param epochs passes over the training batches
 * @param stepsPerEpoch batches in each
 * @param rate Adam's highest learning rate
 * @param warmUpSteps steps over which the rate rises from 0
 * @param finalRateFraction of the rate that is left at the last step; it falls linearly
 * @param clipNorm largest norm of all gradients together; infinite to leave them alone
 * @param evaluateEvery steps between evaluations on the held-out batches
 * @param patience evaluations without improvement after which training stops
 */
public record TrainingOptions(
    int epochs,
    int stepsPerEpoch,
    double rate,
    int warmUpSteps,
    double finalRateFraction,
    double clipNorm,
    int evaluateEvery,
    int patience) {
  /** Checks the ranges. */
  public TrainingOptions {
    if (epochs < 1 || stepsPerEpoch < 1 || warmUpSteps < 0 || evaluateEvery < 1 || patience < 1) {
      throw new IllegalArgumentException(
          "%d epochs of %d steps, warm-up %d, evaluation every %d, patience %d: want at least 1"
              .formatted(epochs, stepsPerEpoch, warmUpSteps, evaluateEvery, patience));
    }
    if (!(rate > 0) || !(finalRateFraction >= 0 && finalRateFraction <= 1) || !(clipNorm > 0)) {
      throw new IllegalArgumentException(
          "rate %s and clip norm %s must be positive, final fraction %s within 0 to 1"
              .formatted(rate, clipNorm, finalRateFraction));
    }
  }

  /**
   * Returns the recipe: warm-up 50 steps, linear decay to a tenth, an evaluation after each epoch,
   * no clipping, patience 3.
   */
  public static TrainingOptions of(int epochs, int stepsPerEpoch, double rate) {
    return new TrainingOptions(
        epochs, stepsPerEpoch, rate, 50, .1, Double.POSITIVE_INFINITY, stepsPerEpoch, 3);
  }

  /** Returns the options with another patience. */
  public TrainingOptions withPatience(int other) {
    return new TrainingOptions(
        epochs,
        stepsPerEpoch,
        rate,
        warmUpSteps,
        finalRateFraction,
        clipNorm,
        evaluateEvery,
        other);
  }

  /** Returns the options with evaluations at another distance in steps. */
  public TrainingOptions withEvaluationEvery(int steps) {
    return new TrainingOptions(
        epochs, stepsPerEpoch, rate, warmUpSteps, finalRateFraction, clipNorm, steps, patience);
  }

  /** Returns the number of steps. */
  public int steps() {
    return Math.multiplyExact(epochs, stepsPerEpoch);
  }

  /** Returns the learning rate of a step, counted from 0. */
  double rateAt(int step) {
    double warmUp = Math.min(1, (step + 1.) / Math.max(1, warmUpSteps));
    return rate * warmUp * (1 - (1 - finalRateFraction) * step / steps());
  }
}

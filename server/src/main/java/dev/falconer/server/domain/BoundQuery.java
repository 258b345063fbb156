package dev.falconer.server.domain;

/**
 * A request that fits a model.
 *
 * @param weights per task, in the model's order
 */
public record BoundQuery(History history, Candidates candidates, Weights weights, int topK) {
  /** Weights of the objective, one per task. */
  public static final class Weights {
    private final double[] values;

    Weights(double[] values) {
      this.values = values;
    }

    /** Returns the values, not to be changed. */
    public double[] values() {
      return values;
    }
  }
}

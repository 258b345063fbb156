package dev.falconer.compressor.data;

/**
 * How requests become batches.
 *
 * @param batchRequests requests per batch, at least 1; the last batch may be smaller
 * @param historyMin least events that a cut history keeps; below historyMax each request draws its
 *     own limit between the two, as a history window that grows and is cut back meets in serving
 * @param historyMax most events kept, the latest ones; 0 for no history
 * @param candidatesMax most candidates kept, the first ones; at least 1
 * @param order the order of the requests
 * @param seed of the order and of the drawn limits
 */
public record BatchPlan(
    int batchRequests, int historyMin, int historyMax, int candidatesMax, Order order, long seed) {
  /** The order of the requests. */
  public enum Order {
    /** As in the view. */
    VIEW,
    /** Permuted. */
    SHUFFLED,
    /**
     * Permuted, then sorted by history length within windows of 32 batches, then the batches
     * permuted: little padding, and still a random order.
     */
    BUCKETED
  }

  /** Checks the ranges. */
  public BatchPlan {
    if (batchRequests < 1 || candidatesMax < 1 || historyMin < 0 || historyMax < historyMin) {
      throw new IllegalArgumentException(
          "batch plan: %d requests and %d candidates must be >= 1, history %d..%d must ascend"
              .formatted(batchRequests, candidatesMax, historyMin, historyMax));
    }
  }

  /** Returns a plan for training: bucketed by history length, all candidates. */
  public static BatchPlan training(int batchRequests, int historyMax, long seed) {
    return new BatchPlan(
        batchRequests, historyMax, historyMax, Integer.MAX_VALUE, Order.BUCKETED, seed);
  }

  /** Returns a plan for evaluation: bucketed by history length, all candidates, a fixed seed. */
  public static BatchPlan evaluation(int batchRequests, int historyMax) {
    return training(batchRequests, historyMax, 0);
  }

  /** Returns a plan that keeps at most this many candidates of a request. */
  public BatchPlan withCandidates(int max) {
    return new BatchPlan(batchRequests, historyMin, historyMax, max, order, seed);
  }

  /** Returns a plan that cuts each history to a limit drawn from lo..hi. */
  public BatchPlan withHistoryRange(int lo, int hi) {
    return new BatchPlan(batchRequests, lo, hi, candidatesMax, order, seed);
  }

  /** Returns a plan in another order. */
  public BatchPlan withOrder(Order other) {
    return new BatchPlan(batchRequests, historyMin, historyMax, candidatesMax, other, seed);
  }

  /** Returns the plan of an epoch: the same with a seed of its own. */
  public BatchPlan epoch(int epoch) {
    return new BatchPlan(
        batchRequests, historyMin, historyMax, candidatesMax, order, Seeds.mix(seed, epoch));
  }
}

package dev.falconer.server.domain;

import java.util.Map;

/**
 * What the slate maximises: (sum over tasks of weight x score) x bid.
 *
 * @param weights by task; empty for the first task with weight 1
 * @param bidColumn name of the FLOAT32 candidate column that multiplies; empty for 1
 */
public record Objective(Map<String, Double> weights, String bidColumn) {
  /** Copies the weights. */
  public Objective {
    weights = Map.copyOf(weights);
  }
}

package dev.falconer.compressor.pipeline;

import dev.falconer.compressor.solver.Matrix;

/**
 * A compressed layer.
 *
 * @param weight V [out, in], all parts together
 * @param density fraction of the weights that a mask keeps, 0 to 1
 * @param relativeError share of the energy of the outputs that is lost
 * @param parts in which the weight is written
 */
public record Outcome(Matrix weight, double density, double relativeError, Parts parts) {
  /** Returns the outcome with another weight. */
  Outcome with(Matrix other, Parts otherParts) {
    return new Outcome(other, density, relativeError, otherParts);
  }
}

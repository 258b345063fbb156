package dev.falconer.compressor.solver;

import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class PolishedAlpsTest extends SolverContract {
  @Override
  PruningSolver solver() {
    return Alps.standard().withPolish(Exchange.standard());
  }

  /** Weights are fitted anew from a product whose sums depend on a column's place. */
  @Override
  double placeRounding() {
    return 1e-12;
  }

  @Override
  boolean keepsWeights() {
    return false;
  }

  @ParameterizedTest
  @MethodSource("cases")
  void isNoWorseThanWithoutTheExchange(Problems.Case shape) {
    double plain = Alps.standard().solve(shape.problem()).relativeError();

    double polished = solver().solve(shape.problem()).relativeError();

    assertTrue(polished <= plain, shape + ": " + polished + " against " + plain);
  }
}

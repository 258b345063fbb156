package dev.falconer.loadtest.load;

import dev.falconer.loadtest.scenario.Rates;
import java.util.ArrayList;
import java.util.List;

/**
 * Finds the highest rate that meets the objective: geometric steps up to the first miss (down, when
 * the first step misses), then bisection by geometric means.
 */
final class RateSearch {
  /** Runs one step. */
  interface Step {
    Measured at(double rate) throws InterruptedException;
  }

  private RateSearch() {}

  /** Returns all steps in the order run. */
  static List<Measured> run(Rates rates, double start, Step step) throws InterruptedException {
    var steps = new ArrayList<Measured>();
    double met = 0;
    double missed = Double.POSITIVE_INFINITY;
    double rate = start;
    for (int i = 0; i < rates.steps() && !(met > 0 && missed < Double.POSITIVE_INFINITY); i++) {
      var measured = step.at(rate);
      steps.add(measured);
      if (measured.met()) {
        met = Math.max(met, rate);
        rate *= rates.factor();
      } else {
        missed = Math.min(missed, rate);
        rate /= rates.factor();
      }
    }
    for (int i = 0; i < rates.refinements() && met > 0 && missed < Double.POSITIVE_INFINITY; i++) {
      double middle = Math.sqrt(met * missed);
      var measured = step.at(middle);
      steps.add(measured);
      if (measured.met()) {
        met = middle;
      } else {
        missed = middle;
      }
    }
    return List.copyOf(steps);
  }
}

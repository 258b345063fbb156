package dev.falconer.loadtest.load;

import dev.falconer.loadtest.scenario.Rates;
import java.util.ArrayList;
import java.util.List;

/**
 * Finds the highest rate that meets the objective: geometric steps up to the first miss (down, when
 * the first step misses), then bisection by geometric means. Asked for the next rate and told what
 * came of it, so that the searches of several modes can take turns.
 */
final class RateSearch {
  private final Rates rates;
  private final List<Measured> steps = new ArrayList<>();
  private double next;
  private double met;
  private double missed = Double.POSITIVE_INFINITY;
  private int refinements;

  RateSearch(Rates rates, double start) {
    this.rates = rates;
    this.next = start;
  }

  /** Returns whether there is no rate left to try. */
  boolean isDone() {
    return isBracketed() ? refinements >= rates.refinements() : steps.size() >= rates.steps();
  }

  /** Returns the rate to try now. */
  double next() {
    return next;
  }

  /** Takes what came of the rate to try. */
  void record(Measured step) {
    if (isBracketed()) {
      refinements++;
    }
    steps.add(step);
    if (step.met()) {
      met = Math.max(met, next);
    } else {
      missed = Math.min(missed, next);
    }
    if (isBracketed()) {
      next = Math.sqrt(met * missed);
    } else {
      next = met > 0 ? next * rates.factor() : next / rates.factor();
    }
  }

  /** Returns all steps in the order tried. */
  List<Measured> steps() {
    return List.copyOf(steps);
  }

  private boolean isBracketed() {
    return met > 0 && missed < Double.POSITIVE_INFINITY;
  }
}

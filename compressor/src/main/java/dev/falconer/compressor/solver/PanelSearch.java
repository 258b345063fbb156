package dev.falconer.compressor.solver;

import java.util.Optional;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/**
 * The inputs that a panel's outputs share, chosen by the exact least-squares error ({@link
 * PanelTableau}): the cheapest taken away one by one, or exchanged from where a solution left them;
 * groups of inputs likewise. O(out / width in^3): for layers of up to a thousand inputs or so.
 * Better than ADMM where inputs are unequal.
 *
 * @param damping ridge relative to the mean of the gram's diagonal; at least 1e-3 where the problem
 *     is known to be short of calibration rows
 */
record PanelSearch(double damping) {
  private static final double CAUTIOUS = 1e-3;

  /** Groups of inputs that are first exchanged at once. */
  private static final int TOGETHER = 8;

  /** A gain that ends the exchange, relative to the mean energy of a weight. */
  private static final double LEAST = 1e-7;

  private static final int STEPS = 30;

  /** Returns the solution that removal from all inputs gives; empty where the gram is singular. */
  Optional<LayerSolution> removed(LayerProblem problem, Pattern.Panel pattern) {
    Frame frame = frame(problem);
    int in = frame.in();
    double[] inverse;
    try (var _ = new PointerScope()) {
      Optional<Tensor> factor = Dense.cholesky(frame.gramTensor());
      if (factor.isEmpty()) {
        return Optional.empty();
      }
      inverse = Dense.array(torch.cholesky_inverse(factor.get()));
    }
    var kept = new float[in * frame.out()];
    for (int from = 0; from < frame.out(); from += pattern.width()) {
      int to = Math.min(frame.out(), from + pattern.width());
      PanelTableau panel =
          PanelTableau.full(
              inverse, part(frame.target(), frame.out(), from, to), in, pattern.group());
      panel.removeDownTo(pattern.keptOf(in));
      mark(panel, kept, frame, from, to);
    }
    return Optional.of(fitted(problem, frame, kept, 1));
  }

  /**
   * Returns a solution from exchanges in another's panels, that itself where the gram is singular.
   */
  LayerSolution exchanged(LayerProblem problem, Pattern.Panel pattern, LayerSolution solution) {
    Frame frame = frame(problem);
    int in = frame.in();
    double[] right;
    try (var _ = new PointerScope()) {
      right = Dense.array(frame.right());
    }
    double energy = 0;
    for (int i = 0; i < right.length; i++) {
      energy += right[i] * frame.target()[i];
    }
    var kept = new float[in * frame.out()];
    for (int from = 0; from < frame.out(); from += pattern.width()) {
      int to = Math.min(frame.out(), from + pattern.width());
      PanelTableau panel =
          PanelTableau.empty(frame.gram(), part(right, frame.out(), from, to), in, pattern.group());
      if (!panel.takeIn(solution.mask().keptOf(from))) {
        return solution;
      }
      panel.exchange(TOGETHER, LEAST * energy / right.length * (to - from));
      mark(panel, kept, frame, from, to);
    }
    return fitted(problem, frame, kept, solution.iterations());
  }

  private Frame frame(LayerProblem problem) {
    return new Frame(problem, problem.isShortOfRows() ? Math.max(damping, CAUTIOUS) : damping);
  }

  private LayerSolution fitted(LayerProblem problem, Frame frame, float[] kept, int iterations) {
    Mask mask = Mask.ofInOut(kept, frame.out(), frame.in());
    LayerSolution fitted =
        new MaskedPcg(damping, STEPS, 0).solve(problem, frame, frame.target(), mask);
    return new LayerSolution(fitted.weight(), mask, fitted.relativeError(), iterations);
  }

  private static void mark(PanelTableau panel, float[] kept, Frame frame, int from, int to) {
    for (int i = 0; i < frame.in(); i++) {
      for (int o = from; o < to; o++) {
        kept[i * frame.out() + o] = panel.isIn(i) ? 1 : 0;
      }
    }
  }

  private static double[] part(double[] values, int out, int from, int to) {
    int width = to - from;
    var part = new double[values.length / out * width];
    for (int i = 0; i < values.length / out; i++) {
      System.arraycopy(values, i * out + from, part, i * width, width);
    }
    return part;
  }
}

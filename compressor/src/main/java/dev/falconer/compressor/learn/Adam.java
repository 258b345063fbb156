package dev.falconer.compressor.learn;

import dev.falconer.compressor.execute.TorchGraph;
import java.util.LinkedHashMap;
import java.util.Map;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/**
 * Adam (arXiv 1412.6980, the form at the end of its section 2) with beta 0.9 and 0.999, epsilon
 * 1e-8. Tables whose gradient is sparse get the lazy form: rows that were not read keep weights and
 * moments, so that a step costs what it reads. Owns the moments.
 */
final class Adam implements AutoCloseable {
  private static final double BETA1 = .9;
  private static final double BETA2 = .999;
  private static final double EPSILON = 1e-8;

  /** A parameter and its moments, of its shape. */
  record Slot(Tensor weight, Tensor mean, Tensor square) {}

  private final Map<String, Slot> slots = new LinkedHashMap<>();

  Adam(TorchGraph graph) {
    try (var _ = new PointerScope();
        var _ = new NoGradGuard()) {
      graph
          .parameters()
          .forEach((name, weight) -> {
            Tensor mean = torch.zeros_like(weight);
            Tensor square = torch.zeros_like(weight);
            mean.retainReference();
            square.retainReference();
            slots.put(name, new Slot(weight, mean, square));
          });
    }
  }

  /** Returns the parameters with their moments, by name. */
  Map<String, Slot> slots() {
    return slots;
  }

  /**
   * Moves the parameters along their gradients.
   *
   * @param step steps taken before this one
   */
  void step(int step, double rate) {
    double correction = Math.sqrt(1 - Math.pow(BETA2, step + 1.));
    double size = -rate * correction / (1 - Math.pow(BETA1, step + 1.));
    try (var _ = new PointerScope();
        var _ = new NoGradGuard()) {
      var toGradient = new Scalar(1 - BETA1);
      var keepSquare = new Scalar(BETA2);
      var addSquare = new Scalar(1 - BETA2);
      var epsilon = new Scalar(EPSILON * correction);
      var along = new Scalar(size);
      for (Slot slot : slots.values()) {
        Tensor gradient = slot.weight().grad();
        if (!gradient.defined()) {
          continue;
        }
        if (gradient.is_sparse()) {
          Tensor sum = gradient.coalesce();
          Tensor rows = sum.indices().select(0, 0);
          Tensor mean = slot.mean().index_select(0, rows);
          Tensor square = slot.square().index_select(0, rows);
          Tensor values = sum.values();
          mean.lerp_(values, toGradient);
          square.mul_(keepSquare).addcmul_(values, values, addSquare);
          slot.mean().index_copy_(0, rows, mean);
          slot.square().index_copy_(0, rows, square);
          Tensor move = mean.div(square.sqrt().add_(epsilon));
          slot.weight().index_add_(0, rows, move, along);
        } else {
          slot.mean().lerp_(gradient, toGradient);
          slot.square().mul_(keepSquare).addcmul_(gradient, gradient, addSquare);
          slot.weight().addcdiv_(slot.mean(), slot.square().sqrt().add_(epsilon), along);
        }
      }
    }
  }

  @Override
  public void close() {
    for (Slot slot : slots.values()) {
      slot.mean().close();
      slot.square().close();
    }
  }
}

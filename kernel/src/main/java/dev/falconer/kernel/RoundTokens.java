package dev.falconer.kernel;

import dev.falconer.packed.RoundedTokens;
import java.util.List;

/**
 * Operator RoundTokens: keys or values as {@link Attention} in int8 rounds them, once for all
 * candidates that will attend to them, in a quarter of the memory.
 *
 * <pre>
 * input      x float32 [.., k width]
 * attribute  width: of a head
 * output     uint8 [.., k {@link RoundedTokens#bytes}], rows of {@link Attention#round}
 * </pre>
 */
public final class RoundTokens {
  private RoundTokens() {}

  /** Returns the operator, computed by an execution. */
  static Operator by(Execution execution) {
    return new Operator(
        "RoundTokens",
        List.of(new Operator.Input(ElementType.FLOAT32, false)),
        List.of(ElementType.UINT8),
        node -> kernel(execution, node));
  }

  private static Kernel kernel(Execution execution, NodeInfo node) {
    String name = node.toString();
    var shape = Attending.shape(node, 1, node.integer("width"), 1, true);
    Attention attention = Attending.checked(execution, node, shape);
    int width = shape.width();
    return call -> {
      TensorView x = call.input(0);
      if (x.rank() < 1 || x.dim(-1) % width != 0) {
        throw new IllegalArgumentException(
            "%s: x is %s, want a multiple of %d columns".formatted(name, x, width));
      }
      long from = x.address();
      long count = x.size() / width;
      long columns = x.dim(-1) / width * RoundedTokens.bytes(width);
      attention.round(width, from, count, call.outputLike(0, x, columns));
    };
  }
}

package dev.falconer.kernel;

import dev.falconer.packed.PackedHeader;
import java.util.List;

/**
 * Operator SparseMatMul: y [.., out] = activation(x [.., in] W' + bias).
 *
 * <pre>
 * inputs      x float32 [.., in]; packed uint8 [bytes], constant, as {@link PackedHeader} says;
 *             bias float32 [out], constant, optional
 * attributes  activation: a name of {@link Activation}
 * </pre>
 */
public final class SparseMatMul {
  private static final List<Operator.Input> INPUTS =
      List.of(
          new Operator.Input(ElementType.FLOAT32, false),
          new Operator.Input(ElementType.UINT8, false),
          new Operator.Input(ElementType.FLOAT32, true));

  private SparseMatMul() {}

  /** Returns the operator, computed by an execution. */
  public static Operator by(Execution execution) {
    return new Operator(
        "SparseMatMul", INPUTS, List.of(ElementType.FLOAT32), node -> kernel(execution, node));
  }

  private static Kernel kernel(Execution execution, NodeInfo node) {
    String name = node.toString();
    Product product = Product.of(execution, node, 1, node.activation("activation"));
    return call -> {
      TensorView x = call.input(0);
      if (x.rank() < 1 || x.dim(-1) != product.in()) {
        throw new IllegalArgumentException(
            "%s: x is %s, want %d columns".formatted(name, x, product.in()));
      }
      int rows = Math.toIntExact(x.rows());
      long from = x.address();
      long y = call.outputLike(0, x, product.out());
      product.run(from, product.in(), rows, y, product.out());
    };
  }
}

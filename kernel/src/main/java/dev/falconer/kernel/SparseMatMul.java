package dev.falconer.kernel;

import dev.falconer.packed.PackedHeader;
import java.util.List;

/**
 * Operator SparseMatMul: y [.., out] = activation(x [.., in] W' + bias).
 *
 * <pre>
 * inputs      x float32 [.., in]; packed uint8 [bytes], constant, as {@link PackedHeader} says;
 *             bias float32 [out], optional
 * attributes  activation: "none" or "relu"
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
  public static Operator by(MatMul execution) {
    return new Operator(
        "SparseMatMul", INPUTS, List.of(ElementType.FLOAT32), node -> kernel(execution, node));
  }

  private static Kernel kernel(MatMul execution, NodeInfo node) {
    String name = node.toString();
    TensorView packed = node.constant(1);
    PackedMatrix weight;
    Activation activation;
    try {
      weight = PackedMatrix.at(packed.address(), packed.size());
      activation = Activation.parse(node.text("activation"));
      if (!execution.has(weight.header().layout(), weight.header().isInt8())) {
        throw new IllegalArgumentException(
            "%s doesn't multiply %s in %s"
                .formatted(
                    execution,
                    weight.header().layout(),
                    weight.header().isInt8() ? "int8" : "float32"));
      }
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException(name + ": " + e.getMessage(), e);
    }
    int in = weight.header().in();
    int out = weight.header().out();
    return call -> {
      TensorView x = call.input(0);
      if (x.rank() < 1 || x.dim(-1) != in) {
        throw new IllegalArgumentException("%s: x is %s, want %d columns".formatted(name, x, in));
      }
      long bias = 0;
      if (call.has(2)) {
        TensorView given = call.input(2);
        if (given.rank() != 1 || given.dim(0) != out) {
          throw new IllegalArgumentException(
              "%s: bias is %s, want [%d]".formatted(name, given, out));
        }
        bias = given.address();
      }
      long y = call.outputLike(0, x, out);
      execution.run(weight, x.address(), in, Math.toIntExact(x.rows()), bias, activation, y, out);
    };
  }
}

package dev.falconer.compressor.execute;

import java.util.List;
import java.util.function.Function;
import org.bytedeco.pytorch.Tensor;

/** What a node computes. Built once per node, so that tables and attributes are read once. */
interface Operator {
  /** Returns the node's outputs in order; fewer than it declares is an error. */
  List<Value> apply(Call call);

  /** Returns an operator with one tensor output. */
  static Operator of(Function<Call, Tensor> function) {
    return call -> List.of(new Value.Torch(function.apply(call)));
  }
}

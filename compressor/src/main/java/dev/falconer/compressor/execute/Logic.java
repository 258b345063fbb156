package dev.falconer.compressor.execute;

import dev.falconer.compressor.onnx.Node;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.jspecify.annotations.Nullable;

/** Comparisons, booleans and selection. Gradients flow through the selected branch of Where. */
final class Logic {
  private Logic() {}

  static @Nullable Operator find(Node node) {
    return switch (node.type()) {
      case "Equal" -> Operator.of(call -> call.tensor(0).eq(call.tensor(1)));
      case "Less" -> Operator.of(call -> call.tensor(0).lt(call.tensor(1)));
      case "LessOrEqual" -> Operator.of(call -> call.tensor(0).le(call.tensor(1)));
      case "Greater" -> Operator.of(call -> call.tensor(0).gt(call.tensor(1)));
      case "GreaterOrEqual" -> Operator.of(call -> call.tensor(0).ge(call.tensor(1)));
      case "And" -> Operator.of(call -> torch.logical_and(call.tensor(0), call.tensor(1)));
      case "Or" -> Operator.of(call -> torch.logical_or(call.tensor(0), call.tensor(1)));
      case "Xor" -> Operator.of(call -> torch.logical_xor(call.tensor(0), call.tensor(1)));
      case "Not" -> Operator.of(call -> torch.logical_not(call.tensor(0)));
      case "IsNaN" -> Operator.of(call -> torch.isnan(call.tensor(0)));
      case "Where" -> Operator.of(Logic::where);
      default -> null;
    };
  }

  private static Tensor where(Call call) {
    return torch.where(call.tensor(0), call.tensor(1), call.tensor(2));
  }
}

package dev.falconer.compressor.execute;

import dev.falconer.compressor.onnx.Node;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;
import org.jspecify.annotations.Nullable;

/** Matrix products. */
final class Products {
  private Products() {}

  static @Nullable Operator find(Node node) {
    return switch (node.type()) {
      case "MatMul" -> Operator.of(call -> torch.matmul(call.tensor(0), call.tensor(1)));
      case "Gemm" -> Operator.of(call -> gemm(call, node));
      case "Einsum" ->
          Operator.of(call -> torch.einsum(node.textAttribute("equation", ""), vector(call)));
      default -> null;
    };
  }

  private static Tensor gemm(Call call, Node node) {
    Tensor a = node.intAttribute("transA", 0) != 0 ? call.tensor(0).t() : call.tensor(0);
    Tensor b = node.intAttribute("transB", 0) != 0 ? call.tensor(1).t() : call.tensor(1);
    var alpha = new Scalar((double) node.floatAttribute("alpha", 1f));
    if (!call.has(2)) {
      return torch.mm(a, b).mul(alpha);
    }
    var beta = new Scalar((double) node.floatAttribute("beta", 1f));
    return torch.addmm(call.tensor(2), a, b, beta, alpha);
  }

  private static TensorVector vector(Call call) {
    var tensors = new Tensor[call.inputs().size()];
    for (int i = 0; i < tensors.length; i++) {
      tensors[i] = call.tensor(i);
    }
    return new TensorVector(tensors);
  }
}

package dev.falconer.compressor.execute;

import dev.falconer.compressor.onnx.Node;
import java.util.Arrays;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.ScalarOptional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.jspecify.annotations.Nullable;

/** Integer arithmetic of quantised graphs. Forward only: rounding has no gradient. */
final class Quantisation {
  private Quantisation() {}

  static @Nullable Operator find(Node node) {
    return switch (node.type()) {
      case "QuantizeLinear" -> Operator.of(call -> quantise(call, node));
      case "DequantizeLinear" -> Operator.of(call -> dequantise(call, node));
      case "MatMulInteger" -> Operator.of(Quantisation::multiply);
      default -> null;
    };
  }

  private static Tensor quantise(Call call, Node node) {
    Tensor x = call.tensor(0);
    Tensor scale = perAxis(call.tensor(1), x, node);
    ScalarType type = call.has(2) ? call.tensor(2).scalar_type() : ScalarType.Byte;
    Tensor level = x.div(scale).round();
    if (call.has(2)) {
      level = level.add(perAxis(call.tensor(2), x, node).to(x.scalar_type()));
    }
    boolean signed = type.value == ScalarType.Char.value;
    if (!signed && type.value != ScalarType.Byte.value) {
      throw new IllegalArgumentException("quantises to int8 or uint8, not to " + type.intern());
    }
    var low = new ScalarOptional(new Scalar(signed ? -128.0 : 0.0));
    var high = new ScalarOptional(new Scalar(signed ? 127.0 : 255.0));
    return torch.clamp(level, low, high).to(type);
  }

  private static Tensor dequantise(Call call, Node node) {
    Tensor x = call.tensor(0);
    Tensor scale = perAxis(call.tensor(1), x, node);
    Tensor level = x.to(scale.scalar_type());
    if (call.has(2)) {
      level = level.sub(perAxis(call.tensor(2), x, node).to(scale.scalar_type()));
    }
    return level.mul(scale);
  }

  private static Tensor perAxis(Tensor parameter, Tensor x, Node node) {
    if (parameter.numel() == 1) {
      return parameter.reshape();
    }
    if (parameter.dim() != 1 || node.intAttribute("block_size", 0) != 0) {
      throw new IllegalArgumentException("scales per tensor or per axis are supported, not blocks");
    }
    var shape = new long[Math.toIntExact(x.dim())];
    Arrays.fill(shape, 1);
    shape[Axes.positive(node.intAttribute("axis", 1), x.dim())] = -1;
    return parameter.reshape(shape);
  }

  /** Double products are exact: levels stay below 2^16, so do sums of 2^37 of them below 2^53. */
  private static Tensor multiply(Call call) {
    Tensor a = call.tensor(0).to(ScalarType.Double);
    Tensor b = call.tensor(1).to(ScalarType.Double);
    if (call.has(2)) {
      Tensor zero = call.tensor(2).to(ScalarType.Double);
      a = a.sub(zero.dim() == 1 && zero.numel() > 1 ? zero.unsqueeze(1) : zero);
    }
    if (call.has(3)) {
      b = b.sub(call.tensor(3).to(ScalarType.Double));
    }
    return torch.matmul(a, b).to(ScalarType.Int);
  }
}

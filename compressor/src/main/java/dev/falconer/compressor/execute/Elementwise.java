package dev.falconer.compressor.execute;

import dev.falconer.compressor.onnx.Node;
import java.util.function.BinaryOperator;
import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.ScalarOptional;
import org.bytedeco.pytorch.StringViewOptional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.jspecify.annotations.Nullable;

/** Arithmetic and activations, element by element with broadcasting. */
final class Elementwise {
  // The optional keeps a bare pointer into the text: the text must never be freed.
  private static final BytePointer TRUNC = new BytePointer("trunc");
  private static final StringViewOptional TRUNCATE = new StringViewOptional(TRUNC);

  private Elementwise() {}

  static @Nullable Operator find(Node node) {
    return switch (node.type()) {
      case "Add" -> Operator.of(call -> call.tensor(0).add(call.tensor(1)));
      case "Sub" -> Operator.of(call -> call.tensor(0).sub(call.tensor(1)));
      case "Mul" -> Operator.of(call -> call.tensor(0).mul(call.tensor(1)));
      case "Div" -> Operator.of(call -> divide(call.tensor(0), call.tensor(1)));
      case "Mod" -> Operator.of(call -> modulo(call, node.intAttribute("fmod", 0) != 0));
      case "Pow" -> Operator.of(Elementwise::power);
      case "Max" -> Operator.of(call -> fold(call, torch::maximum));
      case "Min" -> Operator.of(call -> fold(call, torch::minimum));
      case "Sum" -> Operator.of(call -> fold(call, Tensor::add));
      case "Mean" ->
          Operator.of(
              call -> fold(call, Tensor::add).div(new Scalar((double) call.inputs().size())));
      case "Clip" -> Operator.of(call -> clip(call, node));
      case "Neg" -> Operator.of(call -> call.tensor(0).neg());
      case "Abs" -> Operator.of(call -> torch.abs(call.tensor(0)));
      case "Sqrt" -> Operator.of(call -> call.tensor(0).sqrt());
      case "Exp" -> Operator.of(call -> call.tensor(0).exp());
      case "Log" -> Operator.of(call -> call.tensor(0).log());
      case "Reciprocal" -> Operator.of(call -> call.tensor(0).reciprocal());
      case "Floor" -> Operator.of(call -> call.tensor(0).floor());
      case "Ceil" -> Operator.of(call -> call.tensor(0).ceil());
      case "Round" -> Operator.of(call -> call.tensor(0).round());
      case "Sign" -> Operator.of(call -> call.tensor(0).sign());
      case "Sin" -> Operator.of(call -> torch.sin(call.tensor(0)));
      case "Cos" -> Operator.of(call -> torch.cos(call.tensor(0)));
      case "Erf" -> Operator.of(call -> torch.erf(call.tensor(0)));
      case "Tanh" -> Operator.of(call -> call.tensor(0).tanh());
      case "Sigmoid" -> Operator.of(call -> torch.sigmoid(call.tensor(0)));
      case "Relu" -> Operator.of(call -> torch.relu(call.tensor(0)));
      case "LeakyRelu" ->
          Operator.of(call ->
              torch.leaky_relu(
                  call.tensor(0), new Scalar((double) node.floatAttribute("alpha", .01f))));
      case "PRelu" -> Operator.of(Elementwise::parametricRelu);
      case "Elu" -> Operator.of(call -> elu(call.tensor(0), node.floatAttribute("alpha", 1f)));
      case "HardSigmoid" -> Operator.of(call -> hardSigmoid(call.tensor(0), node));
      case "Softplus" -> Operator.of(call -> torch.softplus(call.tensor(0)));
      case "Gelu" ->
          Operator.of(
              call -> torch.gelu(call.tensor(0), node.textAttribute("approximate", "none")));
      default -> null;
    };
  }

  private static Tensor divide(Tensor a, Tensor b) {
    return a.is_floating_point() ? a.div(b) : a.div(b, TRUNCATE);
  }

  private static Tensor modulo(Call call, boolean signOfDividend) {
    Tensor a = call.tensor(0);
    Tensor b = call.tensor(1);
    return signOfDividend ? torch.fmod(a, b) : torch.remainder(a, b);
  }

  /** A constant exponent takes the cheap path, which knows squares and roots. */
  private static Tensor power(Call call) {
    Tensor base = call.tensor(0);
    Tensor exponent = call.tensor(1);
    Tensor result =
        exponent.numel() == 1 && exponent.dim() == 0 && !exponent.requires_grad()
            ? base.pow(new Scalar(exponent.item_double()))
            : base.pow(exponent.to(base.scalar_type()));
    return result.to(base.scalar_type());
  }

  private static Tensor fold(Call call, BinaryOperator<Tensor> operator) {
    Tensor result = call.tensor(0);
    for (int i = 1; i < call.inputs().size(); i++) {
      result = operator.apply(result, call.tensor(i));
    }
    return result;
  }

  private static Tensor clip(Call call, Node node) {
    Tensor x = call.tensor(0);
    boolean attributes = call.opset() < 11;
    ScalarOptional low = bound(call, 1, attributes, node.floatAttribute("min", -Float.MAX_VALUE));
    ScalarOptional high = bound(call, 2, attributes, node.floatAttribute("max", Float.MAX_VALUE));
    return low.has_value() || high.has_value() ? torch.clamp(x, low, high) : x;
  }

  private static ScalarOptional bound(Call call, int input, boolean attributes, float attribute) {
    if (attributes) {
      return new ScalarOptional(new Scalar((double) attribute));
    }
    return call.has(input)
        ? new ScalarOptional(new Scalar(call.number(input)))
        : new ScalarOptional();
  }

  private static Tensor parametricRelu(Call call) {
    Tensor x = call.tensor(0);
    return torch.where(x.gt(new Scalar(0)), x, x.mul(call.tensor(1)));
  }

  private static Tensor elu(Tensor x, float alpha) {
    return torch.elu(x, new Scalar((double) alpha), new Scalar(1.0), new Scalar(1.0));
  }

  private static Tensor hardSigmoid(Tensor x, Node node) {
    Tensor line =
        x.mul(new Scalar((double) node.floatAttribute("alpha", .2f)))
            .add(new Scalar((double) node.floatAttribute("beta", .5f)));
    return torch.clamp(
        line, new ScalarOptional(new Scalar(0.0)), new ScalarOptional(new Scalar(1.0)));
  }
}

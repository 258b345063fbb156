package dev.falconer.compressor.execute;

import dev.falconer.compressor.onnx.Node;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.ScalarTypeOptional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptional;
import org.bytedeco.pytorch.global.torch;
import org.jspecify.annotations.Nullable;

/** Softmax and normalisations. */
final class Normalisation {
  private Normalisation() {}

  static @Nullable Operator find(Node node) {
    return switch (node.type()) {
      case "Softmax" ->
          Operator.of(call -> softmax(call, node, (x, axis) -> torch.softmax(x, axis)));
      case "LogSoftmax" ->
          Operator.of(call -> softmax(call, node, (x, axis) -> torch.log_softmax(x, axis)));
      case "LayerNormalization" -> call -> layer(call, node);
      case "RMSNormalization" -> Operator.of(call -> rootMeanSquare(call, node));
      case "BatchNormalization" -> Operator.of(call -> batch(call, node));
      default -> null;
    };
  }

  private interface AlongAxis {
    Tensor apply(Tensor x, long axis);
  }

  /** Before opset 13 the axes from {@code axis} on are one. */
  private static Tensor softmax(Call call, Node node, AlongAxis function) {
    Tensor x = call.tensor(0);
    if (call.opset() >= 13) {
      return function.apply(x, node.intAttribute("axis", -1));
    }
    int axis = Axes.positive(node.intAttribute("axis", 1), x.dim());
    return function.apply(x.flatten(axis, -1), axis).reshape(Tensors.dims(x));
  }

  private static List<Value> layer(Call call, Node node) {
    Tensor x = call.tensor(0);
    double epsilon = node.floatAttribute("epsilon", 1e-5f);
    int axis = Axes.positive(node.intAttribute("axis", -1), x.dim());
    long[] dims = Tensors.dims(x);
    long[] normalised = Arrays.copyOfRange(dims, axis, dims.length);
    Tensor scale = call.tensor(1);
    boolean fits = Arrays.equals(Tensors.dims(scale), normalised);
    var weight = fits ? new TensorOptional(scale) : new TensorOptional();
    boolean bias = fits && call.has(2) && Arrays.equals(Tensors.dims(call.tensor(2)), normalised);
    var shift = bias ? new TensorOptional(call.tensor(2)) : new TensorOptional();
    Tensor y = torch.layer_norm(x, normalised, weight, shift, epsilon, false);
    if (!fits) {
      y = y.mul(scale);
    }
    if (call.has(2) && !bias) {
      y = y.add(call.tensor(2));
    }
    var outputs = new ArrayList<Value>();
    outputs.add(new Value.Torch(y));
    if (node.outputs().size() > 1) {
      long[] axes = Arrays.copyOfRange(Axes.all(dims.length), axis, dims.length);
      Tensor mean = x.mean(axes, true, new ScalarTypeOptional());
      Tensor centred = x.sub(mean);
      Tensor variance = centred.mul(centred).mean(axes, true, new ScalarTypeOptional());
      outputs.add(new Value.Torch(mean));
      outputs.add(new Value.Torch(variance.add(new Scalar(epsilon)).rsqrt()));
    }
    return outputs;
  }

  private static Tensor rootMeanSquare(Call call, Node node) {
    Tensor x = call.tensor(0);
    int axis = Axes.positive(node.intAttribute("axis", -1), x.dim());
    int rank = Math.toIntExact(x.dim());
    long[] axes = Arrays.copyOfRange(Axes.all(rank), axis, rank);
    Tensor square = x.mul(x).mean(axes, true, new ScalarTypeOptional());
    var epsilon = new Scalar((double) node.floatAttribute("epsilon", 1e-5f));
    return x.mul(square.add(epsilon).rsqrt()).mul(call.tensor(1));
  }

  /** The inference form: running statistics are constants of the graph. */
  private static Tensor batch(Call call, Node node) {
    Tensor x = call.tensor(0);
    if (node.intAttribute("training_mode", 0) != 0) {
      throw new IllegalArgumentException("training_mode 1 is not supported; export with 0");
    }
    var shape = new long[Math.toIntExact(x.dim())];
    Arrays.fill(shape, 1);
    shape[1] = -1;
    var epsilon = new Scalar((double) node.floatAttribute("epsilon", 1e-5f));
    Tensor scale = call.tensor(1).mul(call.tensor(4).add(epsilon).rsqrt());
    Tensor shift = call.tensor(2).sub(call.tensor(3).mul(scale));
    return x.mul(scale.reshape(shape)).add(shift.reshape(shape));
  }
}

package dev.falconer.compressor.execute;

import dev.falconer.compressor.onnx.Attribute;
import dev.falconer.compressor.onnx.DType;
import dev.falconer.compressor.onnx.Node;
import dev.falconer.compressor.onnx.NumericTensor;
import java.util.Arrays;
import java.util.List;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;
import org.jspecify.annotations.Nullable;

/** Operators that move elements without computing: views where strides allow. */
final class Shaping {
  private Shaping() {}

  static @Nullable Operator find(Node node) {
    return switch (node.type()) {
      case "Shape" -> call -> List.of(shape(call, node));
      case "Size" -> call -> List.of(Longs.scalar(product(dims(call.value(0)))));
      case "Identity", "Dropout" -> call -> List.of(call.value(0));
      case "Reshape" -> Operator.of(call -> reshape(call, node));
      case "Flatten" -> Operator.of(call -> flatten(call.tensor(0), node.intAttribute("axis", 1)));
      case "Squeeze" -> Operator.of(Shaping::squeeze);
      case "Unsqueeze" -> Operator.of(Shaping::unsqueeze);
      case "Transpose" -> Operator.of(call -> transpose(call.tensor(0), node));
      case "Expand" -> Operator.of(Shaping::expand);
      case "Tile" -> Operator.of(call -> call.tensor(0).repeat(call.longs(1)));
      case "Concat" -> Operator.of(call -> concat(call, node));
      case "Split" -> call -> split(call, node);
      case "Cast" -> Operator.of(call -> cast(call, node));
      case "CastLike" -> Operator.of(call -> call.tensor(0).to(call.tensor(1).scalar_type()));
      case "ConstantOfShape" -> Operator.of(call -> constantOfShape(call, node));
      case "Range" -> Operator.of(Shaping::range);
      default -> null;
    };
  }

  static long[] dims(Value value) {
    return switch (value) {
      case Value.Torch(Tensor tensor) -> Tensors.dims(tensor);
      case Value.Text(var strings) -> strings.shape().dims();
      case Longs longs -> longs.dims();
    };
  }

  private static long product(long[] dims) {
    return Arrays.stream(dims).reduce(1, (a, b) -> a * b);
  }

  private static Longs shape(Call call, Node node) {
    long[] dims = dims(call.value(0));
    int start = bounded(node.intAttribute("start", 0), dims.length);
    int end = bounded(node.intAttribute("end", dims.length), dims.length);
    return Longs.vector(Arrays.copyOfRange(dims, start, Math.max(start, end)));
  }

  private static int bounded(long position, int rank) {
    return Math.clamp(position < 0 ? position + rank : position, 0, rank);
  }

  private static Tensor reshape(Call call, Node node) {
    Tensor x = call.tensor(0);
    long[] wanted = call.longs(1).clone();
    if (node.intAttribute("allowzero", 0) == 0) {
      for (int i = 0; i < wanted.length; i++) {
        wanted[i] = wanted[i] == 0 ? x.size(i) : wanted[i];
      }
    }
    return x.reshape(wanted);
  }

  private static Tensor flatten(Tensor x, long axis) {
    long rows = 1;
    for (int i = 0; i < (axis < 0 ? axis + x.dim() : axis); i++) {
      rows *= x.size(i);
    }
    return x.reshape(rows, rows == 0 ? 0 : x.numel() / rows);
  }

  private static Tensor squeeze(Call call) {
    long[] axes = call.axes(1);
    return axes.length == 0 ? call.tensor(0).squeeze() : call.tensor(0).squeeze(axes);
  }

  private static Tensor unsqueeze(Call call) {
    Tensor x = call.tensor(0);
    long[] axes = call.axes(1);
    long rank = x.dim() + axes.length;
    long[] sorted = Arrays.stream(axes).map(axis -> Axes.positive(axis, rank)).sorted().toArray();
    for (long axis : sorted) {
      x = x.unsqueeze(axis);
    }
    return x;
  }

  private static Tensor transpose(Tensor x, Node node) {
    long[] order = node.intsAttribute("perm");
    if (order.length == 0) {
      order = Axes.all(x.dim());
      for (int i = 0; i < order.length; i++) {
        order[i] = order.length - 1L - i;
      }
    }
    return x.permute(order);
  }

  private static Tensor expand(Call call) {
    Tensor x = call.tensor(0);
    return x.expand(Axes.broadcast(Tensors.dims(x), call.longs(1)));
  }

  private static Tensor concat(Call call, Node node) {
    var parts = new Tensor[call.inputs().size()];
    for (int i = 0; i < parts.length; i++) {
      parts[i] = call.tensor(i);
    }
    return torch.cat(new TensorVector(parts), node.intAttribute("axis", 0));
  }

  private static List<Value> split(Call call, Node node) {
    Tensor x = call.tensor(0);
    int axis = Axes.positive(node.intAttribute("axis", 0), x.dim());
    long[] sizes = call.has(1) ? call.longs(1) : node.intsAttribute("split");
    if (sizes.length == 0) {
      int parts = node.outputs().size();
      long chunk = -Math.floorDiv(-x.size(axis), (long) parts);
      sizes = new long[parts];
      Arrays.fill(sizes, chunk);
      sizes[parts - 1] = x.size(axis) - chunk * (parts - 1);
    }
    var outputs = new java.util.ArrayList<Value>();
    long start = 0;
    for (long size : sizes) {
      outputs.add(new Value.Torch(x.narrow(axis, start, size)));
      start += size;
    }
    return outputs;
  }

  private static Tensor cast(Call call, Node node) {
    DType to = DType.ofOnnx(Math.toIntExact(node.intAttribute("to", DType.FLOAT32.onnx())));
    return call.tensor(0).to(call.settings().type(to));
  }

  private static Tensor constantOfShape(Call call, Node node) {
    NumericTensor value = fill(node);
    var options = Tensors.options(call.settings().type(value.dtype()));
    return torch.full(call.longs(0), new Scalar(value.at(0)), options);
  }

  /** Returns the element a ConstantOfShape repeats. */
  static NumericTensor fill(Node node) {
    return node.attributes().get("value") instanceof Attribute.TensorAttr(NumericTensor given)
        ? given
        : dev.falconer.compressor.onnx.TensorData.scalar(0f);
  }

  private static Tensor range(Call call) {
    Tensor start = call.tensor(0);
    var options = Tensors.options(start.scalar_type());
    return torch.arange(start.item(), call.tensor(1).item(), call.tensor(2).item(), options);
  }
}

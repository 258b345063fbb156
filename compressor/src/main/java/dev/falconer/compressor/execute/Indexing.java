package dev.falconer.compressor.execute;

import dev.falconer.compressor.onnx.Node;
import java.util.Arrays;
import org.bytedeco.pytorch.LongOptional;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.ScalarTypeOptional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.jspecify.annotations.Nullable;

/** Reads chosen elements. */
final class Indexing {
  private Indexing() {}

  static @Nullable Operator find(Node node) {
    return switch (node.type()) {
      case "Gather" -> Operator.of(call -> gather(call, node));
      case "GatherElements" -> Operator.of(call -> gatherElements(call, node));
      case "Slice" -> Operator.of(call -> slice(call, node));
      case "Pad" -> Operator.of(call -> pad(call, node));
      case "Trilu" -> Operator.of(call -> triangle(call, node));
      case "CumSum" -> Operator.of(Indexing::cumulate);
      default -> null;
    };
  }

  /**
   * A read of rows is libtorch's embedding: its gradient adds rows without an index tensor per
   * element, and is sparse for tables that are updated row by row.
   */
  private static Tensor gather(Call call, Node node) {
    Tensor data = call.tensor(0);
    int axis = Axes.positive(node.intAttribute("axis", 0), data.dim());
    if (call.value(1) instanceof Longs one && one.rank() == 0) {
      return data.select(axis, one.values()[0]);
    }
    Tensor indices = fromStart(call.tensor(1), data.size(axis));
    if (axis == 0 && data.dim() == 2 && data.is_floating_point()) {
      boolean sparse = call.settings().rowWise().contains(node.input(0));
      return torch.embedding(data, indices, -1, false, sparse);
    }
    long[] shape = Tensors.dims(data);
    long[] read = Tensors.dims(indices);
    var result = new long[shape.length - 1 + read.length];
    System.arraycopy(shape, 0, result, 0, axis);
    System.arraycopy(read, 0, result, axis, read.length);
    System.arraycopy(shape, axis + 1, result, axis + read.length, shape.length - axis - 1);
    return data.index_select(axis, indices.reshape(-1)).reshape(result);
  }

  private static Tensor gatherElements(Call call, Node node) {
    Tensor data = call.tensor(0);
    int axis = Axes.positive(node.intAttribute("axis", 0), data.dim());
    return data.gather(axis, fromStart(call.tensor(1), data.size(axis)));
  }

  /** Returns the indices with those counted from the end made positive. */
  private static Tensor fromStart(Tensor indices, long length) {
    Tensor wide = indices.to(ScalarType.Long);
    if (wide.numel() == 0 || wide.min().item_long() >= 0) {
      return wide;
    }
    return torch.where(wide.lt(new Scalar(0L)), wide.add(new Scalar(length)), wide);
  }

  private static Tensor slice(Call call, Node node) {
    Tensor x = call.tensor(0);
    boolean attributes = call.opset() < 10;
    long[] starts = attributes ? node.intsAttribute("starts") : call.longs(1);
    long[] ends = attributes ? node.intsAttribute("ends") : call.longs(2);
    long[] axes = attributes ? node.intsAttribute("axes") : call.has(3) ? call.longs(3) : null;
    long[] steps = !attributes && call.has(4) ? call.longs(4) : null;
    if (axes == null || axes.length == 0) {
      axes = Axes.all(starts.length);
    }
    for (int i = 0; i < starts.length; i++) {
      int axis = Axes.positive(axes[i], x.dim());
      x = slice(x, axis, starts[i], ends[i], steps == null ? 1 : steps[i]);
    }
    return x;
  }

  private static Tensor slice(Tensor x, int axis, long start, long end, long step) {
    long length = x.size(axis);
    if (step > 0) {
      return x.slice(axis, new LongOptional(start), new LongOptional(end), step);
    }
    // libtorch steps forward only: the mirrored slice of the mirrored axis.
    long first = Math.clamp(start < 0 ? start + length : start, -1, length - 1);
    long last = Math.clamp(end < 0 ? end + length : end, -1, length - 1);
    return x.flip(axis)
        .slice(
            axis,
            new LongOptional(length - 1 - first),
            new LongOptional(Math.max(length - 1 - first, length - 1 - last)),
            -step);
  }

  private static Tensor pad(Call call, Node node) {
    Tensor x = call.tensor(0);
    String mode = node.textAttribute("mode", "constant");
    if (!mode.equals("constant")) {
      throw new IllegalArgumentException("pads with a constant, not with mode " + mode);
    }
    long[] pads = call.has(1) ? call.longs(1) : node.intsAttribute("pads");
    double value = call.has(2) ? call.number(2) : node.floatAttribute("value", 0f);
    long[] axes = call.has(3) ? call.longs(3) : Axes.all(x.dim());
    int rank = Math.toIntExact(x.dim());
    // libtorch counts pairs from the last axis.
    var pairs = new long[2 * rank];
    for (int i = 0; i < axes.length; i++) {
      int fromEnd = rank - 1 - Axes.positive(axes[i], rank);
      pairs[2 * fromEnd] = pads[i];
      pairs[2 * fromEnd + 1] = pads[axes.length + i];
    }
    return Arrays.stream(pairs).allMatch(pad -> pad == 0)
        ? x
        : torch.constant_pad_nd(x, pairs, new Scalar(value));
  }

  private static Tensor triangle(Call call, Node node) {
    long diagonal = call.has(1) ? call.longs(1)[0] : 0;
    return node.intAttribute("upper", 1) != 0
        ? torch.triu(call.tensor(0), diagonal)
        : torch.tril(call.tensor(0), diagonal);
  }

  private static Tensor cumulate(Call call) {
    if (call.node().intAttribute("exclusive", 0) != 0
        || call.node().intAttribute("reverse", 0) != 0) {
      throw new IllegalArgumentException("exclusive and reverse sums are not supported");
    }
    Tensor x = call.tensor(0);
    return torch.cumsum(x, call.longs(1)[0], new ScalarTypeOptional(x.scalar_type()));
  }
}

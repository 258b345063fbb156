package dev.falconer.compressor.execute;

import dev.falconer.compressor.onnx.Node;
import org.bytedeco.pytorch.LongOptional;
import org.bytedeco.pytorch.ScalarTypeOptional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.jspecify.annotations.Nullable;

/** Sums, means and extremes over axes. */
final class Reductions {
  private Reductions() {}

  private interface Reduction {
    Tensor apply(Tensor x, long[] axes, boolean keep);
  }

  static @Nullable Operator find(Node node) {
    return switch (node.type()) {
      case "ReduceSum" -> over(node, Reductions::sum);
      case "ReduceMean" ->
          over(node, (x, axes, keep) -> x.mean(axes, keep, new ScalarTypeOptional()));
      case "ReduceMax" -> over(node, (x, axes, keep) -> torch.amax(x, axes, keep));
      case "ReduceMin" -> over(node, (x, axes, keep) -> torch.amin(x, axes, keep));
      case "ReduceProd" -> over(node, Reductions::product);
      case "ReduceL1" -> over(node, (x, axes, keep) -> sum(torch.abs(x), axes, keep));
      case "ReduceL2" -> over(node, (x, axes, keep) -> sum(x.mul(x), axes, keep).sqrt());
      case "ReduceSumSquare" -> over(node, (x, axes, keep) -> sum(x.mul(x), axes, keep));
      case "ReduceLogSum" -> over(node, (x, axes, keep) -> sum(x, axes, keep).log());
      case "ReduceLogSumExp" -> over(node, (x, axes, keep) -> torch.logsumexp(x, axes, keep));
      case "ArgMax" ->
          Operator.of(call ->
              torch.argmax(
                  call.tensor(0),
                  new LongOptional(node.intAttribute("axis", 0)),
                  node.intAttribute("keepdims", 1) != 0));
      default -> null;
    };
  }

  private static Operator over(Node node, Reduction reduction) {
    boolean keep = node.intAttribute("keepdims", 1) != 0;
    boolean emptyMeansNone = node.intAttribute("noop_with_empty_axes", 0) != 0;
    return Operator.of(call -> {
      Tensor x = call.tensor(0);
      long[] axes = call.axes(1);
      if (axes.length == 0 && emptyMeansNone) {
        return x;
      }
      long[] given = axes.length == 0 ? Axes.all(x.dim()) : axes;
      return given.length == 0 ? x : reduction.apply(x, given, keep);
    });
  }

  private static Tensor sum(Tensor x, long[] axes, boolean keep) {
    return x.sum(axes, keep, new ScalarTypeOptional(x.scalar_type()));
  }

  private static Tensor product(Tensor x, long[] axes, boolean keep) {
    Tensor result = x;
    for (long axis : axes) {
      result = result.prod(axis, true, new ScalarTypeOptional(x.scalar_type()));
    }
    return keep ? result : result.squeeze(axes);
  }
}

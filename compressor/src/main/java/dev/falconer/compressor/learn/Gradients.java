package dev.falconer.compressor.learn;

import dev.falconer.compressor.execute.Tensors;
import dev.falconer.compressor.execute.TorchGraph;
import dev.falconer.compressor.onnx.NumericTensor;
import java.util.LinkedHashMap;
import java.util.Map;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;

/**
 * What happens to gradients between the backward pass and the optimiser: masked entries become 0,
 * so that their moments and so their moves are 0 and pruned weights stay exactly 0; then the norm
 * is clipped.
 */
final class Gradients implements AutoCloseable {
  private final TorchGraph graph;
  private final Map<String, Tensor> masks = new LinkedHashMap<>();
  private final double clipNorm;

  /**
   * Sets the masked weights to 0.
   *
   * @param given by parameter, in its shape: 0 for pruned entries, 1 for others
   */
  Gradients(TorchGraph graph, Map<String, NumericTensor> given, double clipNorm) {
    this.graph = graph;
    this.clipNorm = clipNorm;
    try (var _ = new PointerScope();
        var _ = new NoGradGuard()) {
      given.forEach((name, mask) -> add(name, mask));
    }
  }

  private void add(String name, NumericTensor given) {
    Tensor weight = graph.parameters().get(name);
    if (weight == null) {
      throw new IllegalArgumentException(
          "mask of \"" + name + "\"; the parameters are " + graph.parameters().keySet());
    }
    if (graph.rowWise().contains(name)) {
      throw new IllegalArgumentException(
          "mask of \"" + name + "\": tables that are updated row by row take none");
    }
    if (!java.util.Arrays.equals(given.shape().dims(), Tensors.dims(weight))) {
      throw new IllegalArgumentException(
          "mask of \"%s\" has shape %s, the weight %s"
              .formatted(name, given.shape(), java.util.Arrays.toString(Tensors.dims(weight))));
    }
    Tensor mask = Tensors.over(given).ne(new Scalar(0));
    Tensor kept = mask.to(weight.scalar_type());
    kept.retainReference();
    masks.put(name, kept);
    weight.masked_fill_(mask.logical_not(), new Scalar(0));
  }

  /** Changes the gradients in place. */
  void prepare() {
    try (var _ = new PointerScope();
        var _ = new NoGradGuard()) {
      masks.forEach((name, mask) -> {
        Tensor weight = graph.parameters().get(name);
        if (weight != null && weight.grad().defined()) {
          weight.grad().mul_(mask);
        }
      });
      if (Double.isFinite(clipNorm)) {
        clip();
      }
    }
  }

  private void clip() {
    double squares = 0;
    for (Tensor weight : graph.parameters().values()) {
      Tensor gradient = weight.grad();
      if (gradient.defined()) {
        Tensor dense = gradient.is_sparse() ? gradient.coalesce().values() : gradient;
        squares += dense.mul(dense).sum().item_double();
      }
    }
    double norm = Math.sqrt(squares);
    if (norm > clipNorm) {
      var factor = new Scalar(clipNorm / norm);
      for (Tensor weight : graph.parameters().values()) {
        if (weight.grad().defined()) {
          weight.grad().mul_(factor);
        }
      }
    }
  }

  /** Forgets the gradients. */
  void clear() {
    try (var _ = new PointerScope()) {
      for (Tensor weight : graph.parameters().values()) {
        weight.mutable_grad().reset();
      }
    }
  }

  @Override
  public void close() {
    masks.values().forEach(Tensor::close);
  }
}

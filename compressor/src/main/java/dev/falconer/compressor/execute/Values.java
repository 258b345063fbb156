package dev.falconer.compressor.execute;

import dev.falconer.compressor.onnx.NumericTensor;
import dev.falconer.compressor.onnx.TensorData;
import java.util.Map;
import org.bytedeco.pytorch.Tensor;

/**
 * The values asked of one run. Their tensors belong to the PointerScope that was open during the
 * run. Keeps the feeds alive, whose memory the tensors may share.
 */
public final class Values {
  private final Map<String, Tensor> tensors;
  private final Map<String, TensorData> feeds;

  Values(Map<String, Tensor> tensors, Map<String, TensorData> feeds) {
    this.tensors = tensors;
    this.feeds = feeds;
  }

  /** Returns a value that was asked for. */
  public Tensor get(String name) {
    Tensor tensor = tensors.get(name);
    if (tensor == null) {
      throw new IllegalArgumentException(
          "value \"" + name + "\" was not asked for; there are " + tensors.keySet());
    }
    return tensor;
  }

  /** Returns a copy of a value. */
  public NumericTensor copy(String name) {
    return Tensors.copy(get(name));
  }

  /** Returns the feeds of the run. */
  public Map<String, TensorData> feeds() {
    return feeds;
  }
}

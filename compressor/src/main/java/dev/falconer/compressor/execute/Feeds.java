package dev.falconer.compressor.execute;

import dev.falconer.compressor.onnx.DType;
import dev.falconer.compressor.onnx.NumericTensor;
import dev.falconer.compressor.onnx.StringTensor;
import dev.falconer.compressor.onnx.TensorData;
import org.bytedeco.pytorch.Tensor;

/** Turns a graph's constants and feeds into values of a run. */
final class Feeds {
  /** Longer integer vectors are data, not shapes. */
  private static final int MAX_SHAPE = 16;

  private Feeds() {}

  /** Returns a value that may share the feed's memory; it belongs to the open PointerScope. */
  static Value value(TensorData feed, Call.Settings settings) {
    return switch (feed) {
      case StringTensor strings -> new Value.Text(strings);
      case NumericTensor numbers -> {
        Tensor tensor = Tensors.over(numbers);
        yield new Value.Torch(
            numbers.dtype() == DType.FLOAT32 ? tensor.to(settings.floating()) : tensor);
      }
    };
  }

  /** Returns a value on its own memory that outlives the open PointerScope until it is closed. */
  static Value constant(TensorData data, Call.Settings settings) {
    if (data instanceof NumericTensor numbers
        && numbers.dtype() == DType.INT64
        && numbers.shape().rank() <= 1
        && numbers.shape().size() <= MAX_SHAPE) {
      return new Longs(numbers.shape().dims(), numbers.toLongs());
    }
    Value value = value(data, settings);
    if (value instanceof Value.Torch(Tensor shared)) {
      Tensor own = shared.clone();
      own.retainReference();
      return new Value.Torch(own);
    }
    return value;
  }
}

package dev.falconer.compressor.split;

import dev.falconer.compressor.onnx.NumericTensor;
import dev.falconer.compressor.onnx.Shape;
import dev.falconer.compressor.onnx.TensorData;
import dev.falconer.compressor.onnx.ValueInfo;
import java.util.LinkedHashMap;
import java.util.Map;

/** What the user graph reads. */
final class States {
  private States() {}

  /** Returns the user graph's feeds for a history encoded from its start. */
  static Map<String, TensorData> fresh(SplitModel split, Map<String, TensorData> request) {
    return after(split, request, Map.of());
  }

  /** Returns the user graph's feeds for events that follow a state; an empty state is no past. */
  static Map<String, TensorData> after(
      SplitModel split, Map<String, TensorData> events, Map<String, TensorData> past) {
    var feeds = new LinkedHashMap<String, TensorData>();
    for (ValueInfo input : split.user().graph().inputs()) {
      TensorData given = events.get(input.name());
      if (given != null) {
        feeds.put(input.name(), given);
      }
    }
    if (split.growth().supported()) {
      for (StateTensor tensor : split.state()) {
        TensorData before = past.get(tensor.name());
        feeds.put(Growth.pastOf(tensor.name()), before == null ? empty(tensor) : before);
      }
    }
    return feeds;
  }

  private static NumericTensor empty(StateTensor tensor) {
    long[] dims = tensor.shape().stream().mapToLong(length -> Math.max(length, 0)).toArray();
    return NumericTensor.allocate(tensor.dtype(), Shape.of(dims));
  }
}

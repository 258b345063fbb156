package dev.falconer.compressor.execute;

import dev.falconer.compressor.onnx.Attribute;
import dev.falconer.compressor.onnx.Node;
import dev.falconer.compressor.onnx.Shape;
import dev.falconer.compressor.onnx.TensorData;
import java.util.List;

/** Reads the value that a Constant node carries in one of its attributes. */
final class Constants {
  private Constants() {}

  static TensorData of(Node node) {
    for (Attribute attribute : node.attributes().values()) {
      return switch (attribute) {
        case Attribute.TensorAttr(TensorData value) -> value;
        case Attribute.IntAttr(long value) -> TensorData.scalar(value);
        case Attribute.FloatAttr(float value) -> TensorData.scalar(value);
        case Attribute.TextAttr(String value) -> TensorData.strings(Shape.of(), List.of(value));
        case Attribute.IntsAttr(List<Long> values) ->
            TensorData.vector(values.stream().mapToLong(Long::longValue).toArray());
        case Attribute.FloatsAttr(List<Float> values) -> floats(values);
        case Attribute.TextsAttr(List<String> values) ->
            TensorData.strings(Shape.of(values.size()), values);
        case Attribute.GraphAttr _ -> throw unreadable(node);
      };
    }
    throw unreadable(node);
  }

  private static TensorData floats(List<Float> values) {
    var array = new float[values.size()];
    for (int i = 0; i < array.length; i++) {
      array[i] = values.get(i);
    }
    return TensorData.floats(Shape.of(array.length), array);
  }

  private static IllegalArgumentException unreadable(Node node) {
    return new IllegalArgumentException(
        "Constant \"" + node.name() + "\" carries no value: " + node.attributes());
  }
}

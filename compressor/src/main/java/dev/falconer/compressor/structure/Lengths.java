package dev.falconer.compressor.structure;

import dev.falconer.compressor.onnx.Node;
import dev.falconer.compressor.onnx.NumericTensor;
import dev.falconer.compressor.onnx.Shape;
import dev.falconer.compressor.onnx.TensorData;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** Vectors of lengths, as Reshape and its like read them. */
final class Lengths {
  private static final Set<String> VIEWS =
      Set.of("Cast", "Identity", "Reshape", "Squeeze", "Unsqueeze");

  private Lengths() {}

  /**
   * Says that a length in the vector counts the groups. A constant one is changed; one that is
   * computed follows by itself.
   *
   * @param place of the length in the vector
   */
  static void count(Touch touch, int input, int place, Groups groups) {
    Surroundings around = touch.tracing().around();
    String vector = touch.node().input(input);
    if (numbers(around, vector).isPresent()) {
      touch.change(new Change.Length(touch.node().name(), input, place, groups));
      return;
    }
    Node writer = around.producers().get(vector);
    if (writer == null || !writer.is("Concat")) {
      return;
    }
    int before = 0;
    for (int part = 0; part < writer.inputs().size(); part++) {
      Shape shape = around.shapes().byValue().get(writer.input(part));
      if (shape == null) {
        return;
      }
      int size = Math.toIntExact(shape.size());
      if (place < before + size) {
        Optional<List<Long>> values = numbers(around, behind(around, writer.input(part)));
        if (values.isPresent()) {
          touch.change(
              new Change.PartLength(
                  touch.node().name(), input, part, values.get(), place - before, groups));
        }
        return;
      }
      before += size;
    }
  }

  /** Returns the value of the same elements that lies first. */
  private static String behind(Surroundings around, String value) {
    String name = value;
    Node writer = around.producers().get(name);
    while (writer != null && VIEWS.contains(writer.type())) {
      name = writer.input(0);
      writer = around.producers().get(name);
    }
    return name;
  }

  private static Optional<List<Long>> numbers(Surroundings around, String value) {
    TensorData constant = around.constants().get(value);
    return constant instanceof NumericTensor tensor && !tensor.dtype().isFloat()
        ? Optional.of(Arrays.stream(tensor.toLongs()).boxed().toList())
        : Optional.empty();
  }
}

package dev.falconer.compressor.structure;

import dev.falconer.compressor.onnx.Node;
import dev.falconer.compressor.onnx.NumericTensor;
import dev.falconer.compressor.onnx.Shape;
import dev.falconer.compressor.onnx.TensorData;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** Vectors of lengths, as Reshape and its like read them. */
final class Lengths {
  private static final Set<String> VIEWS =
      Set.of("Cast", "Identity", "Reshape", "Squeeze", "Unsqueeze");

  private Lengths() {}

  /**
   * Says that a length in the vector counts the groups.
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
      computed(touch, input, -1, vector, place, groups);
      return;
    }
    int before = 0;
    for (int part = 0; part < writer.inputs().size(); part++) {
      String value = writer.input(part);
      int size = size(touch, value);
      if (place < before + size) {
        Optional<List<Long>> values = numbers(around, behind(around, value));
        if (values.isPresent()) {
          touch.change(
              new Change.PartLength(
                  touch.node().name(), input, part, values.get(), place - before, groups));
        } else {
          computed(touch, input, part, value, place - before, groups);
        }
        return;
      }
      before += size;
    }
  }

  private static void computed(
      Touch touch, int input, int part, String value, int place, Groups groups) {
    touch.change(
        new Change.ComputedLength(
            touch.node().name(), input, part, value, place, size(touch, value), groups));
  }

  private static int size(Touch touch, String value) {
    Shape shape = touch.tracing().around().shapes().byValue().get(value);
    if (shape == null) {
      throw touch.refuse("reads lengths from \"" + value + "\", which a run did not give");
    }
    return Math.toIntExact(shape.size());
  }

  /** Returns whether lengths are computed from the shape of one of the values that are cut. */
  static boolean follow(Surroundings around, String lengths, Set<String> cut) {
    var open = new ArrayDeque<String>(List.of(lengths));
    var seen = new HashSet<String>();
    while (!open.isEmpty()) {
      Node writer = around.producers().get(open.remove());
      if (writer == null || !seen.add(writer.output())) {
        continue;
      }
      if (!writer.is("Shape") && !writer.is("Size")) {
        writer.inputs().stream().filter(input -> !input.isEmpty()).forEach(open::add);
      } else if (cut.contains(writer.input(0))) {
        return true;
      }
    }
    return false;
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

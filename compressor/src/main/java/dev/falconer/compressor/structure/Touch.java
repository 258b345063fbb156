package dev.falconer.compressor.structure;

import dev.falconer.compressor.layer.LinearLayer;
import dev.falconer.compressor.onnx.Node;
import dev.falconer.compressor.onnx.NumericTensor;
import dev.falconer.compressor.onnx.Shape;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A node one of whose values is made of the groups, for its operator's rule to say what follows for
 * its other values.
 *
 * @param isOutput whether the value is one of its outputs
 * @param slot index of the value among its inputs or outputs
 * @param context how the groups came to the value, for refusals; "" where straight
 */
record Touch(Tracing tracing, Node node, boolean isOutput, int slot, Mark mark, String context) {
  int axis() {
    return mark.axis();
  }

  Groups groups() {
    return mark.groups();
  }

  Shape in(int index) {
    return shape(node.input(index));
  }

  Shape out(int index) {
    return shape(node.outputs().get(index));
  }

  /** Returns the shape of the value. */
  Shape own() {
    return isOutput ? out(slot) : in(slot);
  }

  private Shape shape(String value) {
    Shape shape = tracing.around().shapes().byValue().get(value);
    if (shape == null) {
      throw refuse("reads or writes \"" + value + "\", whose shape a run did not give");
    }
    return shape;
  }

  boolean has(int index) {
    return !node.input(index).isEmpty();
  }

  /** Returns whether an input depends on constants alone. */
  boolean isFixed(int index) {
    return tracing.around().fixed().contains(node.input(index));
  }

  long opset() {
    return tracing.around().opset();
  }

  /** Returns the elements of a constant input; null where it is none. */
  long @Nullable [] integers(int index) {
    return tracing.around().constants().get(node.input(index)) instanceof NumericTensor numbers
            && !numbers.dtype().isFloat()
        ? numbers.toLongs()
        : null;
  }

  /** An input is made of the groups, too. */
  void input(int index, int axis, Groups groups) {
    input(index, axis, groups, context);
  }

  void input(int index, int axis, Groups groups, String how) {
    if (has(index)) {
      tracing.input(node, index, new Mark(axis, groups), how);
    }
  }

  /** An output is made of the groups, too; nothing where the node has none. */
  void output(int index, int axis, Groups groups) {
    if (index < node.outputs().size() && !node.outputs().get(index).isEmpty()) {
      tracing.mark(node.outputs().get(index), new Mark(axis, groups), context);
    }
  }

  /** Output 0 and input 0 are made of the groups along these axes. */
  void through(int inAxis, int outAxis) {
    input(0, inAxis, groups());
    output(0, outAxis, groups());
  }

  void change(Change change) {
    tracing.change(change);
  }

  /**
   * The layer that multiplies here gives the groups.
   *
   * @param outputs how its outputs are made of them
   */
  void produced(Groups outputs) {
    tracing.produced(this, outputs);
  }

  /** Returns whether the layer that multiplies here is the one whose inputs are the groups. */
  boolean isConsumer() {
    return tracing.isConsumer(node);
  }

  Refused refuse(String reason) {
    return new Refused("%s\"%s\" (%s) %s".formatted(context, node.name(), node.type(), reason));
  }

  /** Refuses where an output other than the first is written. */
  void onlyFirstOutput() {
    for (int i = 1; i < node.outputs().size(); i++) {
      if (!node.outputs().get(i).isEmpty()) {
        throw refuse("has more outputs than one");
      }
    }
  }

  /** Asks for groups of this number and size where they are finer. */
  void require(int number, int size) {
    Groups wanted = new Groups(1, number, size);
    if (groups().equals(wanted)) {
      return;
    }
    int inner = groups().inner();
    if (groups().outer() == 1 && size % inner == 0 && groups().count() == number * (size / inner)) {
      throw new Regroup(List.of(new Regroup.Option(number, size / inner)));
    }
    throw refuse(
        "takes them as %d heads of %d, not as %d groups of %d"
            .formatted(number, size, groups().count(), groups().inner()));
  }

  @Nullable LinearLayer layer() {
    return tracing.around().layers().get(node.name());
  }
}

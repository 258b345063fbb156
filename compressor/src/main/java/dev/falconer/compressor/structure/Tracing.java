package dev.falconer.compressor.structure;

import dev.falconer.compressor.layer.LinearLayer;
import dev.falconer.compressor.layer.LinearLayer.Tap;
import dev.falconer.compressor.onnx.Node;
import dev.falconer.compressor.onnx.Shape;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;

/**
 * Follows the groups of a layer's inputs through the graph, from every value to all nodes that
 * write or read it, until constants, layers that produce them and the layer itself are all that is
 * left.
 *
 * <pre>
 * x ─ W1 ─ + ─ Gelu ─ W2 ─        W2's inputs are the groups, so are the values up to W1's outputs,
 *          b                      the bias and W1's weight; anything else that read one would refuse
 * </pre>
 */
final class Tracing {
  private final Surroundings around;
  private final LinearLayer consumer;
  private final Set<String> consumerNodes = new HashSet<>();
  private final Map<String, Mark> marks = new LinkedHashMap<>();
  private final Map<String, String> contexts = new HashMap<>();
  private final Map<String, Mark> constants = new HashMap<>();
  private final Set<Change> changes = new LinkedHashSet<>();
  private final Map<LinearLayer, Groups> producers = new LinkedHashMap<>();
  private final Deque<String> open = new ArrayDeque<>();

  Tracing(Surroundings around, LinearLayer consumer) {
    this.around = around;
    this.consumer = consumer;
    consumer.taps().stream().map(Tap::node).forEach(consumerNodes::add);
  }

  Surroundings around() {
    return around;
  }

  /**
   * Returns how the groups are removed.
   *
   * @throws Refused when they can't be
   * @throws Regroup when they are too fine
   */
  Removal run(Groups groups) {
    for (Tap tap : consumer.taps()) {
      Node node = Objects.requireNonNull(around.byName().get(tap.node()), tap.node());
      Shape shape = Objects.requireNonNull(around.shapes().byValue().get(tap.input()), tap.input());
      mark(tap.input(), new Mark(Products.inputAxis(node, shape.rank()), groups), "");
    }
    while (!open.isEmpty()) {
      spread(open.remove());
    }
    changes.removeIf(change ->
        change instanceof Change.ComputedLength computed
            && Lengths.follow(around, computed.value(), marks.keySet()));
    return new Removal(consumer, groups, producers, changes, marks.keySet());
  }

  private void spread(String value) {
    Mark mark = Objects.requireNonNull(marks.get(value), value);
    String context = contexts.getOrDefault(value, "");
    if (around.outputs().contains(value)) {
      throw new Refused(context + "they are the output \"" + value + "\"");
    }
    if (around.captured().contains(value)) {
      throw new Refused(context + "a body of a node reads \"" + value + "\"");
    }
    Node writer = around.producers().get(value);
    if (writer == null) {
      throw new Refused(context + "they come from the input \"" + value + "\"");
    }
    touch(new Touch(this, writer, true, writer.outputs().indexOf(value), mark, context));
    for (Node reader : new LinkedHashSet<>(around.consumers().getOrDefault(value, List.of()))) {
      for (int i = 0; i < reader.inputs().size(); i++) {
        if (reader.input(i).equals(value)) {
          touch(new Touch(this, reader, false, i, mark, context));
        }
      }
    }
  }

  private void touch(Touch touch) {
    if (around.repeated().contains(touch.node().name())) {
      throw touch.refuse("has the name of another node");
    }
    Rules.apply(touch);
  }

  boolean isConsumer(Node node) {
    return consumerNodes.contains(node.name());
  }

  /** An input of a node is made of the groups: a constant of its own, or a value. */
  void input(Node node, int index, Mark mark, String how) {
    String value = node.input(index);
    if (!around.constants().containsKey(value)) {
      mark(value, mark, how);
      return;
    }
    Mark before = constants.put(node.name() + "\n" + index, mark);
    if (before != null && !before.equals(mark)) {
      throw crossed(value);
    }
    changes.add(new Change.Tensor(node.name(), index, mark));
  }

  void mark(String value, Mark mark, String how) {
    Mark before = marks.putIfAbsent(value, mark);
    if (before == null) {
      contexts.put(value, how);
      open.add(value);
    } else if (!before.equals(mark)) {
      throw crossed(value);
    }
  }

  private static Refused crossed(String value) {
    return new Refused("they lie in \"" + value + "\" in two ways");
  }

  void change(Change change) {
    changes.add(change);
  }

  void produced(Touch touch, Groups outputs) {
    LinearLayer layer = touch.layer();
    if (layer == null) {
      String why = around.leftAlone().getOrDefault(touch.node().name(), "it is no layer's");
      throw touch.refuse("multiplies by a weight that is left alone: " + why);
    }
    if (layer.equals(consumer)) {
      throw touch.refuse("produces its own inputs");
    }
    producers.put(layer, outputs);
    for (Tap tap : layer.taps()) {
      Node node = Objects.requireNonNull(around.byName().get(tap.node()), tap.node());
      String output = node.output();
      Shape shape = Objects.requireNonNull(around.shapes().byValue().get(output), output);
      int axis = layer.isConv() ? 1 : shape.rank() - 1;
      mark(output, new Mark(axis, touch.groups()), touch.context());
    }
  }
}

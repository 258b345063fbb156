package dev.falconer.compressor.execute;

import dev.falconer.compressor.onnx.Graph;
import dev.falconer.compressor.onnx.Node;
import dev.falconer.compressor.onnx.TensorData;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * The nodes that some wanted values need, in order. A tensor is let go after its last reader; what
 * the gradient needs of it, the autograd tape keeps.
 */
final class Plan {
  /**
   * One node to run.
   *
   * @param lastReads values no later step reads
   */
  private record Step(Node node, Operator operator, List<String> lastReads) {}

  private final List<Step> steps;
  private final Set<String> wanted;
  private final Set<String> inputs;
  private final Map<String, Value> constants;
  private final Call.Settings settings;
  private final long opset;

  private Plan(
      List<Step> steps,
      Set<String> wanted,
      Set<String> inputs,
      Map<String, Value> constants,
      Call.Settings settings,
      long opset) {
    this.steps = steps;
    this.wanted = wanted;
    this.inputs = inputs;
    this.constants = constants;
    this.settings = settings;
    this.opset = opset;
  }

  /**
   * Returns the plan for the wanted values of a graph.
   *
   * @param nodes the graph's, or fewer that compute the wanted values too
   */
  static Plan of(
      Graph graph,
      List<Node> nodes,
      Set<String> wanted,
      Map<String, Value> constants,
      Map<String, Operator> operators,
      Call.Settings settings,
      long opset) {
    var needed = new HashSet<String>(wanted);
    var later = new HashSet<String>(wanted);
    var steps = new ArrayList<Step>();
    var written = new HashSet<String>(constants.keySet());
    for (Node node : nodes.reversed()) {
      written.addAll(node.outputs());
      Operator fused = Fusions.find(node);
      Operator operator = fused != null ? fused : operators.get(node.output());
      if (operator == null || Collections.disjoint(node.outputs(), needed)) {
        continue;
      }
      var lastReads = new ArrayList<String>();
      for (String input : node.inputs()) {
        if (!input.isEmpty() && later.add(input) && !constants.containsKey(input)) {
          lastReads.add(input);
        }
      }
      needed.addAll(node.inputs());
      steps.add(new Step(node, operator, lastReads));
    }
    var inputs = new HashSet<String>();
    graph.inputs().forEach(input -> inputs.add(input.name()));
    for (String name : wanted) {
      if (!written.contains(name) && !inputs.contains(name)) {
        throw new IllegalArgumentException(
            "graph \"" + graph.name() + "\" has no value \"" + name + "\"");
      }
    }
    inputs.retainAll(needed);
    return new Plan(steps.reversed(), wanted, inputs, constants, settings, opset);
  }

  /** Returns the wanted values, whose tensors belong to {@code scope}. */
  Values run(Map<String, TensorData> feeds, PointerScope scope) {
    var values = new HashMap<String, Value>(constants);
    for (String input : inputs) {
      TensorData feed = feeds.get(input);
      if (feed == null) {
        throw new IllegalArgumentException(
            "input \"" + input + "\" is not fed; the feeds are " + feeds.keySet());
      }
      values.put(input, Feeds.value(feed, settings));
    }
    for (Step step : steps) {
      run(step, values, scope);
    }
    var results = new LinkedHashMap<String, Tensor>();
    for (String name : wanted) {
      Value value = values.get(name);
      if (value instanceof Value.Torch(Tensor tensor)) {
        results.put(name, tensor);
      } else if (value instanceof Longs longs) {
        results.put(name, longs.toTensor());
      } else {
        throw new IllegalArgumentException("value \"" + name + "\" is strings");
      }
    }
    return new Values(results, feeds);
  }

  private void run(Step step, Map<String, Value> values, PointerScope outer) {
    Node node = step.node();
    List<@Nullable Value> arguments = new ArrayList<>(node.inputs().size());
    for (String input : node.inputs()) {
      arguments.add(input.isEmpty() ? null : values.get(input));
    }
    // What an operator makes on the way dies with this scope; its results move to the outer one.
    try (var _ = new PointerScope()) {
      List<Value> outputs = step.operator().apply(new Call(node, arguments, opset, settings));
      for (int i = 0; i < node.outputs().size(); i++) {
        if (!node.outputs().get(i).isEmpty()) {
          values.put(node.outputs().get(i), kept(outputs.get(i), arguments, outer));
        }
      }
    } catch (RuntimeException e) {
      throw new IllegalArgumentException(
          "node \"%s\" (%s) with inputs %s: %s"
              .formatted(node.name(), node.type(), shapes(arguments), e.getMessage()),
          e);
    }
    for (String name : step.lastReads()) {
      if (values.remove(name) instanceof Value.Torch(Tensor tensor)) {
        tensor.close();
      }
    }
  }

  /** An operator that returns an input itself gets a second handle: each name owns its own. */
  private static Value kept(Value output, List<@Nullable Value> arguments, PointerScope outer) {
    if (!(output instanceof Value.Torch(Tensor tensor))) {
      return output;
    }
    boolean borrowed =
        arguments.stream()
            .anyMatch(value ->
                value instanceof Value.Torch(Tensor input) && input.address() == tensor.address());
    Tensor own = borrowed ? new Tensor(tensor) : tensor;
    outer.attach(own);
    return new Value.Torch(own);
  }

  private static List<String> shapes(List<@Nullable Value> arguments) {
    return arguments.stream()
        .map(value -> value == null ? "absent" : java.util.Arrays.toString(Shaping.dims(value)))
        .toList();
  }
}

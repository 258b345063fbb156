package dev.falconer.compressor.pass;

import dev.falconer.compressor.axes.Analysis;
import dev.falconer.compressor.axes.Layout;
import dev.falconer.compressor.axes.Roles;
import dev.falconer.compressor.onnx.Attribute;
import dev.falconer.compressor.onnx.Graph;
import dev.falconer.compressor.onnx.Model;
import dev.falconer.compressor.onnx.Node;
import dev.falconer.compressor.onnx.TensorData;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Writes every node in the form of one operator set, whatever the exporter's was.
 *
 * <pre>
 * opset 11: x ─ Squeeze(axes=[1]) ─ y        before
 * opset 20: x ─ Squeeze [1] ─ y              after
 * </pre>
 *
 * Newer sets are lowered: what they add beyond set {@value #WRITTEN} is refused by the rules or was
 * taken apart before.
 */
public record RaiseOpset(Roles roles, Layout layout) implements Pass {
  /** The set written. */
  static final long WRITTEN = 20;

  private static final long OLDEST = 7;

  /** Attributes that are inputs today, in the order of the inputs after the first. */
  private static final Map<String, List<String>> MOVED =
      Map.ofEntries(
          Map.entry("Squeeze", List.of("axes")),
          Map.entry("Unsqueeze", List.of("axes")),
          Map.entry("ReduceSum", List.of("axes")),
          Map.entry("ReduceMean", List.of("axes")),
          Map.entry("ReduceMax", List.of("axes")),
          Map.entry("ReduceMin", List.of("axes")),
          Map.entry("ReduceProd", List.of("axes")),
          Map.entry("ReduceL1", List.of("axes")),
          Map.entry("ReduceL2", List.of("axes")),
          Map.entry("ReduceLogSum", List.of("axes")),
          Map.entry("ReduceLogSumExp", List.of("axes")),
          Map.entry("ReduceSumSquare", List.of("axes")),
          Map.entry("Split", List.of("split")),
          Map.entry("Slice", List.of("starts", "ends", "axes")),
          Map.entry("Clip", List.of("min", "max")),
          Map.entry("Pad", List.of("pads", "value")),
          Map.entry("TopK", List.of("k")),
          Map.entry("Dropout", List.of("ratio")));

  private static final Set<String> FLATTENING = Set.of("Softmax", "LogSoftmax", "Hardmax");

  @Override
  public void requires(Model model) {
    if (model.opset() < OLDEST) {
      throw new IllegalArgumentException(
          "operator set %d is older than %d: export with a newer one"
              .formatted(model.opset(), OLDEST));
    }
  }

  @Override
  public Model apply(Model model) {
    if (model.opset() == WRITTEN) {
      return model;
    }
    Graph graph = model.graph();
    var rewrite = new Rewrite(graph);
    Analysis analysis = null;
    for (Node node : graph.nodes()) {
      if (model.opset() < 13 && FLATTENING.contains(node.type())) {
        analysis = analysis == null ? Analysis.of(model, roles, layout) : analysis;
        softmax(node, analysis.get(node.input(0)).rank(), rewrite);
      } else {
        rewrite.keep(raised(node, rewrite));
      }
    }
    var opsets = new LinkedHashMap<>(model.opsets());
    opsets.remove("ai.onnx");
    opsets.put("", WRITTEN);
    return new Model(rewrite.done(), Model.IR_VERSION, opsets, model.metadata());
  }

  /** Old softmax flattens from its axis on; along the last axis it is today's. */
  private static void softmax(Node node, int rank, Rewrite rewrite) {
    long given = node.intAttribute("axis", 1);
    long axis = given < 0 ? given + rank : given;
    if (axis >= rank - 1) {
      rewrite.keep(node.withAttributes(Map.of("axis", Attribute.of(-1))));
      return;
    }
    String flat =
        rewrite.add(
            node.output() + "#flat",
            "Flatten",
            Map.of("axis", Attribute.of(axis)),
            List.of(node.input(0)));
    String soft =
        rewrite.add(
            node.output() + "#soft", node.type(), Map.of("axis", Attribute.of(-1)), List.of(flat));
    String shape = rewrite.add(node.output() + "#shape", "Shape", Map.of(), List.of(node.input(0)));
    rewrite.replace(
        node.output(),
        rewrite.add(node.output() + "#back", "Reshape", Map.of(), List.of(soft, shape)));
  }

  private static Node raised(Node node, Rewrite rewrite) {
    if (!node.domain().isEmpty()) {
      return node;
    }
    if (node.is("Scatter")) {
      return new Node(
          node.name(),
          "",
          "ScatterElements",
          node.inputs(),
          node.outputs(),
          node.attributes(),
          node.metadata());
    }
    var attributes = new LinkedHashMap<>(node.attributes());
    if (node.is("BatchNormalization")) {
      attributes.remove("spatial");
    }
    var inputs = new ArrayList<>(node.inputs());
    for (String key : MOVED.getOrDefault(node.type(), List.of())) {
      Attribute value = attributes.remove(key);
      if (value != null) {
        inputs.add(rewrite.constant(node.output() + "#" + key, tensor(node, key, value)));
      } else if (!attributes.isEmpty() && node.is("Clip") && inputs.size() == 1) {
        inputs.add("");
      }
    }
    if (node.is("Split") && inputs.size() < 2) {
      attributes.putIfAbsent("num_outputs", Attribute.of(node.outputs().size()));
    }
    return new Node(
        node.name(),
        node.domain(),
        node.type(),
        inputs,
        node.outputs(),
        attributes,
        node.metadata());
  }

  private static TensorData tensor(Node node, String key, Attribute value) {
    return switch (value) {
      case Attribute.IntsAttr(var values) ->
          TensorData.vector(values.stream().mapToLong(Long::longValue).toArray());
      case Attribute.IntAttr(long number) -> TensorData.vector(number);
      case Attribute.FloatAttr(float number) -> TensorData.scalar(number);
      default ->
          throw new IllegalArgumentException(
              "attribute \"%s\" of node \"%s\" (%s) is no number"
                  .formatted(key, node.name(), node.type()));
    };
  }
}

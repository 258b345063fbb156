package dev.falconer.compressor.onnx;

import ai.onnx.proto.OnnxMl.AttributeProto;
import ai.onnx.proto.OnnxMl.FunctionProto;
import ai.onnx.proto.OnnxMl.GraphProto;
import ai.onnx.proto.OnnxMl.ModelProto;
import ai.onnx.proto.OnnxMl.NodeProto;
import ai.onnx.proto.OnnxMl.OperatorSetIdProto;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Writes the bodies of a model's own functions in place of the nodes that call them. Exporters
 * write such functions for whole layers or for operators of PyTorch.
 *
 * <pre>
 * function gate(x, w) → y: h = MatMul(x, w); y = Sigmoid(h)
 * u, k ─ gate "n" ─ z                                           before
 * u, k ─ MatMul "n/0" ─ n/h ─ Sigmoid "n/1" ─ z                 after
 * </pre>
 *
 * Source: the ONNX IR specification, section "Functions".
 */
final class LocalFunctions {
  private record Key(String domain, String name, String overload) {}

  private final Map<Key, FunctionProto> functions = new LinkedHashMap<>();

  private LocalFunctions(ModelProto model) {
    for (FunctionProto function : model.getFunctionsList()) {
      functions.put(
          new Key(function.getDomain(), function.getName(), function.getOverload()), function);
    }
  }

  /**
   * Returns the model without functions.
   *
   * @throws IllegalArgumentException naming the function when it calls itself, gets more than it
   *     takes, or needs another version of the operators than the model
   */
  static ModelProto inlined(ModelProto model) {
    if (model.getFunctionsCount() == 0) {
      return model;
    }
    var own = new LocalFunctions(model);
    ModelProto.Builder builder =
        model.toBuilder().clearFunctions().setGraph(own.graph(model.getGraph(), Set.of()));
    Map<String, Long> versions = new HashMap<>();
    model.getOpsetImportList().forEach(set -> versions.put(domain(set), set.getVersion()));
    for (FunctionProto function : model.getFunctionsList()) {
      for (OperatorSetIdProto set : function.getOpsetImportList()) {
        Long present = versions.putIfAbsent(domain(set), set.getVersion());
        if (present == null) {
          builder.addOpsetImport(set);
        } else if (present != set.getVersion()) {
          throw new IllegalArgumentException(
              "function \"%s\" needs opset %d of domain \"%s\", the model has %d; export both with one"
                  .formatted(function.getName(), set.getVersion(), set.getDomain(), present));
        }
      }
    }
    return builder.build();
  }

  private static String domain(OperatorSetIdProto set) {
    return set.getDomain().equals("ai.onnx") ? "" : set.getDomain();
  }

  private GraphProto graph(GraphProto graph, Set<Key> open) {
    var nodes = new ArrayList<NodeProto>();
    for (NodeProto node : graph.getNodeList()) {
      add(node, open, nodes);
    }
    return graph.toBuilder().clearNode().addAllNode(nodes).build();
  }

  private void add(NodeProto node, Set<Key> open, List<NodeProto> nodes) {
    var key = new Key(node.getDomain(), node.getOpType(), node.getOverload());
    FunctionProto function = functions.get(key);
    if (function == null) {
      nodes.add(withBodies(node, body -> graph(body, open)));
      return;
    }
    if (open.contains(key)) {
      throw new IllegalArgumentException("function \"" + function.getName() + "\" calls itself");
    }
    var inside = new HashSet<>(open);
    inside.add(key);
    var call = new Call(node, function, nodes.size());
    nodes.addAll(call.passedOn());
    for (NodeProto each : function.getNodeList()) {
      add(call.instance(each), inside, nodes);
    }
  }

  private interface BodyChange {
    GraphProto of(GraphProto body);
  }

  private static NodeProto withBodies(NodeProto node, BodyChange change) {
    if (node.getAttributeList().stream().noneMatch(AttributeProto::hasG)) {
      return node;
    }
    NodeProto.Builder builder = node.toBuilder().clearAttribute();
    for (AttributeProto attribute : node.getAttributeList()) {
      builder.addAttribute(
          attribute.hasG()
              ? attribute.toBuilder().setG(change.of(attribute.getG())).build()
              : attribute);
    }
    return builder.build();
  }

  /** One use of a function: what its names and attributes stand for there. */
  private static final class Call {
    private final String prefix;
    private final Map<String, String> names = new HashMap<>();
    private final Map<String, AttributeProto> attributes = new HashMap<>();
    private final List<NodeProto> passedOn = new ArrayList<>();
    private int made;

    Call(NodeProto node, FunctionProto function, int index) {
      String name = node.getName().isEmpty() ? node.getOpType() + "_" + index : node.getName();
      this.prefix = name + "/";
      if (node.getInputCount() > function.getInputCount()
          || node.getOutputCount() > function.getOutputCount()) {
        throw new IllegalArgumentException(
            "node \"%s\" calls function \"%s\" of %d inputs and %d outputs with %d and %d"
                .formatted(
                    name,
                    function.getName(),
                    function.getInputCount(),
                    function.getOutputCount(),
                    node.getInputCount(),
                    node.getOutputCount()));
      }
      for (int i = 0; i < function.getInputCount(); i++) {
        names.put(function.getInput(i), i < node.getInputCount() ? node.getInput(i) : "");
      }
      for (int i = 0; i < node.getOutputCount(); i++) {
        bind(function.getOutput(i), node.getOutput(i));
      }
      function.getAttributeProtoList().forEach(each -> attributes.put(each.getName(), each));
      node.getAttributeList().forEach(each -> attributes.put(each.getName(), each));
    }

    private void bind(String inner, String outer) {
      if (outer.isEmpty()) {
        return;
      }
      String input = names.putIfAbsent(inner, outer);
      if (input != null) {
        passedOn.add(
            NodeProto.newBuilder()
                .setName(prefix + inner)
                .setOpType("Identity")
                .addInput(input)
                .addOutput(outer)
                .build());
      }
    }

    /** Returns nodes for results that are arguments handed on. */
    List<NodeProto> passedOn() {
      return passedOn;
    }

    /** Returns a node of the body as it stands at this use. */
    NodeProto instance(NodeProto node) {
      NodeProto.Builder builder = node.toBuilder().clearInput().clearOutput().clearAttribute();
      builder.setName(
          prefix + (node.getName().isEmpty() ? Integer.toString(made) : node.getName()));
      made++;
      node.getInputList().forEach(each -> builder.addInput(name(each)));
      node.getOutputList().forEach(each -> builder.addOutput(name(each)));
      for (AttributeProto attribute : node.getAttributeList()) {
        AttributeProto given = given(attribute);
        if (given != null) {
          builder.addAttribute(given);
        }
      }
      return withBodies(builder.build(), this::body);
    }

    private String name(String inner) {
      return inner.isEmpty() ? "" : names.getOrDefault(inner, prefix + inner);
    }

    /** Returns the attribute's value at this use; null where the caller left it out. */
    private @Nullable AttributeProto given(AttributeProto attribute) {
      String reference = attribute.getRefAttrName();
      if (reference.isEmpty()) {
        return attribute;
      }
      AttributeProto value = attributes.get(reference);
      return value == null ? null : value.toBuilder().setName(attribute.getName()).build();
    }

    private GraphProto body(GraphProto body) {
      GraphProto.Builder builder = body.toBuilder().clearNode();
      builder.getInputBuilderList().forEach(each -> each.setName(name(each.getName())));
      builder.getOutputBuilderList().forEach(each -> each.setName(name(each.getName())));
      builder.getInitializerBuilderList().forEach(each -> each.setName(name(each.getName())));
      body.getNodeList().forEach(node -> builder.addNode(instance(node)));
      return builder.build();
    }
  }
}

package dev.falconer.compressor.quantize;

import dev.falconer.compressor.onnx.Attribute;
import dev.falconer.compressor.onnx.DType;
import dev.falconer.compressor.onnx.Graph;
import dev.falconer.compressor.onnx.Model;
import dev.falconer.compressor.onnx.Node;
import dev.falconer.compressor.onnx.NumericTensor;
import dev.falconer.compressor.onnx.TensorData;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Stores embedding tables in half precision; what is looked up is float again.
 *
 * <pre>
 * Gather(table, ids)   becomes   Cast(Gather(table in float16, ids), float)
 * </pre>
 *
 * Each number is off by at most 2^-11 of itself, or 2^-25 for those below 2^-14.
 *
 * @param minElements smaller tables stay as they are: the Cast costs more than they weigh
 */
public record HalfTables(long minElements) {
  /** Tables of fewer elements stay. */
  public static final HalfTables DEFAULT = new HalfTables(4096);

  /**
   * What was done.
   *
   * @param model with tables in half precision
   * @param tables constants now in float16
   * @param leftAlone tables that Gather reads and that stay float32, with the reason
   * @param savedBytes by how much the weights shrank
   */
  public record Result(
      Model model, List<String> tables, Map<String, String> leftAlone, long savedBytes) {
    /** Copies the lists. */
    public Result {
      tables = List.copyOf(tables);
      leftAlone = java.util.Collections.unmodifiableMap(new LinkedHashMap<>(leftAlone));
    }
  }

  /** Returns the model with its float32 tables that only Gather reads in float16. */
  public Result apply(Model model) {
    Graph graph = model.graph();
    Map<String, List<Node>> readers = graph.consumers();
    Set<String> seenElsewhere = seenElsewhere(graph);
    Map<String, NumericTensor> halves = new LinkedHashMap<>();
    Map<String, String> leftAlone = new LinkedHashMap<>();
    graph
        .initializers()
        .forEach((name, table) -> {
          List<Node> nodes = readers.getOrDefault(name, List.of());
          if (table instanceof NumericTensor numbers
              && table.dtype() == DType.FLOAT32
              && table.shape().rank() >= 1
              && nodes.stream().anyMatch(node -> isLookUp(node, name))) {
            String reason = reasonAgainst(name, numbers, nodes, seenElsewhere);
            if (reason.isEmpty()) {
              halves.put(name, rounded(numbers));
            } else {
              leftAlone.put(name, reason);
            }
          }
        });
    long saved = halves.values().stream().mapToLong(half -> half.bytes().byteSize()).sum();
    Model rewritten = halves.isEmpty() ? model : rewritten(model, halves);
    return new Result(rewritten, List.copyOf(halves.keySet()), leftAlone, saved);
  }

  private String reasonAgainst(
      String name, NumericTensor table, List<Node> readers, Set<String> seenElsewhere) {
    if (table.shape().size() < minElements) {
      return "it has %d elements, fewer than %d".formatted(table.shape().size(), minElements);
    }
    if (seenElsewhere.contains(name)) {
      return "it is also an output or read by a body";
    }
    for (Node node : readers) {
      if (!isLookUp(node, name)) {
        return "it is also read by \"%s\" (%s)".formatted(node.name(), node.type());
      }
    }
    for (long i = 0; i < table.shape().size(); i++) {
      double value = table.at(i);
      if (Double.isFinite(value) && Float.isInfinite(half((float) value))) {
        return value + " is outside the range of float16";
      }
    }
    return "";
  }

  private static boolean isLookUp(Node node, String table) {
    return node.is("Gather") && node.input(0).equals(table);
  }

  private static float half(float value) {
    return Float.float16ToFloat(Float.floatToFloat16(value));
  }

  private static NumericTensor rounded(NumericTensor table) {
    return NumericTensor.rounded(DType.FLOAT16, table.shape(), table.toDoubles());
  }

  /** Returns the outputs' names and all that bodies read. */
  private static Set<String> seenElsewhere(Graph graph) {
    Set<String> names = new HashSet<>();
    graph.outputs().forEach(output -> names.add(output.name()));
    for (Node node : graph.nodes()) {
      for (Attribute attribute : node.attributes().values()) {
        if (attribute instanceof Attribute.GraphAttr(Graph body)) {
          body.nodes().forEach(inner -> names.addAll(inner.inputs()));
          names.addAll(seenElsewhere(body));
        }
      }
    }
    return names;
  }

  private static Model rewritten(Model model, Map<String, NumericTensor> halves) {
    Map<String, TensorData> initializers = new LinkedHashMap<>(model.graph().initializers());
    initializers.putAll(halves);
    var edit = new Edit(model.withGraph(model.graph().withInitializers(initializers)));
    Attribute single = Attribute.of(DType.FLOAT32.onnx());
    var nodes = new ArrayList<>(model.graph().nodes());
    for (Node node : nodes) {
      if (node.is("Gather") && halves.containsKey(node.input(0))) {
        String half = edit.fresh(node.name() + ".half");
        edit.keep(node.withOutputs(List.of(half)));
        String cast = edit.fresh(node.name() + ".single");
        edit.write(node.output(), cast, "", "Cast", Map.of("to", single), half);
      } else {
        edit.keep(node);
      }
    }
    return edit.done();
  }
}

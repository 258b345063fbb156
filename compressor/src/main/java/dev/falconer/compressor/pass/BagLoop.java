package dev.falconer.compressor.pass;

import dev.falconer.compressor.axes.Analysis;
import dev.falconer.compressor.axes.Known;
import dev.falconer.compressor.axes.Poly;
import dev.falconer.compressor.onnx.Attribute;
import dev.falconer.compressor.onnx.Graph;
import dev.falconer.compressor.onnx.Model;
import dev.falconer.compressor.onnx.Node;
import dev.falconer.compressor.onnx.TensorData;
import dev.falconer.compressor.pass.BagValue.Bag;
import dev.falconer.compressor.pass.BagValue.Numbers;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A loop that reduces rows [i·n, (i+1)·n) of a tensor [m·n, ...] in iteration i and stacks the
 * results: an embedding bag. The body is followed with the iteration as a symbol; anything else in
 * it, and the loop is none.
 */
final class BagLoop {
  private final Model model;
  private final Graph graph;
  private final Node loop;
  private final Analysis analysis;

  BagLoop(Model model, Node loop, Analysis analysis) {
    this.model = model;
    this.graph = model.graph();
    this.loop = loop;
    this.analysis = analysis;
  }

  /** What a loop comes to. */
  private record Found(Bag bag, String output, String count) {}

  /** Returns the graph without the loop, null when it is no embedding bag. */
  @Nullable Graph inlined() {
    if (!(loop.attributes().get("body") instanceof Attribute.GraphAttr(Graph body))) {
      return null;
    }
    Found found = loop.outputs().size() == 1 ? counted(body) : conditioned(body);
    return found == null || !covers(found) ? null : rewritten(found);
  }

  /** A loop over a number of iterations whose results are stacked. */
  private @Nullable Found counted(Graph body) {
    if (body.inputs().size() != 2 || body.outputs().size() != 2) {
      return null;
    }
    var follower = new BagBody(graph, analysis);
    follower.set(body.inputs().get(0).name(), Numbers.of(BagBody.ITERATION));
    BagValue result = follower.follow(body, body.outputs().get(1).name());
    return result instanceof Bag bag ? new Found(bag, loop.output(), loop.input(0)) : null;
  }

  /** A loop with a counter of its own whose results are put into a sequence. */
  private @Nullable Found conditioned(Graph body) {
    if (!loop.input(0).isEmpty()
        || body.inputs().size() != 4
        || body.outputs().size() != 3
        || loop.outputs().size() != 2
        || !starts(loop.input(2))) {
      return null;
    }
    var follower = new BagBody(graph, analysis);
    follower.set(body.inputs().get(2).name(), Numbers.of(BagBody.ITERATION));
    follower.set(body.inputs().get(3).name(), new BagValue.Empty());
    BagValue next = follower.follow(body, body.outputs().get(1).name());
    BagValue all = follower.follow(body, body.outputs().get(2).name());
    Node test =
        body.nodes().stream()
            .filter(node -> node.is("Less") && node.output().equals(body.outputs().get(0).name()))
            .findFirst()
            .orElse(null);
    Node join =
        graph.nodes().stream()
            .filter(node -> node.inputs().contains(loop.outputs().get(1)))
            .findFirst()
            .orElse(null);
    if (test == null || join == null || !(all instanceof BagValue.Collected(Bag bag))) {
      return null;
    }
    boolean counts =
        next instanceof Numbers numbers
            && numbers.only().equals(BagBody.ITERATION.plus(1))
            && test.input(0).equals(body.outputs().get(1).name())
            && analysis.has(test.input(1));
    boolean stacked = join.is("ConcatFromSequence") && join.intAttribute("axis", 0) == 0;
    return counts && stacked && bag.keepsAxis()
        ? new Found(bag, join.output(), test.input(1))
        : null;
  }

  private boolean starts(String counter) {
    List<Poly> values = analysis.has(counter) ? analysis.get(counter).values() : null;
    return values != null && values.size() == 1 && values.getFirst().is(0);
  }

  /** Returns whether the iterations take all rows in turn, equally many each. */
  private boolean covers(Found found) {
    List<Poly> counts = analysis.get(found.count).values();
    BagValue.Rows rows = found.bag.rows();
    Poly each = rows.to().minus(rows.from());
    return counts != null
        && counts.size() == 1
        && !each.symbols().contains("#i")
        && rows.from().equals(BagBody.ITERATION.times(each))
        && analysis.get(rows.source()).axis(0).length().equals(each.times(counts.getFirst()));
  }

  private Graph rewritten(Found found) {
    var rewrite = new Rewrite(graph);
    for (Node node : graph.nodes()) {
      if (node.equals(loop)) {
        String result = write(found, rewrite);
        rewrite.replace(found.output, result);
      } else if (!node.outputs().contains(found.output) && !node.is("SequenceEmpty")) {
        rewrite.keep(node);
      }
    }
    return rewrite.done();
  }

  private String write(Found found, Rewrite rewrite) {
    BagValue.Rows rows = found.bag.rows();
    String base = found.output;
    String one = rewrite.constant(base + "#one", TensorData.vector(1));
    String count = add(rewrite, base + "#count", "Reshape", Map.of(), found.count, one);
    String rest = rewrite.constant(base + "#each", TensorData.vector(-1));
    Known source = analysis.get(rows.source());
    var shape = new java.util.ArrayList<>(List.of(count, rest));
    for (int i = 1; i < source.rank(); i++) {
      long length = source.axis(i).length().integer();
      shape.add(rewrite.constant(base + "#width." + length, TensorData.vector(length)));
    }
    String target = rewrite.add(base + "#shape", "Concat", Map.of("axis", Attribute.of(0)), shape);
    String bags = add(rewrite, base + "#bags", "Reshape", Map.of(), rows.source(), target);
    String read =
        rows.table().isEmpty()
            ? bags
            : add(rewrite, base + "#rows", "Gather", Map.of(), rows.table(), bags);
    var attributes = new LinkedHashMap<String, Attribute>();
    attributes.put("keepdims", Attribute.of(0));
    boolean sum = found.bag.reduction().equals("ReduceSum");
    if (model.opset() >= (sum ? 13 : 18)) {
      return add(rewrite, base + "#bag", found.bag.reduction(), attributes, read, one);
    }
    attributes.put("axes", Attribute.ints(1));
    return add(rewrite, base + "#bag", found.bag.reduction(), attributes, read);
  }

  private static String add(
      Rewrite rewrite,
      String base,
      String type,
      Map<String, Attribute> attributes,
      String... inputs) {
    return rewrite.add(base, type, attributes, List.of(inputs));
  }
}

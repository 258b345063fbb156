package dev.falconer.compressor.pass;

import dev.falconer.compressor.axes.Analysis;
import dev.falconer.compressor.axes.Colour;
import dev.falconer.compressor.axes.Known;
import dev.falconer.compressor.axes.Layout;
import dev.falconer.compressor.axes.Roles;
import dev.falconer.compressor.onnx.Attribute;
import dev.falconer.compressor.onnx.DType;
import dev.falconer.compressor.onnx.Graph;
import dev.falconer.compressor.onnx.Model;
import dev.falconer.compressor.onnx.Node;
import dev.falconer.compressor.onnx.TensorData;
import dev.falconer.compressor.onnx.ValueInfo;
import dev.falconer.compressor.onnx.ValueInfo.Dim;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/**
 * Lets a user graph continue a state: it takes the state of past events and columns of the new
 * ones, and gives the state of all.
 *
 * <pre>
 * events ─ Wk ─ new ─┐                              before
 *             null ─ Concat ─ K
 * Range(0, n) ─ position rows, mask rows;  Range(0, n+1) ─ mask keys
 *
 * events ─ Wk ─ new ───────────┐                    after; e = past events
 * past.K ─ Slice(1:) ─ null ─ Concat ─ K
 * Range(e, e+n) ─ position rows, mask rows;  Range(0, e+n+1) ─ mask keys
 * </pre>
 *
 * The past's length is 0 for no past. The result equals encoding from the start only if no event
 * looks at a later one, which the pass can't see: whoever calls it must compare both.
 */
public final class Grow implements Pass {
  /**
   * A state tensor.
   *
   * @param past name of the input to add
   * @param axis its history axis
   * @param extra length along it less the number of events
   */
  public record Target(String name, String past, DType dtype, List<Dim> dims, int axis, int extra) {
    /** Copies the list. */
    public Target {
      dims = List.copyOf(dims);
    }
  }

  /** Says which node growth does not follow. */
  public static final class CannotGrow extends RuntimeException {
    private final String reason;

    CannotGrow(String reason) {
      super(reason);
      this.reason = reason;
    }

    /** Returns what is not followed. */
    public String reason() {
      return reason;
    }
  }

  private final List<Target> targets;
  private final Roles roles;
  private final Layout layout;

  /** Makes a pass for the state tensors, each an output of the graph. */
  public Grow(List<Target> targets, Roles roles, Layout layout) {
    this.targets = List.copyOf(targets);
    this.roles = roles;
    this.layout = layout;
  }

  @Override
  public void requires(Model model) {
    for (Target target : targets) {
      if (target.axis < 0) {
        throw new CannotGrow("state tensor \"" + target.name + "\" has no history axis");
      }
    }
  }

  @Override
  public Model apply(Model model) {
    return new RemoveDead().apply(model.withGraph(new Growing(model).graph()));
  }

  /** One application. */
  private final class Growing {
    private final Graph old;
    private final Analysis analysis;
    private final Rewrite rewrite;
    private final GrownAxes axes;
    private final Map<String, Target> byName = new HashMap<>();
    private final Map<String, Set<Integer>> grown = new HashMap<>();
    private final Map<String, String> versions = new HashMap<>();
    private String eventsVector = "";
    private String eventsScalar = "";

    Growing(Model model) {
      old = model.graph();
      analysis = Analysis.of(model, roles, layout);
      axes = new GrownAxes(old, analysis);
      var inputs = new ArrayList<>(old.inputs());
      for (Target target : targets) {
        byName.put(target.name, target);
        var dims = new ArrayList<>(target.dims);
        dims.set(target.axis, new Dim.Symbol("past"));
        inputs.add(new ValueInfo(target.past, target.dtype, dims));
      }
      rewrite =
          new Rewrite(
              new Graph(old.name(), inputs, old.outputs(), old.initializers(), old.nodes()));
    }

    Graph graph() {
      countEvents();
      for (Node node : old.nodes()) {
        if (isIndex(node)) {
          continue; // written when it is known what its axes stand for
        }
        Target target = byName.get(node.output());
        if (target == null) {
          follow(node);
        } else {
          continued(node, target);
        }
      }
      return rewrite.done();
    }

    /** Writes the number of past events, a vector of one and a scalar. */
    private void countEvents() {
      Target first = targets.getFirst();
      String events = pastEvents(first);
      String shape = rewrite.add("past.shape", "Shape", Map.of(), List.of(events));
      eventsVector =
          rewrite.add(
              "past.events",
              "Slice",
              Map.of(),
              List.of(shape, vector(first.axis), vector(first.axis + 1L), vector(0)));
      eventsScalar =
          rewrite.add("past.count", "Squeeze", Map.of(), List.of(eventsVector, vector(0)));
    }

    private String pastEvents(Target target) {
      if (target.extra == 0) {
        return target.past;
      }
      return versions.computeIfAbsent(
          target.past,
          past ->
              rewrite.add(
                  past + ".events",
                  "Slice",
                  Map.of(),
                  List.of(
                      past, vector(target.extra), vector(Long.MAX_VALUE), vector(target.axis))));
    }

    private String vector(long value) {
      return rewrite.constant("#grow." + value, TensorData.vector(value));
    }

    /** Writes the state: what stands before the events, the past's events, the new ones. */
    private void continued(Node node, Target target) {
      var parts = new ArrayList<>(operands(node));
      if (target.extra > 0) {
        boolean endsWithEvents =
            node.is("Concat")
                && axes.index(node, analysis.get(node.output()).rank()) == target.axis
                && analysis
                    .get(node.inputs().getLast())
                    .axis(target.axis)
                    .length()
                    .plus(target.extra)
                    .equals(analysis.get(node.output()).axis(target.axis).length());
        if (!endsWithEvents) {
          throw new CannotGrow(
              "state tensor \"" + target.name + "\" does not end with its events' rows");
        }
        parts.add(parts.size() - 1, pastEvents(target));
        rewrite.keep(node.withInputs(parts));
      } else {
        String fresh = rewrite.fresh(target.name + "#new");
        rewrite.keep(
            new Node(
                node.name(),
                node.domain(),
                node.type(),
                parts,
                List.of(fresh),
                node.attributes(),
                node.metadata()));
        rewrite.keep(
            Node.of(
                rewrite.fresh(target.name + "#grown"),
                "Concat",
                List.of(target.past, fresh),
                List.of(target.name),
                Map.of("axis", Attribute.of(target.axis))));
      }
      grown.put(target.name, Set.of(target.axis));
    }

    private void follow(Node node) {
      rewrite.keep(node.withInputs(operands(node)));
      Set<Integer> result = axes.of(node, grown);
      node.outputs().forEach(output -> grown.put(output, result));
    }

    private List<String> operands(Node node) {
      var operands = new ArrayList<String>();
      for (String input : node.inputs()) {
        operands.add(isIndex(input) ? version(input, axes.facing(node, input, grown)) : input);
      }
      return operands;
    }

    /** Returns whether a tensor counts events and is nobody's: positions, masks. */
    private boolean isIndex(String value) {
      if (value.isEmpty() || old.initializers().containsKey(value)) {
        return false;
      }
      Known known = analysis.get(value);
      return known.colour() == Colour.CONSTANT
          && known.values() == null
          && known.axes().stream().anyMatch(axis -> !axis.length().isInteger());
    }

    private boolean isIndex(Node node) {
      return isIndex(node.output());
    }

    /** Returns an index tensor some of whose axes count keys, the others new events. */
    private String version(String value, Set<Integer> keys) {
      String name = value + "#keys" + new TreeSet<>(keys);
      String written = versions.get(name);
      if (written == null) {
        written = write(axes.producer(value), keys);
        versions.put(name, written);
      }
      return written;
    }

    private String write(Node node, Set<Integer> keys) {
      if (node.is("Range")) {
        DType dtype = analysis.get(node.output()).dtype();
        String past =
            dtype == DType.INT64
                ? eventsScalar
                : rewrite.add(
                    "past.count.cast",
                    "Cast",
                    Map.of("to", Attribute.of(dtype.onnx())),
                    List.of(eventsScalar));
        String limit = plus(node.input(1), past);
        String start = keys.isEmpty() ? plus(node.input(0), past) : node.input(0);
        return rewrite.add(
            node.output() + "#grown", "Range", Map.of(), List.of(start, limit, node.input(2)));
      }
      var operands = new ArrayList<String>();
      for (String input : node.inputs()) {
        operands.add(isIndex(input) ? version(input, axes.behind(node, input, keys)) : input);
      }
      return rewrite.add(node.output() + "#grown", node.type(), node.attributes(), operands);
    }

    private String plus(String number, String past) {
      return rewrite.add(number + "#past", "Add", Map.of(), List.of(number, past));
    }
  }

  @Override
  public void ensures(Model before, Model after) {
    Pass.super.ensures(before, after);
    int added = after.graph().inputs().size() - before.graph().inputs().size();
    if (added != targets.size()) {
      throw new IllegalStateException("added " + added + " inputs for " + targets.size());
    }
  }
}

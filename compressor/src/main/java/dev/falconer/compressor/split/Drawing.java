package dev.falconer.compressor.split;

import dev.falconer.compressor.axes.Analysis;
import dev.falconer.compressor.axes.Axis;
import dev.falconer.compressor.axes.Colour;
import dev.falconer.compressor.axes.Known;
import dev.falconer.compressor.axes.Poly;
import dev.falconer.compressor.onnx.Graph;
import dev.falconer.compressor.onnx.Node;
import dev.falconer.compressor.onnx.ValueInfo;
import dev.falconer.compressor.pass.RemoveDead;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * What a picture of a split shows: its operators and who pays for them, with the state between.
 * Arithmetic on lengths and constants is left out.
 *
 * @param arrows in the order of the boxes they end in
 */
public record Drawing(List<Box> boxes, List<Arrow> arrows) {
  /** Who pays for a box. */
  public enum Side {
    /** Once per user. */
    USER,
    /** A tensor of the user's state. */
    FRONTIER,
    /** Once per request. */
    REQUEST,
    /** For each candidate. */
    CANDIDATE,
    /** Nobody: read by nobody. */
    UNREAD
  }

  /** What a box stands for. */
  public enum Kind {
    INPUT,
    OPERATOR,
    STATE,
    OUTPUT
  }

  /**
   * An operator, an input, an output or a tensor of the state.
   *
   * @param title operator, or the tensor's name
   * @param name of the node; of the tensor for what is no operator
   * @param shape text; empty when not known
   * @param operations once, or for each candidate; 0 for what is no operator
   */
  public record Box(
      int id, Kind kind, String title, String name, String shape, double operations, Side side) {}

  /**
   * A tensor that goes from a box to another.
   *
   * @param tensor name
   */
  public record Arrow(int from, int to, String tensor) {}

  /** Copies the lists. */
  public Drawing {
    boxes = List.copyOf(boxes);
    arrows = List.copyOf(arrows);
  }

  /** Returns the picture of a plan. */
  public static Drawing of(Plan plan) {
    return new Pencil(plan).draw();
  }

  private static final class Pencil {
    private final Plan plan;
    private final SplitModel split;
    private final Analysis analysis;
    private final Graph graph;
    private final Map<String, Poly> single;
    private final Map<String, Long> lengths;
    private final Set<String> users;
    private final Set<String> candidates;
    private final List<Box> boxes = new ArrayList<>();
    private final Set<Arrow> arrows = new LinkedHashSet<>();
    private final Map<String, Integer> writers = new HashMap<>();
    private final Map<String, Integer> served = new HashMap<>();
    private final Map<String, Integer> states = new HashMap<>();

    Pencil(Plan plan) {
      this.plan = plan;
      this.split = plan.split();
      this.analysis = plan.analysis();
      this.graph = plan.tidy().graph();
      this.single = Map.of(split.layout().rows(), Poly.ONE);
      this.lengths = Splitter.lengths(analysis, plan.tidy(), split.layout(), split.historyMax());
      this.users = split.user().graph().producers().keySet();
      this.candidates = split.candidate().graph().producers().keySet();
    }

    Drawing draw() {
      for (ValueInfo input : graph.inputs()) {
        Side side = side(analysis.get(input.name()).colour());
        int box = box(Kind.INPUT, input.name(), input.name(), shape(input.name()), 0, side);
        writers.put(input.name(), box);
        state(input.name(), box);
      }
      graph.nodes().forEach(this::operator);
      for (ValueInfo output : graph.outputs()) {
        Side side = side(analysis.get(output.name()).colour());
        int box = box(Kind.OUTPUT, output.name(), output.name(), shape(output.name()), 0, side);
        arrow(output.name(), box, side);
      }
      unread();
      return new Drawing(boxes, List.copyOf(arrows));
    }

    private void operator(Node node) {
      Colour colour = analysis.get(Flops.written(node)).colour();
      boolean user = node.outputs().stream().anyMatch(users::contains);
      boolean candidate = node.outputs().stream().anyMatch(candidates::contains);
      if (colour == Colour.CONSTANT) {
        return;
      }
      if (user || !candidate) {
        int box = operator(node, user ? Side.USER : Side.UNREAD);
        for (String output : node.outputs()) {
          writers.put(output, box);
          state(output, box);
        }
      }
      if (candidate) {
        int box = operator(node, colour == Colour.CANDIDATE ? Side.CANDIDATE : Side.REQUEST);
        node.outputs().forEach(output -> served.put(output, box));
      }
    }

    private int operator(Node node, Side side) {
      double operations =
          Flops.sum(graph, analysis, lengths, single, each -> each.equals(node))
              / (side == Side.CANDIDATE ? Flops.REFERENCE_CANDIDATES : 1);
      int box =
          box(
              Kind.OPERATOR,
              node.type(),
              node.name(),
              shape(Flops.written(node)),
              operations,
              side);
      node.inputs().forEach(input -> arrow(input, box, side));
      return box;
    }

    /** Puts a box of the state behind the box that writes it. */
    private void state(String value, int writer) {
      for (StateTensor tensor : split.state()) {
        if (tensor.value().equals(value)) {
          int box =
              box(
                  Kind.STATE,
                  tensor.name(),
                  tensor.name(),
                  SplitReport.shape(tensor),
                  0,
                  Side.FRONTIER);
          states.put(value, box);
          arrows.add(new Arrow(writer, box, value));
        }
      }
    }

    private void arrow(String tensor, int to, Side side) {
      boolean reads = side == Side.CANDIDATE || side == Side.REQUEST;
      Integer written = writers.get(tensor);
      Integer from =
          reads ? states.getOrDefault(tensor, served.getOrDefault(tensor, written)) : written;
      if (from != null) {
        arrows.add(new Arrow(from, to, tensor));
      }
    }

    /** Adds what the whole graph computes for nobody. */
    private void unread() {
      Set<String> live = new RemoveDead().run(plan.whole()).graph().producers().keySet();
      Set<String> drawn = new HashSet<>();
      boxes.forEach(box -> drawn.add(box.name()));
      for (Node node : plan.whole().graph().nodes()) {
        if (node.outputs().stream().noneMatch(live::contains) && !drawn.contains(node.name())) {
          int box = box(Kind.OPERATOR, node.type(), node.name(), "", 0, Side.UNREAD);
          node.inputs().forEach(input -> arrow(input, box, Side.UNREAD));
          node.outputs().forEach(output -> writers.putIfAbsent(output, box));
        }
      }
    }

    private int box(
        Kind kind, String title, String name, String shape, double operations, Side side) {
      boxes.add(new Box(boxes.size(), kind, title, name, shape, operations, side));
      return boxes.size() - 1;
    }

    private String shape(String value) {
      Known known = analysis.get(value);
      boolean rows = known.colour() == Colour.CANDIDATE;
      return known.axes().stream()
          .map(Axis::length)
          .map(length -> rows ? length : length.with(single))
          .map(Poly::toString)
          .toList()
          .toString();
    }

    private static Side side(Colour colour) {
      return switch (colour) {
        case CANDIDATE -> Side.CANDIDATE;
        case CONTEXT -> Side.REQUEST;
        case USER, CONSTANT -> Side.USER;
      };
    }
  }
}

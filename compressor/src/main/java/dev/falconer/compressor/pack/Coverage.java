package dev.falconer.compressor.pack;

import dev.falconer.compressor.onnx.Attribute;
import dev.falconer.compressor.onnx.Graph;
import dev.falconer.compressor.onnx.Node;
import dev.falconer.compressor.onnx.ValueInfo;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * The nodes that pieces take the place of. A piece that leaves some of its rows' work to be done
 * twice, because a value inside is an output or read elsewhere, is none.
 */
final class Coverage {
  private static final Set<String> MEASURES = Set.of("Shape", "Size");

  /** What costs next to nothing; done twice it is no loss, unless what it views is. */
  private static final Set<String> VIEWS =
      Set.of("Identity", "Reshape", "Flatten", "Squeeze", "Unsqueeze");

  private final Map<String, Node> producers;
  private final Map<String, List<Node>> consumers;
  private final Set<String> kept = new HashSet<>();
  private final Set<String> taken = new HashSet<>();

  Coverage(Graph graph) {
    producers = graph.producers();
    consumers = graph.consumers();
    graph.outputs().stream().map(ValueInfo::name).forEach(kept::add);
    graph.nodes().forEach(this::keepCaptured);
  }

  /** Bodies read values of the graph around them by name. */
  private void keepCaptured(Node node) {
    for (Attribute attribute : node.attributes().values()) {
      if (attribute instanceof Attribute.GraphAttr(Graph body)) {
        body.outputs().stream().map(ValueInfo::name).forEach(kept::add);
        for (Node inner : body.nodes()) {
          kept.addAll(inner.inputs());
          keepCaptured(inner);
        }
      }
    }
  }

  /** Takes a piece's nodes, unless it is none or another took some of them. */
  boolean take(Piece piece) {
    Optional<Set<String>> work = work(piece);
    boolean isFree = work.isPresent() && work.get().stream().noneMatch(taken::contains);
    if (isFree) {
      taken.addAll(work.get());
    }
    return isFree;
  }

  /** Returns the values that pieces compute of rows. */
  Set<String> taken() {
    return Set.copyOf(taken);
  }

  /** Returns whether nobody took the node that writes a value. */
  boolean isFree(String value) {
    return !taken.contains(value);
  }

  /** Returns the rows' values that only a piece computes, none where others read some of them. */
  private Optional<Set<String>> work(Piece piece) {
    List<Node> inside = inside(piece);
    var rows = new HashSet<>(piece.rows());
    var work = new HashSet<String>();
    for (Node node : inside) { // in the graph's order
      if (!MEASURES.contains(node.type()) && node.inputs().stream().anyMatch(rows::contains)) {
        rows.addAll(node.outputs());
        work.addAll(VIEWS.contains(node.type()) ? List.of() : node.outputs());
      }
    }
    work.remove("");
    Set<String> covered = new HashSet<>();
    inside.forEach(node -> covered.addAll(node.outputs()));
    Deque<String> alive = new ArrayDeque<>();
    for (String value : covered) {
      boolean isRead =
          kept.contains(value)
              || consumers.getOrDefault(value, List.of()).stream()
                  .anyMatch(reader -> !covered.containsAll(reader.outputs()));
      if (isRead && !value.equals(piece.output())) {
        alive.add(value);
      }
    }
    Set<String> seen = new HashSet<>();
    while (!alive.isEmpty()) {
      String value = alive.remove();
      if (work.contains(value)) {
        return Optional.empty();
      }
      Node node = producers.get(value);
      if (node != null && covered.contains(value) && seen.add(value)) {
        alive.addAll(node.inputs());
      }
    }
    return Optional.of(work);
  }

  /** Returns the nodes between a piece's inputs and its output. */
  private List<Node> inside(Piece piece) {
    var ends = new HashSet<>(piece.rows());
    ends.addAll(piece.others());
    var found = new ArrayList<Node>();
    visit(piece.output(), ends, new HashSet<>(), found);
    return found;
  }

  /** Depth first: what a node reads comes before it. */
  private void visit(String value, Set<String> ends, Set<String> seen, List<Node> found) {
    Node node = producers.get(value);
    if (node == null || ends.contains(value) || !seen.add(node.name() + "\n" + node.output())) {
      return;
    }
    node.inputs().forEach(input -> visit(input, ends, seen, found));
    found.add(node);
  }
}

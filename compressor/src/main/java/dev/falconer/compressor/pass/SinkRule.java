package dev.falconer.compressor.pass;

import dev.falconer.compressor.axes.Poly;
import dev.falconer.compressor.onnx.Node;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** How a family of operators works on tensors that are apart. */
interface SinkRule {
  /**
   * A node to be written.
   *
   * @param node its operator and attributes
   * @param base of the names made
   * @param inputs what it reads now
   * @param lengths of its result's axes
   * @param fill what every element of the result is, null when not known
   */
  record Step(
      Node node, String base, List<String> inputs, List<Poly> lengths, @Nullable Float fill) {
    /** Copies the lists. */
    public Step {
      inputs = List.copyOf(inputs);
      lengths = List.copyOf(lengths);
    }

    /** A node of whose result nothing more is known. */
    public Step(Node node, String base, List<String> inputs, List<Poly> lengths) {
      this(node, base, inputs, lengths, null);
    }

    /** Returns the same operator on other operands. */
    public Step on(List<String> others, int axis, Poly length) {
      var changed = new ArrayList<>(lengths);
      changed.set(axis, length);
      return new Step(node, base + "#part", others, changed, null);
    }

    /** Returns the number of the result's axes. */
    public int rank() {
      return lengths.size();
    }
  }

  /** Writes a node on each part of its first operand and joins the results along an axis. */
  static Optional<String> onEach(Step step, Parts parts, int axis, Sinking graph) {
    var results = new ArrayList<String>();
    for (int i = 0; i < parts.count(); i++) {
      var operands = new ArrayList<>(step.inputs());
      operands.set(0, parts.names().get(i));
      results.add(graph.write(step.on(operands, axis, parts.lengths().get(i))));
    }
    return Optional.of(graph.join(step.base(), axis, results));
  }

  /** Returns whether the operator is of this family. */
  boolean takes(Node node);

  /** Writes the node in pieces and returns its output, or writes nothing and returns none. */
  Optional<String> apply(Step step, Sinking graph);
}

package dev.falconer.compressor.pack;

import dev.falconer.packed.Layout;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * What was packed.
 *
 * @param nodes in the graph's order
 * @param leftAlone products of rows with constant weights that stay as they are
 */
public record PackReport(List<PackedNode> nodes, List<Left> leftAlone) {
  /** Copies the lists. */
  public PackReport {
    nodes = List.copyOf(nodes);
    leftAlone = List.copyOf(leftAlone);
  }

  /**
   * A new node.
   *
   * @param operator of domain dev.falconer
   * @param attention what it attends with, empty for none: "4 heads of 32, float32, own token"
   */
  public record PackedNode(String name, String operator, String attention, List<Weight> weights) {
    /** Copies the list. */
    public PackedNode {
      weights = List.copyOf(weights);
    }
  }

  /**
   * A packed weight.
   *
   * @param names of the constants whose rows it stacks
   * @param density share of the weights that are not 0
   * @param time estimated, of that of all weights in the same type
   */
  public record Weight(
      List<String> names,
      int out,
      int in,
      Layout layout,
      boolean isInt8,
      double density,
      double time,
      long bytes) {
    /** Copies the list. */
    public Weight {
      names = List.copyOf(names);
    }

    @Override
    public String toString() {
      return String.format(
          Locale.ROOT,
          "%s [%d, %d] %s %s, density %.3f, estimated time %.2f, %d bytes",
          String.join(" + ", names),
          out,
          in,
          isInt8 ? "int8" : "float32",
          layout,
          density,
          time,
          bytes);
    }
  }

  /** A node left alone, and why. */
  public record Left(String node, String operator, String reason) {
    @Override
    public String toString() {
      return "%s (%s): %s".formatted(node, operator, reason);
    }
  }

  /** Returns whether nothing was packed. */
  public boolean isEmpty() {
    return nodes.isEmpty();
  }

  /** Returns the bytes of all packed weights. */
  public long bytes() {
    return nodes.stream().flatMap(node -> node.weights.stream()).mapToLong(Weight::bytes).sum();
  }

  /** Returns the number of nodes of an operator. */
  public long count(String operator) {
    return nodes.stream().filter(node -> node.operator.equals(operator)).count();
  }

  /** Returns lines to print. */
  public List<String> lines() {
    Stream<String> packed =
        nodes.isEmpty()
            ? Stream.of("nothing to pack: no product of rows with a constant weight, no attention")
            : nodes.stream().flatMap(PackReport::lines);
    return Stream.concat(packed, leftAlone.stream().map(left -> "left alone: " + left)).toList();
  }

  private static Stream<String> lines(PackedNode node) {
    String attention = node.attention.isEmpty() ? "" : ", " + node.attention;
    String head = "%s %s%s".formatted(node.operator, node.name, attention);
    return Stream.concat(Stream.of(head), node.weights.stream().map(weight -> "  " + weight));
  }

  @Override
  public String toString() {
    return lines().stream().collect(Collectors.joining("\n"));
  }
}

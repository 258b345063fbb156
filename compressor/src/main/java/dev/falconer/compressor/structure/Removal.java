package dev.falconer.compressor.structure;

import dev.falconer.compressor.layer.LinearLayer;
import java.util.Collections;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.IntStream;

/**
 * How groups of a layer's inputs are removed together with what produces them.
 *
 * @param consumer the layer
 * @param groups of its inputs; of a Conv's channels
 * @param producers layers that give the groups, and how their outputs are made of them
 * @param changes of the nodes that know of the groups
 * @param values made of the groups
 */
public record Removal(
    LinearLayer consumer,
    Groups groups,
    Map<LinearLayer, Groups> producers,
    Set<Change> changes,
    Set<String> values) {
  /** Copies the collections. */
  public Removal {
    producers = Collections.unmodifiableMap(new LinkedHashMap<>(producers));
    changes = Collections.unmodifiableSet(new LinkedHashSet<>(changes));
    values = Set.copyOf(values);
  }

  /** Returns what the groups are: "neurons", "heads", "channels", or "inputs" of a table. */
  public String noun() {
    if (producers.isEmpty()) {
      return "inputs";
    }
    if (consumer.isConv() || producers.keySet().stream().anyMatch(LinearLayer::isConv)) {
      return "channels";
    }
    return groups.inner() > 1 ? "heads" : "neurons";
  }

  /** Returns the number of the layer's inputs in one group. */
  public int inputsOfGroup() {
    return consumer.in() / groups.count();
  }

  /** Returns the layer's inputs, those of a group consecutive. */
  public int[] order() {
    int positions = consumer.positions();
    return IntStream.range(0, consumer.in())
        .boxed()
        .sorted(Comparator.comparingInt(i -> groups.of(i / positions)))
        .mapToInt(i -> i)
        .toArray();
  }

  /** Returns a value that both removals would cut; "" where there is none. */
  public String shared(Removal other) {
    return values.stream().filter(other.values::contains).sorted().findFirst().orElse("");
  }

  /** Returns what is removed, in words: "12 of 48 neurons". */
  public String text(int removed) {
    return "%d of %d %s".formatted(removed, groups.count(), noun());
  }

  /** Returns the groups that are not among these, ascending. */
  public List<Integer> without(List<Integer> dropped) {
    return IntStream.range(0, groups.count()).boxed().filter(g -> !dropped.contains(g)).toList();
  }
}

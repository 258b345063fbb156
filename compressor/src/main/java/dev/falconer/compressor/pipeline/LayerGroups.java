package dev.falconer.compressor.pipeline;

import dev.falconer.compressor.calibrate.PairedCalibration;
import dev.falconer.compressor.layer.LinearLayer;
import dev.falconer.compressor.layer.LinearLayer.Tap;
import dev.falconer.compressor.onnx.Graph;
import dev.falconer.compressor.onnx.Node;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Layers that one pass over the calibration data serves: none reads what another of the group
 * changes. The query, key and value maps of an attention layer are such a group.
 */
final class LayerGroups {
  private LayerGroups() {}

  /**
   * Returns the groups, in an order in which every layer comes after those whose outputs it reads.
   * A weight used twice, once behind itself, stands where it is first used.
   */
  static List<List<LinearLayer>> of(Graph graph, List<LinearLayer> layers) {
    Map<String, Integer> order = new HashMap<>();
    graph.nodes().forEach(node -> order.put(node.name(), order.size()));
    List<LinearLayer> sorted =
        layers.stream()
            .sorted(
                java.util.Comparator.comparingInt(
                    layer -> order.getOrDefault(layer.taps().getFirst().node(), Integer.MAX_VALUE)))
            .toList();
    var groups = new ArrayList<List<LinearLayer>>();
    var group = new ArrayList<LinearLayer>();
    Set<String> changed = new HashSet<>();
    for (LinearLayer layer : sorted) {
      if (layer.taps().stream().map(Tap::input).anyMatch(changed::contains)) {
        groups.add(List.copyOf(group));
        group.clear();
        changed.clear();
      }
      group.add(layer);
      changed.addAll(reached(graph, layer));
    }
    if (!group.isEmpty()) {
      groups.add(List.copyOf(group));
    }
    return groups;
  }

  /** Returns the bytes that the sums of a group's layers take at most. */
  static long calibrationBytes(List<List<LinearLayer>> groups) {
    long most = 0;
    for (List<LinearLayer> group : groups) {
      Map<String, Integer> lengths = new HashMap<>();
      for (LinearLayer layer : group) {
        layer.taps().forEach(tap -> lengths.merge(tap.input(), layer.in(), Math::max));
      }
      long bytes = lengths.values().stream().mapToLong(PairedCalibration::bytes).sum();
      most = Math.max(most, bytes);
    }
    return most;
  }

  /** Returns all values that a change of the layer changes. */
  private static Set<String> reached(Graph graph, LinearLayer layer) {
    Set<String> nodes = new HashSet<>();
    layer.taps().forEach(tap -> nodes.add(tap.node()));
    Set<String> reached = new HashSet<>();
    for (Node node : graph.nodes()) {
      if (nodes.contains(node.name()) || node.inputs().stream().anyMatch(reached::contains)) {
        reached.addAll(node.outputs());
      }
    }
    return reached;
  }
}

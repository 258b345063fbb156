package dev.falconer.compressor.pipeline;

import dev.falconer.compressor.layer.LinearLayer;
import dev.falconer.compressor.layer.LinearLayers;
import dev.falconer.compressor.onnx.Model;
import dev.falconer.compressor.quantize.Int8;
import dev.falconer.compressor.solver.Grid;
import dev.falconer.compressor.solver.LowRank;
import dev.falconer.compressor.solver.Matrix;
import dev.falconer.compressor.structure.Cut;
import dev.falconer.compressor.structure.Removal;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * A network without the groups that were removed, and what is still to be written into it.
 *
 * @param layers of its graph
 * @param parts by the weight's name, of as many outputs as are left
 */
record CutParts(Model model, List<LinearLayer> layers, Map<String, Parts> parts) {
  /** Returns the network with its removals cut. */
  static CutParts of(
      Model merged,
      List<LinearLayer> layers,
      Map<String, Parts> parts,
      Map<LinearLayer, Removal> removals) {
    var kept = new LinkedHashMap<Removal, List<Integer>>();
    var left = new HashMap<>(parts);
    removals.forEach((layer, removal) -> {
      if (parts.get(layer.weight()) instanceof Parts.Removed(List<Integer> groups)) {
        kept.put(removal, groups);
        removal
            .producers()
            .forEach((producer, outputs) ->
                left.computeIfPresent(
                    producer.weight(), (_, part) -> rows(part, outputs.elements(groups))));
      }
    });
    for (LinearLayer layer : layers) {
      if (parts.get(layer.weight()) instanceof Parts.Removed && !removals.containsKey(layer)) {
        throw new IllegalArgumentException(
            "how \"" + layer.weight() + "\" loses inputs is not said");
      }
    }
    if (kept.isEmpty()) {
      return new CutParts(merged, layers, parts);
    }
    Model model = Cut.apply(merged, kept);
    List<String> names = layers.stream().map(LinearLayer::weight).toList();
    return new CutParts(
        model,
        LinearLayers.find(model.graph(), Set.of()).layers().stream()
            .filter(layer -> names.contains(layer.weight()))
            .toList(),
        left);
  }

  /** Returns the parts of some of the outputs. */
  private static Parts rows(Parts parts, int... outputs) {
    return switch (parts) {
      case Parts.Merged merged -> merged;
      case Parts.Removed removed -> removed;
      case Parts.LowRankBeside(Matrix sparse, LowRank lowRank) ->
          new Parts.LowRankBeside(
              sparse.ofRows(outputs), new LowRank(lowRank.left().ofRows(outputs), lowRank.right()));
      case Parts.OnGrid(Grid grid) -> new Parts.OnGrid(grid.ofRows(outputs));
      case Parts.Integers(Int8.Integers integers) ->
          new Parts.Integers(
              new Int8.Integers(integers.grid().ofRows(outputs), integers.activations()));
    };
  }
}

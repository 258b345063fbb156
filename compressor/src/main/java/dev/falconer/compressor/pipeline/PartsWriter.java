package dev.falconer.compressor.pipeline;

import dev.falconer.compressor.layer.LinearLayer;
import dev.falconer.compressor.onnx.Model;
import dev.falconer.compressor.quantize.Int8;
import dev.falconer.compressor.quantize.LowRankBranch;
import dev.falconer.compressor.quantize.PackedWeights;
import dev.falconer.compressor.solver.Grid;
import dev.falconer.compressor.solver.LowRank;
import dev.falconer.compressor.solver.Matrix;
import dev.falconer.compressor.structure.Removal;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Writes compressed weights into the graph in their parts, which it held merged on the way. */
final class PartsWriter {
  private PartsWriter() {}

  /** Returns the network with the parts of each layer, none of which loses inputs. */
  static Model written(Model merged, List<LinearLayer> layers, Map<String, Parts> parts) {
    return written(merged, layers, parts, Map.of());
  }

  /**
   * Returns the network with the parts of each layer.
   *
   * @param merged with every weight in one
   * @param layers of the graph
   * @param parts by the weight's name
   * @param removals of those layers that lose inputs
   */
  static Model written(
      Model merged,
      List<LinearLayer> layers,
      Map<String, Parts> parts,
      Map<LinearLayer, Removal> removals) {
    CutParts cut = CutParts.of(merged, layers, parts, removals);
    return rewritten(cut.model(), cut.layers(), cut.parts());
  }

  private static Model rewritten(Model merged, List<LinearLayer> layers, Map<String, Parts> parts) {
    var beside = new LinkedHashMap<LinearLayer, LowRankBranch.Parts>();
    var packed = new LinkedHashMap<LinearLayer, PackedWeights.OnGrid>();
    var integers = new LinkedHashMap<LinearLayer, Int8.Integers>();
    for (LinearLayer layer : layers) {
      switch (parts.getOrDefault(layer.weight(), new Parts.Merged())) {
        case Parts.Merged _, Parts.Removed _ -> {}
        case Parts.LowRankBeside(Matrix sparse, LowRank lowRank) ->
            beside.put(layer, new LowRankBranch.Parts(sparse, lowRank));
        case Parts.OnGrid(Grid grid) ->
            packed.put(
                layer, new PackedWeights.OnGrid(grid.rounded(layer.read(merged.graph())), grid));
        case Parts.Integers(Int8.Integers codes) -> integers.put(layer, codes);
      }
    }
    Model model = beside.isEmpty() ? merged : LowRankBranch.apply(merged, beside);
    if (!packed.isEmpty()) {
      model = new PackedWeights(PackedWeights.Arithmetic.FLOAT).apply(model, packed);
    }
    return integers.isEmpty() ? model : Int8.written(model, integers);
  }
}

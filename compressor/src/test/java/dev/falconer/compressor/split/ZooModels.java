package dev.falconer.compressor.split;

import dev.falconer.compressor.axes.Roles;
import dev.falconer.compressor.onnx.Model;
import dev.falconer.compressor.zoo.CandidateSelf;
import dev.falconer.compressor.zoo.Fusion;
import dev.falconer.compressor.zoo.HistoryMask;
import dev.falconer.compressor.zoo.RankerConfig;
import dev.falconer.compressor.zoo.Rankers;
import dev.falconer.compressor.zoo.Vocabulary;
import java.util.ArrayList;
import java.util.List;

/** Small rankers to split. */
final class ZooModels {
  static final int HISTORY_MAX = 11;

  private ZooModels() {}

  static Model causal() {
    return ranker(Fusion.APPEND, HistoryMask.CAUSAL, CandidateSelf.NONE, 2);
  }

  static Model ranker(Fusion fusion, HistoryMask mask, CandidateSelf self, int layers) {
    return Rankers.build(config(fusion, mask, self, layers), vocabulary(20), 11);
  }

  static Model manyItems(int items) {
    return Rankers.build(
        config(Fusion.APPEND, HistoryMask.CAUSAL, CandidateSelf.NONE, 1), vocabulary(items), 11);
  }

  private static RankerConfig config(
      Fusion fusion, HistoryMask mask, CandidateSelf self, int layers) {
    return new RankerConfig(
        fusion,
        mask,
        self,
        8,
        layers,
        2,
        HISTORY_MAX,
        2,
        1,
        List.of(6),
        List.of("click", "like"),
        3,
        2,
        4,
        3,
        2);
  }

  private static Vocabulary vocabulary(int items) {
    var ids = new ArrayList<Long>();
    var categories = new ArrayList<Integer>();
    for (int i = 0; i < items; i++) {
      ids.add(100L + i);
      categories.add(i % 5);
    }
    return new Vocabulary(ids, List.of(), categories);
  }

  static Roles roles(Model model) {
    return Roles.of(model);
  }
}

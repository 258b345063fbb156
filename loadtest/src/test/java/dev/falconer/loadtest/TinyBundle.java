package dev.falconer.loadtest;

import dev.falconer.compressor.axes.Roles;
import dev.falconer.compressor.bundle.BundleRequest;
import dev.falconer.compressor.bundle.BundleWriter;
import dev.falconer.compressor.data.Inputs;
import dev.falconer.compressor.evaluate.OrtRunner;
import dev.falconer.compressor.onnx.Model;
import dev.falconer.compressor.onnx.Shape;
import dev.falconer.compressor.onnx.TensorData;
import dev.falconer.compressor.pack.PackOptions;
import dev.falconer.compressor.split.Splitter;
import dev.falconer.compressor.zoo.CandidateSelf;
import dev.falconer.compressor.zoo.Fusion;
import dev.falconer.compressor.zoo.HistoryMask;
import dev.falconer.compressor.zoo.RankerConfig;
import dev.falconer.compressor.zoo.Rankers;
import dev.falconer.compressor.zoo.Vocabulary;
import dev.falconer.v1.Provenance;
import dev.falconer.v1.Switches;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Random;

/** A real bundle of an untrained ranker, made by the compressor. */
final class TinyBundle {
  static final int HISTORY_MAX = 20;

  private TinyBundle() {}

  /** Writes models/feed/1 and returns its folder. */
  static Path write(Path repository) throws IOException {
    var config =
        new RankerConfig(
            Fusion.APPEND,
            HistoryMask.CAUSAL,
            CandidateSelf.NONE,
            16,
            2,
            2,
            HISTORY_MAX,
            2,
            1,
            List.of(8),
            List.of("click", "like"),
            3,
            0,
            0,
            0,
            0);
    Model whole = Rankers.build(config, Vocabulary.counting(1000), 1);
    var roles =
        Map.of(
            Inputs.HISTORY_ITEM, Roles.Role.USER,
            Inputs.HISTORY_ACTION, Roles.Role.USER,
            Inputs.HISTORY_LENGTH, Roles.Role.LENGTH,
            Inputs.CANDIDATE_ITEM, Roles.Role.CANDIDATE);
    var split =
        new Splitter(OrtRunner.factory(1)).split(whole, new Roles(roles), Splitter.Options.DEFAULT);
    var request =
        new BundleRequest(
            "feed",
            1,
            whole,
            split,
            Map.of(),
            PackOptions.ALL,
            config.tasks(),
            Inputs.SCORES,
            List.of(feeds(0, 3, 1), feeds(HISTORY_MAX, 8, 2), feeds(7, 5, 3)),
            List.of(feeds(HISTORY_MAX, 8, 4), feeds(7, 5, 5)),
            Switches.getDefaultInstance(),
            Provenance.getDefaultInstance());
    return new BundleWriter(file -> OrtRunner.open(file, 1), OrtRunner.factory(1))
        .write(repository, request, _ -> List.of());
  }

  private static Map<String, TensorData> feeds(int events, int candidates, long seed) {
    var random = new Random(seed);
    int padded = Math.max(1, events);
    return Map.of(
        Inputs.HISTORY_ITEM,
        TensorData.longs(Shape.of(1, padded), random.longs(padded, 1, 1000).toArray()),
        Inputs.HISTORY_ACTION,
        TensorData.longs(Shape.of(1, padded), random.longs(padded, 0, 4).toArray()),
        Inputs.HISTORY_LENGTH,
        TensorData.vector(events),
        Inputs.CANDIDATE_ITEM,
        TensorData.longs(Shape.of(1, candidates), random.longs(candidates, 1, 1100).toArray()));
  }
}

package dev.falconer.compressor.evaluate;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.falconer.compressor.axes.Roles;
import dev.falconer.compressor.bundle.BundleRequest;
import dev.falconer.compressor.bundle.BundleWriter;
import dev.falconer.compressor.calibrate.Calibrator;
import dev.falconer.compressor.data.Batch;
import dev.falconer.compressor.data.BatchPlan;
import dev.falconer.compressor.data.Batches;
import dev.falconer.compressor.data.Examples;
import dev.falconer.compressor.data.Inputs;
import dev.falconer.compressor.layer.LinearLayers;
import dev.falconer.compressor.onnx.Model;
import dev.falconer.compressor.onnx.NumericTensor;
import dev.falconer.compressor.onnx.Runner;
import dev.falconer.compressor.pack.PackOptions;
import dev.falconer.compressor.quantize.ActivationRange;
import dev.falconer.compressor.quantize.Int8;
import dev.falconer.compressor.split.SplitModel;
import dev.falconer.compressor.split.SplitRunner;
import dev.falconer.compressor.split.Splitter;
import dev.falconer.compressor.zoo.Fusion;
import dev.falconer.v1.Provenance;
import dev.falconer.v1.Switches;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ServedModelTest {
  private static final Examples EXAMPLES = TinyFeed.examples();

  /** A split graph sums in another order than the whole; int8 may round to the next level. */
  private static final float CLOSE = 1e-5f;

  private static final float STEP = 2e-2f;

  @TempDir static Path repository;
  private static Model whole;
  private static Model int8;
  private static Path folder;

  @BeforeAll
  static void writesABundle() throws IOException {
    whole = TinyFeed.ranker(EXAMPLES, Fusion.APPEND);
    int8 =
        new Int8(new ActivationRange.LeastSquares())
            .apply(
                whole,
                Calibrator.run(
                    whole,
                    LinearLayers.of(whole),
                    TinyFeed.batches(EXAMPLES),
                    OrtRunner.factory(1)))
            .model();
    Map<String, String> metadata = new java.util.HashMap<>(int8.metadata());
    metadata.put("falconer.compression", "{}");
    var request =
        new BundleRequest(
            "feed",
            1,
            whole,
            split(whole),
            Map.of("int8", split(int8.withMetadata(metadata))),
            Map.of("packed", PackOptions.FLOATS),
            EXAMPLES.schema().tasks(),
            Inputs.SCORES,
            List.of(Batches.of(EXAMPLES.all(), BatchPlan.evaluation(1, 12)).get(9).inputs()),
            List.of(),
            Switches.getDefaultInstance(),
            Provenance.getDefaultInstance());
    folder =
        new BundleWriter(file -> OrtRunner.open(file, 1), OrtRunner.factory(1))
            .write(repository, request, _ -> List.of());
  }

  @Test
  void scoresPaddedBatchesAsTheWholeGraphDoes() {
    for (var pair : Map.of("plain", whole, "int8", int8).entrySet()) {
      float tolerance = pair.getKey().equals("plain") ? CLOSE : STEP;
      try (Runner graph = OrtRunner.factory(1).open(pair.getValue());
          ServedModel served = ServedModel.open(folder, pair.getKey())) {
        Batch batch = TinyFeed.batches(EXAMPLES).get(3);

        float[] wanted = scores(graph, batch);
        float[] got = scores(served, batch);

        assertArrayEquals(wanted, got, tolerance, pair.getKey());
      }
    }
  }

  @Test
  void judgesTheBundleLikeTheModel() {
    var split = EXAMPLES.split(.6, .1);
    var heldOut = new HeldOut(split, split.test());
    try (Runner graph = OrtRunner.factory(1).open(whole);
        ServedModel served = ServedModel.open(folder, "plain")) {
      Predictions one = heldOut.predictions(graph, Inputs.SCORES, 12);
      Predictions other = heldOut.predictions(served, served.manifest().getScoreOutput(), 12);

      List<Quality.Difference> differences = Quality.differences(one, other, Bootstrap.standard());
      assertEquals(0, differences.getFirst().auc().value(), 1e-3);
      assertEquals(0, differences.getFirst().normalizedEntropy().value(), 1e-5);
    }
  }

  @Test
  void judgesTheHalvesOfASplitOnPaddedBatchesLikeTheModel() {
    var split = EXAMPLES.split(.6, .1);
    var heldOut = new HeldOut(split, split.test());
    SplitModel halves =
        new Splitter(OrtRunner.factory(1))
            .plan(whole, Roles.of(whole), Splitter.Options.DEFAULT)
            .split();
    try (Runner graph = OrtRunner.factory(1).open(whole);
        SplitRunner parts =
            SplitRunner.open(whole.graph(), halves, halves.candidate(), OrtRunner.factory(1))) {
      Predictions one = heldOut.predictions(graph, Inputs.SCORES, 12);
      Predictions other = heldOut.predictions(parts, Inputs.SCORES, 12);

      List<Quality.Difference> differences = Quality.differences(one, other, Bootstrap.standard());
      assertEquals(0, differences.getFirst().auc().value(), 1e-3);
      assertEquals(0, differences.getFirst().normalizedEntropy().value(), 1e-5);
    }
  }

  @Test
  void namesTheVariantsWhenOneIsUnknown() {
    var error =
        assertThrows(IllegalArgumentException.class, () -> ServedModel.open(folder, "int4"));

    assertTrue(
        String.valueOf(error.getMessage()).contains("[plain, int8, packed]"), error.toString());
  }

  private static SplitModel split(Model model) {
    return new Splitter(OrtRunner.factory(1))
        .split(model, Roles.of(model), Splitter.Options.DEFAULT.withHistoryMax(12));
  }

  private static float[] scores(Runner runner, Batch batch) {
    return ((NumericTensor) runner.run(batch.inputs()).get(Inputs.SCORES)).toFloats();
  }
}

package dev.falconer.compressor.pipeline;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.falconer.compressor.evaluate.OrtRunner;
import dev.falconer.compressor.evaluate.OutputError;
import dev.falconer.compressor.fixture.DeepNetwork;
import dev.falconer.compressor.layer.Found;
import dev.falconer.compressor.layer.LinearLayers;
import dev.falconer.compressor.onnx.Model;
import dev.falconer.compressor.onnx.Runner;
import dev.falconer.compressor.onnx.Shape;
import dev.falconer.compressor.onnx.TensorData;
import dev.falconer.compressor.pipeline.LayerwiseCompression.State;
import dev.falconer.compressor.structure.Forms;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** What is left of a layer that gave what was removed is written in its parts. */
class RemovedPartsTest {
  private static final long SEED = 9;
  private static final Runner.Factory RUNNERS = OrtRunner.factory(1);

  /** Share of the energy that sums in another order lose. */
  private static final double ROUNDING = 1e-9;

  @Test
  void lowRankAndFewBits() {
    Written written =
        written(
            DeepNetwork.model(SEED),
            examples(),
            """
            - {match: w0, pattern: '2:4', rank: 4}
            - {match: w1, remove: '25%'}
            - {match: w2, bits: 4, group: 16}
            - {match: w3, remove: '50%'}
            - {match: '*', keep: dense}
            """);

    assertTrue(written.error() < ROUNDING, written.error() + ", seed " + SEED);
    assertEquals(Shape.of(24, DeepNetwork.WIDTH), written.shape("w1"));
    assertEquals(Shape.of(16, DeepNetwork.WIDTH), written.shape("w3"));
  }

  @Test
  void fewBitsOfALayerThatLosesInputsItself() {
    Written written =
        written(
            DeepNetwork.model(SEED),
            examples(),
            """
            - {match: w1, remove: '25%'}
            - {match: w2, remove: '25%'}
            - {match: w0, bits: 4, group: 16}
            - {match: '*', pattern: '2:4'}
            """);

    assertTrue(written.error() < ROUNDING, written.error() + ", seed " + SEED);
    assertEquals(Shape.of(24, 24), written.shape("w1"));
  }

  @Test
  void integers() {
    Written written =
        written(
            DeepNetwork.model(SEED),
            examples(),
            """
            - {match: w0, activations: int8}
            - {match: w1, remove: '25%'}
            - {match: '*', keep: dense}
            """);

    // What the layer reads is rounded in the written model only.
    assertTrue(written.error() < 1e-3, written.error() + ", seed " + SEED);
    assertEquals(Shape.of(24, DeepNetwork.WIDTH), written.shape("w1"));
  }

  @Test
  void headsAndNeuronsOfAVisionTransformer() {
    Forms.Form form = Forms.named("heads of a vision transformer");
    Written written =
        written(
            form.model(),
            List.of(form.feed(40, SEED), form.feed(24, SEED + 1)),
            """
            - {match: consumer, remove: '50%'}
            - {match: other, remove: '25%'}
            - {match: q, pattern: '2:4'}
            - {match: fc, pattern: '50%', rank: 2}
            - {match: '*', keep: dense}
            """);

    assertTrue(written.error() < ROUNDING, written.error() + ", seed " + SEED);
    assertEquals(Shape.of(8, 6), written.shape("q"));
    assertEquals(Shape.of(6, 8), written.shape("consumer"));
    assertEquals(Shape.of(9, 8), written.shape("other"));
    assertEquals(
        "2 of 4 heads removed by osscar",
        written.state.done().stream()
            .filter(layer -> layer.layer().equals("consumer"))
            .findFirst()
            .orElseThrow()
            .what());
  }

  private record Written(State state, Model model, double error) {
    Shape shape(String weight) {
      return model.graph().initializers().get(weight).shape();
    }
  }

  /** Returns the model as written, and its error against the weights in one, zeros in place. */
  private static Written written(
      Model dense, List<Map<String, TensorData>> examples, String rules) {
    Found found = LinearLayers.find(dense.graph(), Set.of());
    ResolvedPlan plan =
        ResolvedPlan.of(
            PlanFile.parse("layers:\n" + rules, "test", Constants.OWN),
            dense,
            found.layers(),
            new Removals(dense, found, RUNNERS, examples.getFirst()));
    State state =
        new LayerwiseCompression(RUNNERS, () -> 0, 1)
            .run(dense, State.of(dense), plan, examples, _ -> {});
    Model model = state.written(dense, plan, plan.kinds());
    try (Runner merged = RUNNERS.open(state.model());
        Runner parts = RUNNERS.open(model)) {
      double error = OutputError.of(merged, parts, examples).values().iterator().next().relative();
      return new Written(state, model, error);
    }
  }

  private static List<Map<String, TensorData>> examples() {
    return Stream.of(300, 200)
        .map(rows -> Map.<String, TensorData>of("x", DeepNetwork.inputs(rows, SEED + rows)))
        .toList();
  }
}

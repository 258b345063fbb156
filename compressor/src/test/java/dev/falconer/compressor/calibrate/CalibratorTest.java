package dev.falconer.compressor.calibrate;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.falconer.compressor.data.Batch;
import dev.falconer.compressor.data.BatchPlan;
import dev.falconer.compressor.data.Batches;
import dev.falconer.compressor.data.Examples;
import dev.falconer.compressor.evaluate.OrtRunner;
import dev.falconer.compressor.evaluate.TinyFeed;
import dev.falconer.compressor.layer.LinearLayer;
import dev.falconer.compressor.layer.LinearLayers;
import dev.falconer.compressor.onnx.Model;
import dev.falconer.compressor.zoo.Fusion;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class CalibratorTest {
  private static final Examples EXAMPLES = TinyFeed.examples();

  /** Activations are float32; a batch's shape changes the order of their sums. */
  private static final double CLOSE = 1e-4;

  @ParameterizedTest
  @EnumSource(Fusion.class)
  void paddingNeitherCountsNorChangesTheGram(Fusion fusion) {
    Model model = TinyFeed.ranker(EXAMPLES, fusion);
    List<LinearLayer> layers = LinearLayers.of(model);

    Calibrator padded =
        run(model, layers, Batches.of(EXAMPLES.all(), BatchPlan.evaluation(64, 12)));
    Calibrator alone = run(model, layers, Batches.of(EXAMPLES.all(), BatchPlan.evaluation(1, 12)));

    for (LinearLayer layer : layers) {
      LayerStatistics many = padded.of(layer);
      LayerStatistics one = alone.of(layer);
      // A request without any event has one padded event when it is alone.
      assertEquals(one.rows(), many.rows(), layer.weight());
      double scale =
          IntStream.range(0, layer.in()).mapToDouble(i -> one.gram().at(i, i)).max().orElse(1);
      assertArrayEquals(one.gram().toArray(), many.gram().toArray(), CLOSE * scale, layer.weight());
    }
  }

  @Test
  void countsHistoryAndCandidateRowsOfASharedWeight() {
    Model model = TinyFeed.ranker(EXAMPLES, Fusion.APPEND);
    LinearLayer shared =
        LinearLayers.of(model).stream()
            .filter(layer -> layer.weight().equals("layer0.ffn.in.weight"))
            .findFirst()
            .orElseThrow();

    LayerStatistics statistics = run(model, List.of(shared), TinyFeed.batches(EXAMPLES)).of(shared);

    long events =
        IntStream.range(0, EXAMPLES.requests())
            .mapToLong(request -> Math.min(12, EXAMPLES.historyLength(request)))
            .sum();
    assertEquals(events + EXAMPLES.candidates(), statistics.rows());
  }

  @Test
  void sumsOuterProductsOfRows() {
    var random = new Random(4);
    var sum = new LayerStatistics.Accumulator(3);
    var expected = new double[9];
    var rows = new float[15];
    for (int i = 0; i < rows.length; i++) {
      rows[i] = (float) random.nextGaussian();
    }
    for (int row = 0; row < 5; row++) {
      sum.add(rows, 3 * row);
      for (int i = 0; i < 9; i++) {
        expected[i] += (double) rows[3 * row + i / 3] * rows[3 * row + i % 3];
      }
    }

    LayerStatistics statistics = sum.statistics();

    assertArrayEquals(expected, statistics.gram().toArray(), 1e-12);
    assertEquals(Math.sqrt(expected[4]), statistics.norms()[1], 1e-12);
    assertEquals(10, statistics.merge(statistics).rows());
    assertEquals(2 * expected[2], statistics.merge(statistics).gram().at(0, 2), 1e-12);
    assertTrue(statistics.absoluteMax() > 0);
  }

  @Test
  void saysWhichLayerNoRowReached() {
    Model model = TinyFeed.ranker(EXAMPLES, Fusion.APPEND);
    List<LinearLayer> layers = LinearLayers.of(model);
    Calibrator calibrator = run(model, layers, List.of());

    var error =
        assertThrows(IllegalArgumentException.class, () -> calibrator.of(layers.getFirst()));
    assertTrue(
        String.valueOf(error.getMessage()).contains(layers.getFirst().taps().getFirst().node()));
  }

  private static Calibrator run(Model model, List<LinearLayer> layers, Iterable<Batch> batches) {
    return Calibrator.run(model, layers, batches, OrtRunner.factory(1));
  }
}

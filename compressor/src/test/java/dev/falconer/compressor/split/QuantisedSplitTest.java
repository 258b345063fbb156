package dev.falconer.compressor.split;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.falconer.compressor.calibrate.Calibrator;
import dev.falconer.compressor.data.BatchPlan;
import dev.falconer.compressor.data.Batches;
import dev.falconer.compressor.data.Examples;
import dev.falconer.compressor.evaluate.OrtRunner;
import dev.falconer.compressor.evaluate.TinyFeed;
import dev.falconer.compressor.layer.LinearLayers;
import dev.falconer.compressor.onnx.Model;
import dev.falconer.compressor.onnx.OnnxWriter;
import dev.falconer.compressor.onnx.Runner;
import dev.falconer.compressor.onnx.TensorData;
import dev.falconer.compressor.quantize.ActivationRange;
import dev.falconer.compressor.quantize.Int8;
import dev.falconer.compressor.zoo.Fusion;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** A ranker on real requests, plain and with its candidate side in int8. */
class QuantisedSplitTest {
  private static final Runner.Factory RUNNERS = OrtRunner.factory(1);

  @Test
  void theInt8ModelHasThePlainModelsUserGraph() {
    Examples examples = TinyFeed.examples();
    Model plain = TinyFeed.ranker(examples, Fusion.APPEND);
    Model int8 =
        new Int8(new ActivationRange.LeastSquares())
            .apply(
                plain,
                Calibrator.run(plain, LinearLayers.of(plain), TinyFeed.batches(examples), RUNNERS))
            .model();
    var options = Splitter.Options.DEFAULT.withRequests(requests(examples));

    SplitModel plainSplit = new Splitter(RUNNERS).split(plain, ZooModels.roles(plain), options);
    SplitModel int8Split = new Splitter(RUNNERS).split(int8, ZooModels.roles(int8), options);

    assertTrue(plainSplit.maxError() < Closeness.SCORES, "plain " + plainSplit.maxError());
    assertTrue(int8Split.maxError() < Closeness.QUANTISED, "int8 " + int8Split.maxError());
    assertEquals(plainSplit.state(), int8Split.state());
    assertArrayEquals(OnnxWriter.toBytes(plainSplit.user()), OnnxWriter.toBytes(int8Split.user()));
    assertTrue(int8Split.candidate().graph().nodes().stream().anyMatch(n -> n.is("MatMulInteger")));
  }

  private static List<Map<String, TensorData>> requests(Examples examples) {
    var requests = new ArrayList<Map<String, TensorData>>();
    Batches batches = Batches.of(examples.all(), BatchPlan.evaluation(1, 12));
    for (int i = 0; i < 20; i++) {
      requests.add(batches.get(i).inputs());
    }
    return requests;
  }
}

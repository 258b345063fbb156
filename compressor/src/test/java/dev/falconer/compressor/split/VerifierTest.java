package dev.falconer.compressor.split;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.falconer.compressor.axes.SplitRefusal;
import dev.falconer.compressor.evaluate.OrtRunner;
import dev.falconer.compressor.onnx.Graph;
import dev.falconer.compressor.onnx.Model;
import dev.falconer.compressor.onnx.NumericTensor;
import dev.falconer.compressor.onnx.Runner;
import dev.falconer.compressor.onnx.TensorData;
import java.util.LinkedHashMap;
import java.util.List;
import org.junit.jupiter.api.Test;

class VerifierTest {
  private static final Runner.Factory RUNNERS = OrtRunner.factory(1);

  @Test
  void namesTheFirstTensorThatDiffers() {
    Model whole = ZooModels.causal();
    SplitModel split =
        new Splitter(RUNNERS).split(whole, ZooModels.roles(whole), Splitter.Options.DEFAULT);
    SplitModel wrong =
        new SplitModel(
            split.user(),
            withOtherBias(split.candidate()),
            split.roles(),
            split.layout(),
            split.state(),
            split.growth(),
            split.flops(),
            split.historyMin(),
            split.historyMax(),
            Double.NaN,
            List.of(),
            List.of());

    var refusal =
        assertThrows(
            SplitRefusal.class, () -> Verifier.verify(wrong, whole, RUNNERS, List.of(), 5));

    assertEquals(SplitRefusal.Code.VERIFY_FAILED, refusal.code());
    assertTrue(
        refusal.reason().contains("the first tensor that differs is \"head.Add"), refusal.reason());
  }

  private static Model withOtherBias(Model model) {
    Graph graph = model.graph();
    var constants = new LinkedHashMap<>(graph.initializers());
    constants.computeIfPresent(
        "head.mlp0.bias",
        (_, bias) -> {
          float[] values = ((NumericTensor) bias).toFloats();
          values[0] += 1;
          return TensorData.floats(bias.shape(), values);
        });
    return model.withGraph(graph.withInitializers(constants));
  }
}

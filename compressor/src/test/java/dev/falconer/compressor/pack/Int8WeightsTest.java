package dev.falconer.compressor.pack;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.falconer.compressor.fixture.DeepNetwork;
import dev.falconer.compressor.onnx.Model;
import dev.falconer.compressor.pack.PackOptions.Precision;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

class Int8WeightsTest {
  private final Model model = DeepNetwork.model(1);

  @Test
  void aModelSaysWhichOfItsWeightsAreMultipliedInInt8() {
    Model marked = Int8Weights.in(model, List.of("w2", "w0"));

    assertEquals(Set.of("w0", "w2"), Int8Weights.of(marked));
    assertEquals(Set.of(), Int8Weights.of(Int8Weights.in(marked, List.of())));
    assertEquals(Set.of(), Int8Weights.of(model));
    Model broken = model.withMetadata(Map.of(Int8Weights.METADATA, "w0"));
    var thrown = assertThrows(IllegalArgumentException.class, () -> Int8Weights.of(broken));
    assertTrue(String.valueOf(thrown.getMessage()).contains("falconer.int8"), thrown + "");
  }

  @Test
  void theChosenPackingIsAVariantOfItsOwn() {
    assertEquals(PackOptions.ALL, Int8Weights.with(PackOptions.ALL, model));

    Map<String, PackOptions> packings =
        Int8Weights.with(PackOptions.EXACT, Int8Weights.in(model, List.of("w1")));

    assertEquals(List.of("packed", "packed-chosen"), List.copyOf(packings.keySet()));
    PackOptions chosen = packings.getOrDefault("packed-chosen", PackOptions.FLOATS);
    assertEquals(Precision.INT8, chosen.of(List.of("w1#cand")));
    assertEquals(Precision.FLOAT32, chosen.of(List.of("w2")));
    assertEquals(Precision.INT8, chosen.attention());
    PackReport report = Packing.of(model, chosen).report();
    List<Boolean> types =
        report.nodes().getFirst().weights().stream().map(PackReport.Weight::isInt8).toList();
    assertEquals(List.of(false, true, false, false, false), types, report.toString());
  }
}

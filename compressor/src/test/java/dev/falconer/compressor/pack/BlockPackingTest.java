package dev.falconer.compressor.pack;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.falconer.compressor.onnx.DType;
import dev.falconer.compressor.onnx.Model;
import dev.falconer.compressor.pack.LayerGraph.Act;
import dev.falconer.compressor.pack.LayerGraph.Hiding;
import dev.falconer.compressor.pack.LayerGraph.Linear;
import dev.falconer.compressor.pack.LayerGraph.Norm;
import dev.falconer.compressor.pack.LayerGraph.Operator;
import dev.falconer.compressor.pack.LayerGraph.Own;
import dev.falconer.compressor.pack.LayerGraph.Scale;
import dev.falconer.compressor.pack.LayerGraph.Spec;
import dev.falconer.compressor.pack.LayerGraph.State;
import java.util.Arrays;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Transformer layers in the forms that exporters write. */
class BlockPackingTest {
  private static final long SEED = 41;
  private static final int COMBINATIONS = 40;

  static Stream<Spec> forms() {
    return Stream.of(
            Arrays.stream(Norm.values()).map(Spec.USUAL::with),
            Arrays.stream(Act.values()).map(Spec.USUAL::with),
            Arrays.stream(State.values()).map(Spec.USUAL::with),
            Arrays.stream(Hiding.values()).map(Spec.USUAL::with),
            Arrays.stream(Own.values()).map(Spec.USUAL::with),
            Arrays.stream(Scale.values()).map(Spec.USUAL::with),
            Arrays.stream(Operator.values()).map(Spec.USUAL::with),
            Stream.of(Linear.BARE, Linear.GEMM, Linear.UNPROJECTED).map(Spec.USUAL::with),
            Stream.of(
                Spec.USUAL.with(Own.BY_SUM).with(Linear.PACKED),
                Spec.USUAL.with(Own.BY_SUM).with(Scale.BOTH_SIDES),
                Spec.USUAL.withoutFeedForward(),
                Spec.USUAL.with(Norm.POST).withoutFeedForward()))
        .flatMap(forms -> forms);
  }

  @ParameterizedTest
  @MethodSource("forms")
  void isOneBlockThatComputesTheSame(Spec spec) {
    check(spec, SEED);
  }

  @Test
  void combinationsOfFormsAreBlocksToo() {
    var random = new Random(SEED);
    for (int i = 0; i < COMBINATIONS; i++) {
      Spec spec =
          Spec.USUAL
              .with(any(Norm.values(), random))
              .with(any(Act.values(), random))
              .with(any(State.values(), random))
              .with(any(Hiding.values(), random))
              .with(any(Own.values(), random))
              .with(any(Scale.values(), random))
              .with(any(new Operator[] {Operator.PARTS, Operator.FOLDED}, random))
              .with(any(new Linear[] {Linear.MATMUL, Linear.BARE, Linear.UNPROJECTED}, random));
      check(random.nextInt(4) == 0 ? spec.withoutFeedForward() : spec, random.nextLong());
    }
  }

  @Test
  void aLayerOfRowsWithOneMoreAxisThanItsInputIsShapedBack() {
    var layer = new LayerGraph(Spec.USUAL, SEED);
    String x = layer.graph.input("x", DType.FLOAT32, "candidates", LayerGraph.WIDTH);
    Model plain = layer.model(layer.layer(layer.graph.unsqueeze(x, 0)));

    Packed packed = Packing.of(plain, PackOptions.FLOATS);

    assertEquals(1, packed.report().count("CandidateBlock"), packed.report()::toString);
    double difference = PackCheck.difference(plain, packed.model(), SEED, 3);
    assertTrue(difference <= PackCheck.ROUNDING, "seed " + SEED + ": " + difference);
  }

  private static <T> T any(T[] values, Random random) {
    return values[random.nextInt(values.length)];
  }

  private static void check(Spec spec, long seed) {
    Model plain = LayerGraph.model(spec, seed);

    Packed packed = Packing.of(plain, PackOptions.FLOATS);

    String which = spec + ", seed " + seed + "\n" + packed.report();
    assertEquals(1, packed.report().count("CandidateBlock"), which);
    assertEquals(1, packed.report().nodes().size(), which);
    double difference = PackCheck.difference(plain, packed.model(), seed, 3);
    assertTrue(difference <= PackCheck.ROUNDING, which + ": " + difference);
  }
}

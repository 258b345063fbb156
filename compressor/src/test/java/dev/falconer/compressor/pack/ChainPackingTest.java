package dev.falconer.compressor.pack;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.falconer.compressor.fixture.LinearModels;
import dev.falconer.compressor.onnx.DType;
import dev.falconer.compressor.onnx.GraphBuilder;
import dev.falconer.compressor.onnx.Model;
import dev.falconer.compressor.onnx.ValueInfo;
import dev.falconer.compressor.pack.LayerGraph.Act;
import dev.falconer.compressor.pack.LayerGraph.Linear;
import dev.falconer.compressor.pack.LayerGraph.Spec;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/** Products one after the other, and alone. */
class ChainPackingTest {
  private static final long SEED = 17;

  @ParameterizedTest
  @EnumSource(Act.class)
  void productsWithActivationsBetweenAreOneChain(Act act) {
    for (Linear linear : List.of(Linear.MATMUL, Linear.BARE, Linear.GEMM)) {
      Model plain = chain(Spec.USUAL.with(act).with(linear), 12, 20, 9, 1);

      PackReport report = checked(plain);

      assertEquals(1, report.count("CandidateMlp"), report::toString);
      assertEquals(1, report.nodes().size(), report::toString);
      assertEquals(3, report.nodes().getFirst().weights().size(), report::toString);
    }
  }

  @Test
  void aChainOfMoreThanFifteenProductsIsTwo() {
    var widths = new int[18];
    java.util.Arrays.fill(widths, 9);

    PackReport report = checked(chain(Spec.USUAL.with(Act.RELU), widths));

    assertEquals(
        List.of(2, 15), report.nodes().stream().map(node -> node.weights().size()).toList());
  }

  @Test
  void aHiddenValueThatIsReadElsewhereEndsAChain() {
    Model plain = chain(Spec.USUAL.with(Act.RELU), 12, 20, 16, 9);
    var outputs = new ArrayList<>(plain.graph().outputs());
    outputs.add(new ValueInfo("Relu:0", DType.FLOAT32, null));

    PackReport report = checked(withOutputs(plain, outputs));

    assertEquals(1, report.count("SparseMatMul"), report::toString);
    assertEquals(1, report.count("CandidateMlp"), report::toString);
  }

  static List<LinearModels.Case> products() {
    return LinearModels.products();
  }

  @ParameterizedTest
  @MethodSource("products")
  void everyWayToMultiplyByAWeightIsPackedOrLeft(LinearModels.Case each) {
    Packed packed = Packing.of(each.model(), PackOptions.FLOATS);

    boolean isLeft =
        List.of("MatMul of a vector", "MatMul of doubles", "FusedMatMul, transA")
                .contains(each.name())
            || each.name().startsWith("Gemm, transA")
            || each.name().contains("LeakyRelu");
    assertEquals(isLeft, packed.report().isEmpty(), packed.report()::toString);
    var outputs = packed.model().graph().outputs();
    assertEquals(each.model().graph().outputs(), outputs);
    double difference = isLeft ? 0 : PackCheck.difference(each.model(), packed.model(), SEED, 2);
    assertTrue(difference <= 1e-4, each + ": " + difference + ", seed " + SEED); // sums of 64
  }

  @Test
  void oneWeightInTwoProductsIsPackedOnce() {
    var random = new Random(SEED);
    var graph = new GraphBuilder("twice");
    String x = graph.input("x", DType.FLOAT32, "candidates", 16);
    String w = graph.initializer("w", LinearModels.gaussian(random, 16, 16));
    String first = graph.matmul(x, w);
    String second = graph.matmul(graph.add("Softsign", first), w);
    graph.named("y", "Add", Map.of(), first, second);
    graph.output("y", DType.FLOAT32);
    Model plain = new Model(graph.build(), Model.IR_VERSION, Map.of("", 20L), Map.of());

    Packed packed = Packing.of(plain, PackOptions.FLOATS);

    assertEquals(2, packed.report().count("SparseMatMul"));
    assertEquals(1, packed.model().graph().initializers().size());
    assertTrue(PackCheck.difference(plain, packed.model(), SEED, 2) <= PackCheck.ROUNDING);
  }

  @Test
  void aBiasOfEveryRequestStaysASum() {
    var layer = new LayerGraph(Spec.USUAL.with(Act.RELU), SEED);
    GraphBuilder graph = layer.graph;
    String x = graph.input("x", DType.FLOAT32, "candidates", 12);
    String terms = graph.input("terms", DType.FLOAT32, 1, 20);
    String w = graph.initializer("w", layer.gaussian(.3, 12, 20));
    String hidden = layer.act(graph.plus(terms, graph.matmul(x, w)));

    PackReport report = checked(layer.model(layer.linear("out", hidden, 20, 9)));

    assertEquals(2, report.count("SparseMatMul"), report::toString);
  }

  private static Model chain(Spec spec, int... widths) {
    var layer = new LayerGraph(spec, SEED);
    String x = layer.graph.input("x", DType.FLOAT32, "candidates", widths[0]);
    for (int i = 1; i < widths.length; i++) {
      x = layer.linear("w" + i, x, widths[i - 1], widths[i]);
      x = i + 1 < widths.length ? layer.act(x) : x;
    }
    return layer.model(x);
  }

  private static PackReport checked(Model plain) {
    Packed packed = Packing.of(plain, PackOptions.FLOATS);
    double difference = PackCheck.difference(plain, packed.model(), SEED, 3);
    assertTrue(
        difference <= PackCheck.ROUNDING, difference + ", seed " + SEED + "\n" + packed.report());
    return packed.report();
  }

  private static Model withOutputs(Model model, List<ValueInfo> outputs) {
    var graph = model.graph();
    return model.withGraph(
        new dev.falconer.compressor.onnx.Graph(
            graph.name(), graph.inputs(), outputs, graph.initializers(), graph.nodes()));
  }
}

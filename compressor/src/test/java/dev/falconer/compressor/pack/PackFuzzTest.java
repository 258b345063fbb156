package dev.falconer.compressor.pack;

import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.falconer.compressor.evaluate.OrtRunner;
import dev.falconer.compressor.fuzz.FuzzGraph;
import dev.falconer.compressor.onnx.Attribute;
import dev.falconer.compressor.onnx.DType;
import dev.falconer.compressor.onnx.Graph;
import dev.falconer.compressor.onnx.Model;
import dev.falconer.compressor.onnx.Node;
import dev.falconer.compressor.onnx.NumericTensor;
import dev.falconer.compressor.onnx.Runner;
import dev.falconer.compressor.onnx.TensorData;
import dev.falconer.compressor.onnx.ValueInfo;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/** Random ranking graphs, packed whole. */
class PackFuzzTest {
  private static final int SEEDS = 60;

  /** Of the largest element: sums in another order, through chains of whatever follows them. */
  private static final double CLOSE = 1e-4;

  @Test
  void randomGraphsComputeTheSamePacked() {
    int packed = 0;
    for (long seed = 0; seed < SEEDS; seed++) {
      FuzzGraph graph = FuzzGraph.of(seed);
      Model plain = graph.model().withGraph(single(graph.model().graph()));
      Packed variant = Packing.of(plain, PackOptions.FLOATS);
      if (variant.report().isEmpty()) {
        continue;
      }
      packed++;
      Map<String, TensorData> feeds = new TreeMap<>();
      graph
          .rows(graph.request(5, 6, 3, new Random(seed)))
          .forEach((name, tensor) -> feeds.put(name, single(tensor)));
      check(plain, variant.model(), feeds, "seed " + seed + "\n" + variant.report());
    }
    assertTrue(packed > SEEDS / 2, packed + " packed");
  }

  private static void check(
      Model plain, Model packed, Map<String, TensorData> feeds, String which) {
    try (Runner a = OrtRunner.open(plain, 1);
        Runner b = OrtRunner.open(packed, 1)) {
      Map<String, TensorData> results = b.run(feeds);
      a.run(feeds)
          .forEach((name, value) -> {
            var wanted = (NumericTensor) value;
            var got = (NumericTensor) Objects.requireNonNull(results.get(name), name);
            double largest = 1;
            for (long i = 0; i < wanted.shape().size(); i++) {
              largest = Math.max(largest, Math.abs(wanted.at(i)));
            }
            double difference = PackCheck.difference(wanted, got);
            assertTrue(difference <= CLOSE * largest, name + ": " + difference + ", " + which);
          });
    }
  }

  /** The generator's graphs are of float64. */
  private static Graph single(Graph graph) {
    Map<String, TensorData> constants = new LinkedHashMap<>();
    graph.initializers().forEach((name, tensor) -> constants.put(name, single(tensor)));
    return new Graph(
        graph.name(),
        graph.inputs().stream().map(PackFuzzTest::single).toList(),
        graph.outputs().stream().map(PackFuzzTest::single).toList(),
        constants,
        graph.nodes().stream().map(PackFuzzTest::single).toList());
  }

  private static Node single(Node node) {
    Map<String, Attribute> attributes = new TreeMap<>(node.attributes());
    attributes.replaceAll((name, value) ->
        switch (value) {
          case Attribute.TensorAttr(TensorData tensor) -> Attribute.of(single(tensor));
          case Attribute.GraphAttr(Graph body) -> new Attribute.GraphAttr(single(body));
          case Attribute.IntAttr(long to)
              when node.is("Cast") && name.equals("to") && to == DType.FLOAT64.onnx() ->
              Attribute.of(DType.FLOAT32.onnx());
          default -> value;
        });
    return node.withAttributes(attributes);
  }

  private static ValueInfo single(ValueInfo info) {
    return info.dtype() == DType.FLOAT64
        ? new ValueInfo(info.name(), DType.FLOAT32, info.dims(), info.hasType())
        : info;
  }

  private static TensorData single(TensorData tensor) {
    return tensor instanceof NumericTensor numbers && numbers.dtype() == DType.FLOAT64
        ? NumericTensor.rounded(DType.FLOAT32, numbers.shape(), numbers.toDoubles())
        : tensor;
  }
}

package dev.falconer.compressor.pack;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.falconer.compressor.evaluate.OrtRunner;
import dev.falconer.compressor.onnx.Attribute;
import dev.falconer.compressor.onnx.DType;
import dev.falconer.compressor.onnx.GraphBuilder;
import dev.falconer.compressor.onnx.Model;
import dev.falconer.compressor.onnx.Runner;
import dev.falconer.compressor.onnx.Shape;
import dev.falconer.compressor.onnx.TensorData;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Attention by itself: "q" [1, candidates, 12], "keys" and "values" [1, 3, n, 4]. */
class AttentionPackingTest {
  private static final long SEED = 61;
  private final GraphBuilder graph = new GraphBuilder("attention");
  private final String q = graph.input("q", DType.FLOAT32, 1, "candidates", 12);
  private final String keys = graph.input("keys", DType.FLOAT32, 1, 3, "history+1", 4);
  private final String values = graph.input("values", DType.FLOAT32, 1, 3, "history+1", 4);

  @Test
  void isFoundWithoutAnyProductAround() {
    PackReport report = checked(merged(graph.matmul(graph.softmax(scores(heads(q))), values)));

    assertEquals("3 heads of 4 in float32", report.nodes().getFirst().attention());
  }

  @Test
  void aResultOfFewerAxesIsShaped() {
    String attended = graph.matmul(graph.softmax(scores(heads(q))), values);
    String flat = graph.reshape(graph.transpose(attended, 0, 2, 1, 3), -1, 12);

    checked(flat);
  }

  @Test
  void valuesTimesANumberAreReadAfterIt() {
    String twice = graph.times(values, graph.scalar(2f));

    checked(merged(graph.matmul(graph.softmax(scores(heads(q))), twice)));
  }

  @Test
  void anOwnKeyOfAnotherScaleIsScaled() {
    String own = graph.input("own", DType.FLOAT32, 1, "candidates", 12);
    String ownValue = graph.input("own_value", DType.FLOAT32, 1, "candidates", 12);
    String query = heads(q);
    String products = graph.times(query, heads(own));
    String sum =
        graph.add("ReduceSum", Map.of("keepdims", Attribute.of(1)), products, graph.vector(-1));
    String all = graph.concat(-1, scores(query), graph.times(sum, graph.scalar(.7f)));
    String shares = graph.softmax(all);
    String shared = graph.matmul(graph.slice(shares, -1, 0, -1), values);
    String rest = graph.slice(shares, -1, -1, Long.MAX_VALUE);

    PackReport report = checked(merged(graph.plus(graph.times(rest, heads(ownValue)), shared)));

    assertTrue(report.nodes().getFirst().attention().endsWith(", own token"), report::toString);
  }

  @Test
  void oneHeadNeedsNoAxis() {
    var one = new GraphBuilder("one head");
    String query = one.input("q", DType.FLOAT32, "candidates", 6);
    String key = one.input("keys", DType.FLOAT32, "history", 6);
    String value = one.input("values", DType.FLOAT32, "history", 6);
    String shares = one.softmax(one.matmul(query, one.transpose(key, 1, 0)));
    one.named("y", "MatMul", Map.of(), shares, value);
    one.output("y", DType.FLOAT32);

    check(new Model(one.build(), Model.IR_VERSION, Map.of("", 20L), Map.of()));
  }

  @Test
  void zerosForRowsThatSeeNothingStay() {
    String mask = graph.input("mask", DType.FLOAT32, 1, 1, 1, "history+1");
    String shares = graph.softmax(graph.plus(mask, scores(heads(q))));
    String isNaN = graph.add("IsNaN", shares);
    String guarded = graph.add("Where", isNaN, graph.scalar(0f), shares);
    Model plain = model(merged(graph.matmul(guarded, values)));
    Model packed = check(plain).model();

    try (Runner runner = OrtRunner.open(packed, 1)) {
      Map<String, TensorData> feeds = PackCheck.feeds(plain, new Random(SEED), 5, 9);
      var hidden = new float[10];
      java.util.Arrays.fill(hidden, Float.NEGATIVE_INFINITY);
      feeds.put("mask", TensorData.floats(Shape.of(1, 1, 1, 10), hidden));

      assertEquals(
          TensorData.floats(Shape.of(1, 5, 12), new float[60]), runner.run(feeds).get("y"));
    }
  }

  @Test
  void int8StaysWithinItsRounding() {
    Model plain = model(merged(graph.matmul(graph.softmax(scores(heads(q))), values)));

    Packed packed = Packing.of(plain, PackOptions.BYTES);

    double difference = PackCheck.difference(plain, packed.model(), SEED, 4);
    assertTrue(
        difference > 1e-4 && difference < .05, difference + ", seed " + SEED); // of 4 at most
  }

  private String heads(String x) {
    return graph.transpose(graph.reshape(x, 1, -1, 3, 4), 0, 2, 1, 3);
  }

  private String scores(String query) {
    String scores = graph.matmul(query, graph.transpose(keys, 0, 1, 3, 2));
    return graph.times(scores, graph.scalar(.5f));
  }

  private String merged(String attended) {
    return graph.reshape(graph.transpose(attended, 0, 2, 1, 3), 1, -1, 12);
  }

  private Model model(String y) {
    graph.named("y", "Identity", Map.of(), y);
    graph.output("y", DType.FLOAT32);
    return new Model(graph.build(), Model.IR_VERSION, Map.of("", 20L), Map.of());
  }

  private PackReport checked(String y) {
    return check(model(y)).report();
  }

  private static Packed check(Model plain) {
    Packed packed = Packing.of(plain, PackOptions.FLOATS);
    assertEquals(1, packed.report().count("CandidateAttention"), packed.report()::toString);
    double difference = PackCheck.difference(plain, packed.model(), SEED, 4);
    assertTrue(difference <= PackCheck.ROUNDING, difference + ", seed " + SEED);
    return packed;
  }
}

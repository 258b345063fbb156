package dev.falconer.compressor.pack;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.falconer.compressor.evaluate.OrtRunner;
import dev.falconer.compressor.onnx.Attribute;
import dev.falconer.compressor.onnx.DType;
import dev.falconer.compressor.onnx.GraphBuilder;
import dev.falconer.compressor.onnx.Model;
import dev.falconer.compressor.onnx.Runner;
import dev.falconer.compressor.onnx.TensorData;
import dev.falconer.compressor.onnx.ValueInfo;
import dev.falconer.compressor.zoo.CandidateHalf;
import dev.falconer.compressor.zoo.CandidateHalf.Form;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

class RoundedStateTest {
  private static final long SEED = 7;
  private static final CandidateHalf HALF = new CandidateHalf(9, 20, 2, 2, 24, 5, List.of(16));

  @Test
  void scoresAreTheSameToTheBit() {
    for (Form form : Form.values()) {
      Model int8 = Packing.of(HALF.model(form, SEED), PackOptions.BYTES).model();

      RoundedState rounded = RoundedState.of(int8);

      assertEquals(
          List.of(
              "candidate", "features", "key.0.int8", "value.0.int8", "key.1.int8", "value.1.int8"),
          names(rounded.candidate()),
          form::toString);
      assertEquals(2 * 9 * (12 + 4), size(rounded, "key.1.int8"));
      Map<String, TensorData> feeds = feeds(rounded);
      try (Runner before = OrtRunner.open(int8, 1);
          Runner after = OrtRunner.open(rounded.candidate(), 1)) {
        assertEquals(before.run(feeds), after.run(feeds), form + ", seed " + SEED);
      }
    }
  }

  /** Returns feeds of candidate graphs, and the state as the user graph gives it. */
  private static Map<String, TensorData> feeds(RoundedState rounded) {
    var random = new Random(SEED);
    Map<String, TensorData> given = PackCheck.feeds(HALF.user(), random, 6, 9);
    var feeds = new HashMap<>(PackCheck.feeds(HALF.model(Form.PLAIN, SEED), random, 6, 9));
    try (Runner user = OrtRunner.open(rounded.user(HALF.user()), 1)) {
      feeds.putAll(user.run(given));
    }
    return feeds;
  }

  private static long size(RoundedState rounded, String name) {
    return feeds(rounded).get(name).shape().size();
  }

  private static List<String> names(Model model) {
    return model.graph().inputs().stream().map(ValueInfo::name).toList();
  }

  @Test
  void headsSideBySideAreRoundedEachByItself() {
    var graph = new GraphBuilder("flat");
    RoundedState rounded = RoundedState.of(packed(graph, attention(graph)));

    assertEquals(
        List.of(
            new RoundedState.Tokens("k", "k.int8", 4, 24, List.of()),
            new RoundedState.Tokens("v", "v.int8", 4, 24, List.of())),
        rounded.tokens());
    assertEquals(List.of("q", "k.int8", "v.int8"), names(rounded.candidate()));
  }

  @Test
  void whatIsAlsoReadOtherwiseStays() {
    var graph = new GraphBuilder("flat");
    String attended = attention(graph);
    String sum = graph.add("ReduceSum", Map.of("keepdims", Attribute.of(0)), "k");
    RoundedState rounded = RoundedState.of(packed(graph, graph.plus(attended, sum)));

    assertEquals(List.of("q", "k", "k.int8", "v.int8"), names(rounded.candidate()));
  }

  @Test
  void keysThatNoUserGraphGivesStayAsTheyAre() {
    var graph = new GraphBuilder("flat");
    graph.input("q", DType.FLOAT32, 1, "m", 12);
    graph.input("k", DType.FLOAT32, 1, "n", 12);
    graph.input("v", DType.FLOAT32, 1, "n", 12);
    Model packed = packed(graph, attention(graph, graph.add("Tanh", "k")));

    assertSame(packed, RoundedState.of(packed).candidate());
    Model floats = Packing.of(HALF.model(Form.PLAIN, SEED), PackOptions.FLOATS).model();
    assertSame(floats, RoundedState.of(floats).candidate());
  }

  /** Keys that two layers share, of which one has values that no user graph gives. */
  @Test
  void anOperatorReadsBothRoundedOrNone() {
    for (boolean isFirst : new boolean[] {true, false}) {
      var graph = new GraphBuilder("flat");
      graph.input("q", DType.FLOAT32, 1, "m", 12);
      graph.input("k", DType.FLOAT32, 1, "n", 12);
      graph.input("v", DType.FLOAT32, 1, "n", 12);
      String one = attention(graph, "k", isFirst ? graph.add("Tanh", "v") : "v");
      String other = attention(graph, "k", isFirst ? "v" : graph.add("Tanh", "v"));
      RoundedState rounded = RoundedState.of(packed(graph, graph.plus(one, other), 2));

      assertEquals(
          List.of("q", "k", "k.int8", "v", "v.int8"), names(rounded.candidate()), "" + isFirst);
    }
  }

  @Test
  void aUserGraphOfAnotherModelIsRefused() {
    var graph = new GraphBuilder("flat");
    RoundedState rounded = RoundedState.of(packed(graph, attention(graph)));

    var refusal = assertThrows(IllegalArgumentException.class, () -> rounded.user(HALF.user()));
    assertEquals("the user graph has no output \"k\"", refusal.getMessage());
  }

  private static String attention(GraphBuilder graph) {
    graph.input("q", DType.FLOAT32, 1, "m", 12);
    graph.input("k", DType.FLOAT32, 1, "n", 12);
    graph.input("v", DType.FLOAT32, 1, "n", 12);
    return attention(graph, "k");
  }

  private static String attention(GraphBuilder graph, String keys) {
    return attention(graph, keys, "v");
  }

  private static String attention(GraphBuilder graph, String keys, String values) {
    return graph.addIn(
        "com.microsoft",
        "MultiHeadAttention",
        Map.of("num_heads", Attribute.of(3)),
        "q",
        keys,
        values);
  }

  private static Model packed(GraphBuilder graph, String y) {
    return packed(graph, y, 1);
  }

  private static Model packed(GraphBuilder graph, String y, int attentions) {
    graph.named("y", "Identity", Map.of(), y);
    graph.output("y", DType.FLOAT32, 1, "m", 12);
    var opsets = Map.of("", 20L, "com.microsoft", 1L);
    Packed packed =
        Packing.of(new Model(graph.build(), Model.IR_VERSION, opsets, Map.of()), PackOptions.BYTES);
    assertTrue(
        packed.report().count("CandidateAttention") == attentions, packed.report()::toString);
    return packed.model();
  }
}

package dev.falconer.compressor.split;

import dev.falconer.compressor.axes.SplitRefusal;
import dev.falconer.compressor.axes.SplitRefusal.Code;
import dev.falconer.compressor.fuzz.FuzzGraph;
import dev.falconer.compressor.interpret.Interpreter;
import dev.falconer.compressor.onnx.Node;
import dev.falconer.compressor.onnx.NumericTensor;
import dev.falconer.compressor.onnx.Runner;
import dev.falconer.compressor.onnx.TensorData;
import dev.falconer.compressor.onnx.ValueInfo;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Splits one random graph and says what came of it. */
final class FuzzTrial {
  /** Sums taken in another order differ by some 1e-16 of their largest term. */
  private static final double CLOSE = 1e-9;

  /** Every so many graphs are also verified by the splitter, which takes as long as the rest. */
  private static final int VERIFIED = 4;

  private static final int CANDIDATES = 5;
  private static final long HISTORY_MAX = 6;

  /**
   * What came of a graph.
   *
   * @param operators of the whole graph
   * @param mixes whether a score of the whole graph depends on another candidate's row
   * @param word "split", a refusal's code, or "wrong"
   * @param detail the refusal, or what is wrong
   */
  record Outcome(long seed, Set<String> operators, boolean mixes, String word, String detail) {
    boolean isSplit() {
      return word.equals("split");
    }

    boolean isWrong() {
      return word.equals("wrong");
    }
  }

  private final FuzzGraph graph;
  private final Random random;

  private FuzzTrial(FuzzGraph graph) {
    this.graph = graph;
    this.random = new Random(graph.seed());
  }

  static Outcome of(long seed) {
    FuzzGraph graph = FuzzGraph.of(seed);
    try (Runner whole = Interpreter.open(graph.model())) {
      return new FuzzTrial(graph).run(whole);
    }
  }

  private Outcome run(Runner whole) {
    boolean mixes;
    try {
      mixes = mixes(whole);
    } catch (IllegalArgumentException e) {
      return wrong(false, "the generator made a graph that does not run: " + e.getMessage());
    }
    SplitModel split;
    try {
      split = split(graph, random.nextBoolean());
    } catch (SplitRefusal refusal) {
      boolean deaf = refusal.reason().contains("changes a score");
      return refusal.code() == Code.VERIFY_FAILED && !deaf
          ? wrong(mixes, refusal.getMessage())
          : outcome(mixes, deaf ? "deaf" : refusal.code().text(), refusal.getMessage());
    } catch (RuntimeException e) {
      return wrong(mixes, e.toString() + " " + List.of(e.getStackTrace()).subList(0, 6));
    }
    if (mixes) {
      return wrong(true, "rows mix, and it was split");
    }
    for (int[] sizes : new int[][] {{CANDIDATES, 4, 3}, {1, 1, 2}, {3, 6, 5}}) {
      var request = graph.request(sizes[0], sizes[1], sizes[2], random);
      Map<String, TensorData> expected = whole.run(graph.rows(request));
      String difference;
      try {
        difference = difference(expected, scores(split, request));
      } catch (IllegalArgumentException e) {
        difference = "a half does not run: " + e.getMessage();
      }
      if (!difference.isEmpty()) {
        return wrong(false, difference);
      }
    }
    return outcome(false, "split", "");
  }

  /** Returns the halves; some also go through the splitter's own check and its growth. */
  private static SplitModel split(FuzzGraph graph, boolean force) {
    var splitter = new Splitter(Interpreter::open);
    var options = new Splitter.Options(HISTORY_MAX, List.of(), graph.seed(), force);
    return graph.seed() % VERIFIED == 0
        ? splitter.split(graph.model(), graph.roles(), options)
        : splitter.plan(graph.model(), graph.roles(), options).split();
  }

  /** Returns the graph split, or null where it is refused. */
  static @Nullable SplitModel halves(FuzzGraph graph) {
    try {
      return split(graph, true);
    } catch (SplitRefusal refused) {
      return null;
    }
  }

  private Outcome wrong(boolean mixes, String detail) {
    return outcome(mixes, "wrong", "seed " + graph.seed() + ": " + detail);
  }

  private Outcome outcome(boolean mixes, String word, String detail) {
    var operators =
        graph.model().graph().nodes().stream().map(Node::type).collect(Collectors.toSet());
    return new Outcome(graph.seed(), operators, mixes, word, detail);
  }

  /** Returns whether some row's outputs change when it is scored alone. */
  private boolean mixes(Runner whole) {
    var request = graph.request(CANDIDATES, 4, 3, random);
    Map<String, TensorData> among = whole.run(graph.rows(request));
    for (long row = 0; row < CANDIDATES; row++) {
      Map<String, TensorData> alone = whole.run(graph.rows(graph.alone(request, row)));
      long at = row;
      var own = new LinkedHashMap<String, TensorData>();
      among.forEach((name, tensor) ->
          own.put(name, FuzzGraph.row((NumericTensor) tensor, at, graph.rowAxis())));
      if (!difference(own, alone).isEmpty()) {
        return true;
      }
    }
    return false;
  }

  private static Map<String, TensorData> scores(SplitModel split, Map<String, TensorData> request) {
    try (Runner user = Interpreter.open(split.user());
        Runner candidate = Interpreter.open(split.candidate())) {
      var feeds = new LinkedHashMap<>(request);
      feeds.putAll(user.run(States.fresh(split, request)));
      return candidate.run(feeds);
    }
  }

  private static String difference(Map<String, TensorData> expected, Map<String, TensorData> got) {
    return difference(expected, got, CLOSE);
  }

  /** Returns the first element that differs by more than the tolerance times max(1, |element|). */
  static String difference(
      Map<String, TensorData> expected, Map<String, TensorData> got, double tolerance) {
    for (var entry : expected.entrySet()) {
      var want = (NumericTensor) entry.getValue();
      var have = (NumericTensor) got.get(entry.getKey());
      if (have == null || !want.shape().equals(have.shape())) {
        return entry.getKey() + " is " + have + " in place of " + want;
      }
      for (long i = 0; i < want.shape().size(); i++) {
        if (want.at(i) == have.at(i)) {
          continue; // infinities have no difference
        }
        double difference = Math.abs(want.at(i) - have.at(i));
        if (!(difference <= tolerance * Math.max(1, Math.abs(want.at(i))))) {
          return "%s[%d] is %s in place of %s".formatted(entry.getKey(), i, have.at(i), want.at(i));
        }
      }
    }
    return "";
  }

  /** Returns the graph as text, to look at. */
  static String text(long seed) {
    FuzzGraph graph = FuzzGraph.of(seed);
    var text = new StringBuilder("operator set " + graph.model().opset() + "\n");
    for (ValueInfo input : graph.model().graph().inputs()) {
      text.append(graph.roles().of(input.name())).append(' ').append(input).append('\n');
    }
    graph
        .model()
        .graph()
        .nodes()
        .forEach(node ->
            text.append(node.outputs() + " = " + node.type() + node.inputs() + node.attributes())
                .append('\n'));
    return text.toString();
  }
}

package dev.falconer.compressor.split;

import dev.falconer.compressor.axes.Roles.Role;
import dev.falconer.compressor.axes.SplitRefusal;
import dev.falconer.compressor.onnx.Graph;
import dev.falconer.compressor.onnx.Model;
import dev.falconer.compressor.onnx.Node;
import dev.falconer.compressor.onnx.NumericTensor;
import dev.falconer.compressor.onnx.Runner;
import dev.falconer.compressor.onnx.TensorData;
import dev.falconer.compressor.onnx.ValueInfo;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.random.RandomGenerator;
import java.util.stream.Stream;

/**
 * Runs both halves against the whole graph: every candidate of every request must get the same
 * score, alone and among others.
 *
 * <p>Tolerances: scores after a sigmoid or softmax {@value #SCORES}, other outputs {@value #LOGITS}
 * of max(1, |z|). A graph with quantised activations gets {@value #QUANTISED} on scores and as much
 * more on the rest: a sum taken in another order may round to the next step.
 */
public final class Verifier {
  static final double SCORES = 1e-5;
  static final double LOGITS = 1e-4;
  static final double QUANTISED = 5e-3;

  private static final long[] CANDIDATES = {1, 2, 7, 13};
  private static final long PRIME_EVENTS = 5;

  /** New values tried for each column: one of few ids is often drawn again. */
  private static final int DRAWS = 8;

  private final SplitModel split;
  private final Model whole;
  private final Runner.Factory runners;
  private final double scores;
  private final double logits;
  private final boolean hasScores;
  private double largest;

  private Verifier(SplitModel split, Model whole, Runner.Factory runners) {
    this.split = split;
    this.whole = whole;
    this.runners = runners;
    boolean quantised = whole.graph().nodes().stream().anyMatch(node -> node.is("QuantizeLinear"));
    this.scores = quantised ? QUANTISED : SCORES;
    this.logits = quantised ? LOGITS * QUANTISED / SCORES : LOGITS;
    this.hasScores = whole.graph().outputs().stream().anyMatch(output -> isScore(output.name()));
  }

  /**
   * Returns the largest score difference seen over the given and over random requests; of any
   * output where none is a score.
   *
   * @param requests inputs of the whole graph for one user each; a padded history is cut to its
   *     length
   * @param seed of the random requests
   * @throws SplitRefusal {@code verify-failed}, naming the first tensor that differs
   */
  public static double verify(
      SplitModel split,
      Model whole,
      Runner.Factory runners,
      List<Map<String, TensorData>> requests,
      long seed) {
    return new Verifier(split, whole, runners).verify(requests, seed);
  }

  private double verify(List<Map<String, TensorData>> requests, long seed) {
    var maker = new RequestMaker(whole.graph(), split.roles(), split.layout());
    var random = new Random(seed);
    try (Runner wholeRunner = runners.open(whole);
        Runner user = runners.open(split.user());
        Runner candidate = runners.open(split.candidate())) {
      for (long events : eventCounts()) {
        for (long candidates : CANDIDATES) {
          Map<String, TensorData> request = maker.make(candidates, events, random);
          if (events == 0 && !runs(wholeRunner, request)) {
            continue;
          }
          compare(request, wholeRunner, user, candidate, "random request, seed " + seed);
          if (candidates == CANDIDATES[2]) {
            oneByOne(request, wholeRunner, user, candidate);
          }
        }
      }
      for (int i = 0; i < requests.size(); i++) {
        compare(trimmed(requests.get(i)), wholeRunner, user, candidate, "request " + i);
      }
      sensitive(maker, wholeRunner, random);
    }
    return largest;
  }

  private List<Long> eventCounts() {
    boolean hasHistory =
        split.user().graph().inputs().stream()
            .anyMatch(input ->
                input.dims() != null
                    && input.dims().stream().anyMatch(dim -> dim instanceof ValueInfo.Dim.Symbol));
    // A recurrent layer of no step kills the process.
    boolean recurrent =
        whole.graph().nodes().stream()
            .anyMatch(node -> node.is("GRU") || node.is("LSTM") || node.is("RNN"));
    long fewest = Math.max(split.historyMin(), recurrent ? 1 : 0);
    return hasHistory
        ? java.util.stream.LongStream.of(fewest, fewest + 1, PRIME_EVENTS, split.historyMax())
            .map(events -> Math.clamp(events, fewest, Math.max(fewest, split.historyMax())))
            .distinct()
            .boxed()
            .toList()
        : List.of(1L);
  }

  /** Returns whether the whole graph gives numbers: a mean over no events is none. */
  private boolean runs(Runner runner, Map<String, TensorData> request) {
    try {
      return runner.run(rows(request)).values().stream().allMatch(Verifier::isFinite);
    } catch (IllegalArgumentException refusedByRuntime) {
      return false;
    }
  }

  private static boolean isFinite(TensorData tensor) {
    return !(tensor instanceof NumericTensor numbers)
        || !numbers.dtype().isFloat()
        || Arrays.stream(numbers.toDoubles()).allMatch(Double::isFinite);
  }

  private void oneByOne(
      Map<String, TensorData> request, Runner wholeRunner, Runner user, Runner candidate) {
    int axis = split.layout().rowAxis();
    Map<String, TensorData> among = split(request, user, candidate);
    for (long i = 0; i < CANDIDATES[2]; i++) {
      var alone = new LinkedHashMap<>(request);
      for (ValueInfo column : split.roles().inputs(whole.graph(), Role.CANDIDATE)) {
        alone.computeIfPresent(column.name(), sliced(axis, i));
      }
      Map<String, TensorData> expected = wholeRunner.run(rows(alone));
      for (ValueInfo output : whole.graph().outputs()) {
        TensorData row = Tensors.slice(get(among, output.name()), axis, i, i + 1);
        check(output.name(), get(expected, output.name()), row, request, "alone against among");
      }
    }
  }

  private static java.util.function.BiFunction<String, TensorData, TensorData> sliced(
      int axis, long row) {
    return (_, tensor) -> Tensors.slice(tensor, axis, row, row + 1);
  }

  private void compare(
      Map<String, TensorData> request,
      Runner wholeRunner,
      Runner user,
      Runner candidate,
      String which) {
    Map<String, TensorData> expected = wholeRunner.run(rows(request));
    Map<String, TensorData> got = split(request, user, candidate);
    for (ValueInfo output : whole.graph().outputs()) {
      check(output.name(), get(expected, output.name()), get(got, output.name()), request, which);
    }
  }

  /** Returns the outputs of the two halves for one user's request, from an empty past. */
  private Map<String, TensorData> split(
      Map<String, TensorData> request, Runner user, Runner candidate) {
    Map<String, TensorData> state = user.run(States.fresh(split, request));
    return candidate.run(candidateFeeds(request, state));
  }

  private Map<String, TensorData> candidateFeeds(
      Map<String, TensorData> request, Map<String, TensorData> state) {
    var feeds = new LinkedHashMap<String, TensorData>();
    for (ValueInfo input : split.candidate().graph().inputs()) {
      TensorData fromState = state.get(input.name());
      feeds.put(input.name(), fromState == null ? get(request, input.name()) : fromState);
    }
    return feeds;
  }

  /** Returns what the whole graph reads: in the row-wise form the user's row for each candidate. */
  private Map<String, TensorData> rows(Map<String, TensorData> request) {
    return WholeFeeds.of(whole.graph(), split.roles(), split.layout(), request);
  }

  /** Returns the request with its history cut to its length. */
  private Map<String, TensorData> trimmed(Map<String, TensorData> request) {
    List<ValueInfo> lengths = split.roles().inputs(whole.graph(), Role.LENGTH);
    if (lengths.isEmpty()) {
      return request;
    }
    long events = ((NumericTensor) get(request, lengths.getFirst().name())).longAt(0);
    var trimmed = new TreeMap<>(request);
    for (ValueInfo column : split.roles().inputs(whole.graph(), Role.USER)) {
      TensorData tensor = get(request, column.name());
      if (tensor.shape().rank() > 1
          && column.dims() != null
          && column.dims().get(1) instanceof ValueInfo.Dim.Symbol) {
        trimmed.put(column.name(), Tensors.slice(tensor, 1, 0, events));
      }
    }
    return trimmed;
  }

  private void check(
      String output,
      TensorData expected,
      TensorData got,
      Map<String, TensorData> request,
      String which) {
    if (!expected.shape().equals(got.shape())) {
      throw failed(
          output, "has shape " + got.shape() + " in place of " + expected.shape(), request, which);
    }
    boolean bounded = isScore(output);
    for (long i = 0; i < expected.shape().size(); i++) {
      double want = ((NumericTensor) expected).at(i);
      double have = ((NumericTensor) got).at(i);
      double tolerance = bounded ? scores : logits * Math.max(1, Math.abs(want));
      double difference = Math.abs(want - have);
      if (!(difference <= tolerance)) {
        throw failed(
            output, "element %d is %s in place of %s".formatted(i, have, want), request, which);
      }
      if (bounded || !hasScores) {
        largest = Math.max(largest, difference);
      }
    }
  }

  private boolean isScore(String output) {
    Node producer = whole.graph().producers().get(output);
    return producer != null && (producer.is("Sigmoid") || producer.is("Softmax"));
  }

  private SplitRefusal failed(
      String output, String what, Map<String, TensorData> request, String which) {
    String first = new Divergence(split, whole, runners).first(rows(request), request);
    return new SplitRefusal(
        SplitRefusal.Code.VERIFY_FAILED,
        whole.graph().producers().get(output),
        -1,
        "output \"" + output + "\" " + what + " (" + which + "); " + first,
        "this is a defect of the splitter: serve the model whole and report it");
  }

  /** Refuses when no user column, or no candidate column, changes the outputs. */
  private void sensitive(RequestMaker maker, Runner runner, RandomGenerator random) {
    long events = Math.max(split.historyMin(), Math.min(PRIME_EVENTS, split.historyMax()));
    Map<String, TensorData> request = maker.make(2, events, random);
    Map<String, TensorData> before = runner.run(rows(request));
    for (Role role : List.of(Role.USER, Role.CANDIDATE)) {
      var columns = new ArrayList<String>();
      split.roles().inputs(whole.graph(), role).forEach(column -> columns.add(column.name()));
      boolean changes =
          Stream.generate(() -> columns)
              .limit(DRAWS)
              .flatMap(List::stream)
              .map(column -> maker.withNew(request, column, 2, events, random))
              .anyMatch(changed -> !same(before, runner.run(rows(changed))));
      if (!changes) {
        throw new SplitRefusal(
            SplitRefusal.Code.VERIFY_FAILED,
            null,
            -1,
            "no "
                + role.name().toLowerCase(java.util.Locale.ROOT)
                + " column of "
                + columns
                + " changes a score on random requests",
            "check the roles");
      }
    }
  }

  private static boolean same(Map<String, TensorData> a, Map<String, TensorData> b) {
    return a.equals(b);
  }

  private static TensorData get(Map<String, TensorData> tensors, String name) {
    TensorData tensor = tensors.get(name);
    if (tensor == null) {
      throw new IllegalArgumentException(
          "no tensor \"" + name + "\"; there are " + tensors.keySet());
    }
    return tensor;
  }

  /** Returns the graph with more of its values as outputs. */
  static Graph showing(Graph graph, List<ValueInfo> values) {
    var outputs = new ArrayList<>(graph.outputs());
    outputs.addAll(values);
    return new Graph(graph.name(), graph.inputs(), outputs, graph.initializers(), graph.nodes());
  }
}

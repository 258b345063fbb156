package dev.falconer.compressor.split;

import dev.falconer.compressor.axes.Analysis;
import dev.falconer.compressor.axes.SplitRefusal;
import dev.falconer.compressor.onnx.DType;
import dev.falconer.compressor.onnx.Graph;
import dev.falconer.compressor.onnx.Model;
import dev.falconer.compressor.onnx.Node;
import dev.falconer.compressor.onnx.NumericTensor;
import dev.falconer.compressor.onnx.Runner;
import dev.falconer.compressor.onnx.TensorData;
import dev.falconer.compressor.onnx.ValueInfo;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Finds the first tensor, in the whole graph's order, that a half computes differently, by
 * bisection: half of the tensors left are made outputs of all three graphs, until one is left. Few
 * are kept at a time, and few stand in the way of the runtime's fusions.
 */
final class Divergence {
  private static final double CLOSE = 1e-3;

  private final SplitModel split;
  private final Model whole;
  private final Runner.Factory runners;

  Divergence(SplitModel split, Model whole, Runner.Factory runners) {
    this.split = split;
    this.whole = whole;
    this.runners = runners;
  }

  /** A tensor that the whole graph and a half both write. */
  private record Shared(String name, DType dtype, Node node, boolean user) {}

  /** Returns a sentence naming the tensor. */
  String first(Map<String, TensorData> wholeFeeds, Map<String, TensorData> request) {
    try {
      List<Shared> shared = shared();
      int from = 0;
      int to = shared.size();
      while (to - from > 1) {
        int middle = (from + to) / 2;
        if (differing(shared.subList(from, middle), wholeFeeds, request).isPresent()) {
          to = middle;
        } else {
          from = middle;
        }
      }
      return differing(shared.subList(from, to), wholeFeeds, request)
          .map(tensor ->
              "the first tensor that differs is \"%s\", written by node \"%s\" (%s) of the %s graph"
                  .formatted(
                      tensor.name,
                      tensor.node.name(),
                      tensor.node.type(),
                      tensor.user ? "user" : "candidate"))
          .orElse("no tensor that both share differs");
    } catch (IllegalArgumentException | SplitRefusal notComparable) {
      return "the tensors between could not be compared: " + notComparable.getMessage();
    }
  }

  private List<Shared> shared() {
    Followed followed = Followed.of(whole, split.roles(), split.layout());
    Analysis analysis = followed.analysis();
    Set<String> users = split.user().graph().producers().keySet();
    Set<String> candidates = split.candidate().graph().producers().keySet();
    var shared = new ArrayList<Shared>();
    for (Node node : followed.model().graph().nodes()) {
      for (String output : node.outputs()) {
        boolean user = users.contains(output);
        if (!output.isEmpty()
            && (user || candidates.contains(output))
            && analysis.get(output).dtype().isFloat()) {
          shared.add(new Shared(output, analysis.get(output).dtype(), node, user));
        }
      }
    }
    return shared;
  }

  private Optional<Shared> differing(
      List<Shared> tensors, Map<String, TensorData> wholeFeeds, Map<String, TensorData> request) {
    Map<String, TensorData> expected = run(whole, tensors, wholeFeeds);
    Map<String, TensorData> state =
        run(
            split.user(),
            tensors.stream().filter(Shared::user).toList(),
            States.fresh(split, request));
    var feeds = new HashMap<>(request);
    feeds.putAll(state);
    feeds
        .keySet()
        .retainAll(split.candidate().graph().inputs().stream().map(ValueInfo::name).toList());
    var got = new HashMap<>(state);
    got.putAll(run(split.candidate(), tensors.stream().filter(each -> !each.user).toList(), feeds));
    return tensors.stream()
        .filter(each -> differs(expected.get(each.name), got.get(each.name)))
        .findFirst();
  }

  private Map<String, TensorData> run(
      Model model, List<Shared> tensors, Map<String, TensorData> feeds) {
    Graph graph = model.graph();
    List<String> outputs = graph.outputs().stream().map(ValueInfo::name).toList();
    List<ValueInfo> shown =
        tensors.stream()
            .filter(each -> !outputs.contains(each.name))
            .map(each -> new ValueInfo(each.name, each.dtype, null))
            .toList();
    try (Runner runner = runners.open(model.withGraph(Verifier.showing(graph, shown)))) {
      return runner.run(feeds);
    }
  }

  /** Compares what the halves store once with what the whole graph stores for every row. */
  private static boolean differs(@Nullable TensorData expected, @Nullable TensorData got) {
    if (!(expected instanceof NumericTensor want)
        || !(got instanceof NumericTensor have)
        || want.shape().rank() != have.shape().rank()) {
      return false;
    }
    int rank = want.shape().rank();
    for (int axis = 0; axis < rank; axis++) {
      if (want.shape().dim(axis) != have.shape().dim(axis) && have.shape().dim(axis) != 1) {
        return false;
      }
    }
    for (long i = 0; i < want.shape().size(); i++) {
      double a = want.at(i);
      double b = have.at(place(i, want, have));
      if (!(a == b || Math.abs(a - b) <= CLOSE * Math.max(1, Math.abs(a)))) {
        return true;
      }
    }
    return false;
  }

  private static long place(long index, NumericTensor in, NumericTensor stored) {
    long place = 0;
    long stride = 1;
    long rest = index;
    for (int axis = in.shape().rank() - 1; axis >= 0; axis--) {
      long at = rest % in.shape().dim(axis);
      rest /= in.shape().dim(axis);
      place += stored.shape().dim(axis) == 1 ? 0 : at * stride;
      stride *= stored.shape().dim(axis);
    }
    return place;
  }
}

package dev.falconer.compressor.split;

import dev.falconer.compressor.axes.Analysis;
import dev.falconer.compressor.axes.Known;
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
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Finds the first tensor, in the whole graph's order, that a half computes differently. */
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

  /** Returns a sentence naming the tensor. */
  String first(Map<String, TensorData> wholeFeeds, Map<String, TensorData> request) {
    try {
      Analysis analysis = Analysis.of(whole, split.roles(), split.layout());
      Map<String, TensorData> got = new HashMap<>();
      Map<String, TensorData> state =
          run(split.user(), analysis, States.fresh(split, request), Set.of());
      got.putAll(state);
      var feeds = new HashMap<>(request);
      feeds.putAll(state);
      feeds
          .keySet()
          .retainAll(split.candidate().graph().inputs().stream().map(ValueInfo::name).toList());
      got.putAll(run(split.candidate(), analysis, feeds, Set.of()));
      Map<String, TensorData> expected = run(whole, analysis, wholeFeeds, got.keySet());
      for (Node node : whole.graph().nodes()) {
        for (String output : node.outputs()) {
          if (differs(expected.get(output), got.get(output))) {
            return "the first tensor that differs is \""
                + output
                + "\", written by node \""
                + node.name()
                + "\" ("
                + node.type()
                + ")";
          }
        }
      }
      return "no tensor that both share differs";
    } catch (IllegalArgumentException | SplitRefusal notComparable) {
      return "the tensors between could not be compared: " + notComparable.getMessage();
    }
  }

  private Map<String, TensorData> run(
      Model model, Analysis analysis, Map<String, TensorData> feeds, Set<String> only) {
    Graph graph = model.graph();
    Set<String> known = new HashSet<>();
    whole.graph().nodes().forEach(node -> known.addAll(node.outputs()));
    graph.outputs().forEach(output -> known.remove(output.name()));
    var shown = new ArrayList<ValueInfo>();
    for (Node node : graph.nodes()) {
      for (String output : node.outputs()) {
        if (known.contains(output) && (only.isEmpty() || only.contains(output))) {
          Known tensor = analysis.get(output);
          if (tensor.dtype() == DType.FLOAT32) {
            shown.add(new ValueInfo(output, tensor.dtype(), null));
          }
        }
      }
    }
    try (Runner runner =
        runners.open(model.withGraph(Verifier.showing(graph, List.copyOf(shown))))) {
      return runner.run(feeds);
    }
  }

  private static boolean differs(
      @org.jspecify.annotations.Nullable TensorData expected,
      @org.jspecify.annotations.Nullable TensorData got) {
    if (!(expected instanceof NumericTensor want)
        || !(got instanceof NumericTensor have)
        || !want.shape().equals(have.shape())) {
      return false;
    }
    for (long i = 0; i < want.shape().size(); i++) {
      double scale = Math.max(1, Math.abs(want.at(i)));
      if (!(Math.abs(want.at(i) - have.at(i)) <= CLOSE * scale)) {
        return true;
      }
    }
    return false;
  }
}

package dev.falconer.compressor.pipeline;

import dev.falconer.compressor.axes.Roles;
import dev.falconer.compressor.axes.SplitRefusal;
import dev.falconer.compressor.layer.LinearLayer;
import dev.falconer.compressor.layer.LinearLayers;
import dev.falconer.compressor.onnx.Model;
import dev.falconer.compressor.onnx.Runner;
import dev.falconer.compressor.onnx.TensorData;
import dev.falconer.compressor.onnx.ValueInfo;
import dev.falconer.compressor.pack.PackOptions;
import dev.falconer.compressor.pack.PackOptions.Precision;
import dev.falconer.compressor.pack.Packing;
import dev.falconer.compressor.pack.RoundedState;
import dev.falconer.compressor.solver.LayerProblem;
import dev.falconer.compressor.solver.Magnitude;
import dev.falconer.compressor.solver.Matrix;
import dev.falconer.compressor.split.RequestMaker;
import dev.falconer.compressor.split.SplitModel;
import dev.falconer.compressor.split.SplitRunner;
import dev.falconer.compressor.split.Splitter;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * What a server runs for every request of a model, and a request to time it on: the candidate graph
 * over a kept user state where the model tells whose its inputs are and can be split, else the
 * whole.
 *
 * @param dense the graph of the model as it is
 * @param feeds of the graph, and rounded what a packed one reads so
 * @param what it is, in words
 * @param splitter none for the whole
 * @param runners open models
 */
public record ServedGraph(
    Model dense,
    Map<String, TensorData> feeds,
    String what,
    Optional<Splitter> splitter,
    Runner.Factory runners) {
  private static final long SEED = 1;

  /** What a splitter adds to the name of a weight of which a graph multiplies by a part. */
  private static final String PART = "#";

  /** Copies the map. */
  public ServedGraph {
    feeds = Map.copyOf(feeds);
  }

  /**
   * Returns the served graph of a model.
   *
   * @param candidates of a request
   * @param example inputs of the whole, for models that are not split
   */
  public static ServedGraph of(
      Model whole, int candidates, Map<String, TensorData> example, Runner.Factory runners) {
    Roles roles = Roles.of(whole);
    if (roles.byInput().isEmpty()) {
      String what = "the whole model, which doesn't say whose its inputs are";
      return new ServedGraph(whole, example, what, Optional.empty(), runners);
    }
    var splitter = new Splitter(runners);
    SplitModel split;
    try {
      split = split(splitter, whole);
    } catch (SplitRefusal e) {
      String what = "the whole model, which isn't split: " + e.getMessage();
      return new ServedGraph(whole, example, what, Optional.empty(), runners);
    }
    Map<String, TensorData> request =
        RequestMaker.of(whole.graph(), split)
            .make(candidates, split.historyMax(), new Random(SEED));
    var feeds = read(split.candidate(), request);
    RoundedState rounded = RoundedState.of(packedGraph(split.candidate(), PackOptions.BYTES));
    try (Runner user = runners.open(rounded.user(split.user()))) {
      feeds.putAll(user.run(read(split.user(), request)));
    }
    return new ServedGraph(
        split.candidate(),
        feeds,
        "the candidate graph, %d candidates over %d events"
            .formatted(candidates, split.historyMax()),
        Optional.of(splitter),
        runners);
  }

  private static SplitModel split(Splitter splitter, Model whole) {
    return splitter.plan(whole, Roles.of(whole), Splitter.Options.DEFAULT).split();
  }

  private static Map<String, TensorData> read(Model model, Map<String, TensorData> values) {
    Set<String> names =
        model.graph().inputs().stream().map(ValueInfo::name).collect(Collectors.toSet());
    var read = new HashMap<>(values);
    read.keySet().retainAll(names);
    return read;
  }

  /**
   * Returns the graph of another model, which differs in its weights alone, packed, as a server
   * runs it: with what it can read rounded.
   *
   * @param types of some layers' products, by the weight in the whole model; others are float32
   */
  public Model packed(Model whole, Map<String, Precision> types) {
    PackOptions options = PackOptions.of(types);
    return splitter
        .map(each -> RoundedState.of(packedGraph(split(each, whole).candidate(), options)))
        .map(RoundedState::candidate)
        .orElseGet(() -> packedGraph(whole, options));
  }

  /** Returns a runner of the whole's batches that computes as the packed graph does. */
  public Runner served(Model whole, Map<String, Precision> types) {
    if (splitter.isEmpty()) {
      return runners.open(packedGraph(whole, PackOptions.of(types)));
    }
    SplitModel split = split(splitter.get(), whole);
    Model packed = packedGraph(split.candidate(), PackOptions.of(types));
    return SplitRunner.open(whole.graph(), split, packed, runners);
  }

  private static Model packedGraph(Model graph, PackOptions options) {
    return Packing.of(graph, options).model();
  }

  /** Returns a graph's layers by the weight, in the whole model, of which they are parts. */
  Map<String, List<LinearLayer>> parts(Model graph) {
    var parts = new LinkedHashMap<String, List<LinearLayer>>();
    for (LinearLayer layer : LinearLayers.find(graph.graph(), Set.of()).layers()) {
      String name = layer.weight();
      boolean isPart = splitter.isPresent() && name.contains(PART);
      String of = isPart ? name.substring(0, name.lastIndexOf(PART)) : name;
      parts.computeIfAbsent(of, _ -> new ArrayList<>()).add(layer);
    }
    return parts;
  }

  /** Returns a model with the zeros that treatments leave, where magnitudes put them. */
  static Model standIn(Model model, Map<LinearLayer, Treatment> treatments) {
    var weights = new LinkedHashMap<LinearLayer, Matrix>();
    treatments.forEach((layer, treatment) -> {
      Matrix weight = layer.read(model.graph());
      var ones = new double[weight.columns()];
      Arrays.fill(ones, 1);
      weights.put(
          layer,
          new Magnitude()
              .solve(new LayerProblem(weight, Matrix.diagonal(ones), treatment.pattern()))
              .weight());
    });
    return model.withGraph(LinearLayer.written(model.graph(), weights));
  }
}

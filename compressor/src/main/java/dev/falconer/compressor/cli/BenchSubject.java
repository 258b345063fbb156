package dev.falconer.compressor.cli;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.falconer.bundle.GoldenFile;
import dev.falconer.bundle.ManifestFile;
import dev.falconer.compressor.axes.Roles;
import dev.falconer.compressor.bundle.GoldenRequests;
import dev.falconer.compressor.calibrate.Calibrator;
import dev.falconer.compressor.data.Batch;
import dev.falconer.compressor.data.Inputs;
import dev.falconer.compressor.evaluate.BenchRequest;
import dev.falconer.compressor.evaluate.ModelBench;
import dev.falconer.compressor.evaluate.OrtRunner;
import dev.falconer.compressor.layer.LinearLayer;
import dev.falconer.compressor.layer.LinearLayers;
import dev.falconer.compressor.onnx.Model;
import dev.falconer.compressor.onnx.NumericTensor;
import dev.falconer.compressor.onnx.OnnxReader;
import dev.falconer.compressor.onnx.Shape;
import dev.falconer.compressor.onnx.TensorData;
import dev.falconer.compressor.pipeline.LayerPruning;
import dev.falconer.compressor.quantize.ActivationRange;
import dev.falconer.compressor.quantize.Int8;
import dev.falconer.compressor.solver.Pattern;
import dev.falconer.compressor.solver.Wanda;
import dev.falconer.compressor.split.Flops;
import dev.falconer.compressor.split.SplitModel;
import dev.falconer.compressor.split.Splitter;
import dev.falconer.compressor.zoo.CandidateSelf;
import dev.falconer.compressor.zoo.Fusion;
import dev.falconer.compressor.zoo.RankerConfig;
import dev.falconer.compressor.zoo.Rankers;
import dev.falconer.compressor.zoo.Vocabulary;
import dev.falconer.v1.ColumnSpec;
import dev.falconer.v1.Golden;
import dev.falconer.v1.Manifest;
import dev.falconer.v1.Role;
import dev.falconer.v1.Variant;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;

/**
 * Models opened to be timed.
 *
 * @param compressed name of the compressed variant; empty without one
 * @param shape what was built, for the report
 * @param flops at the longest history
 */
record BenchSubject(ModelBench bench, String compressed, ObjectNode shape, Flops flops)
    implements AutoCloseable {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final String COMPRESSED = "compressed_hit";
  private static final int ITEMS = 2000;
  private static final long SEED = 1;

  /** Opens a bundle; its first golden request is repeated to n_max events and m candidates. */
  static BenchSubject ofBundle(Path folder, int candidates) throws java.io.IOException {
    Manifest manifest = ManifestFile.read(folder);
    if (manifest.getGraphs().getUser().isEmpty()) {
      throw new IllegalArgumentException(
          folder
              + " holds a whole graph alone: nothing is amortised, so there is nothing to compare");
    }
    Model whole = OnnxReader.read(folder.resolve(manifest.getGraphs().getWhole()));
    RankerConfig config = Rankers.config(whole);
    OrtRunner user = OrtRunner.open(folder.resolve(manifest.getGraphs().getUser()), 1);
    var variants = new LinkedHashMap<String, ModelBench.Variant>();
    String compressed = "";
    for (Variant variant : manifest.getGraphs().getCandidateList()) {
      String way = variant.getName().replace('-', '_') + "_hit";
      if (variant.getName().equals("plain")) {
        continue;
      }
      if (variant.getOperators().isEmpty() && compressed.isEmpty()) {
        compressed = variant.getName();
        way = COMPRESSED;
      }
      OrtRunner own =
          variant.getUser().isEmpty() ? user : OrtRunner.open(folder.resolve(variant.getUser()), 1);
      OrtRunner candidate = OrtRunner.open(folder.resolve(variant.getFile()), 1);
      variants.put(way, new ModelBench.Variant(own, candidate));
    }
    Variant plain = variant(manifest, "plain");
    var bench =
        new ModelBench(
            request(folder, manifest, candidates),
            manifest.getScoreOutput(),
            joint(whole, config),
            OrtRunner.open(folder.resolve(manifest.getGraphs().getWhole()), 1),
            user,
            OrtRunner.open(folder.resolve(plain.getFile()), 1),
            variants,
            Math.max(1, manifest.getMicroBatch()));
    var split = manifest.getSplit();
    return new BenchSubject(
        bench,
        compressed,
        describe(config),
        new Flops(
            split.getFlopsUnread(),
            split.getFlopsPerUser(),
            split.getFlopsPerRequest(),
            split.getFlopsPerCandidate()));
  }

  /** Builds a ranker of random weights, splits it, and makes its 2:4 int8 form. */
  static BenchSubject ofShape(RankerConfig config, int candidates) {
    Model whole = Rankers.build(config, Vocabulary.counting(ITEMS), SEED);
    var splitter = new Splitter(OrtRunner.factory(1));
    var options = Splitter.Options.DEFAULT.withHistoryMax(config.historyMax());
    SplitModel split = splitter.split(whole, Roles.of(whole), options);
    BenchRequest request = random(config, candidates);
    SplitModel compressed =
        splitter.split(compressed(whole, request, candidates), Roles.of(whole), options);
    OrtRunner user = OrtRunner.open(split.user(), 1);
    var bench =
        new ModelBench(
            request,
            Inputs.SCORES,
            joint(whole, config),
            OrtRunner.open(whole, 1),
            user,
            OrtRunner.open(split.candidate(), 1),
            Map.of(
                COMPRESSED,
                new ModelBench.Variant(user, OrtRunner.open(compressed.candidate(), 1))),
            256);
    return new BenchSubject(bench, "2:4 int8", describe(config), split.flops());
  }

  private static Optional<OrtRunner> joint(Model whole, RankerConfig config) {
    boolean hasJoint =
        config.fusion() == Fusion.APPEND && config.candidateSelf() == CandidateSelf.NONE;
    return hasJoint ? Optional.of(OrtRunner.open(Rankers.joint(whole), 1)) : Optional.empty();
  }

  private static BenchRequest request(Path folder, Manifest manifest, int candidates) {
    Golden golden =
        GoldenFile.read(folder.resolve(GoldenFile.NAME)).stream()
            .filter(BenchSubject::isFull)
            .findFirst()
            .orElseThrow(() ->
                new IllegalArgumentException(
                    folder + ": no golden request with a history and a candidate"));
    List<ColumnSpec> columns = manifest.getColumnsList();
    var feeds = new GoldenRequests(columns, manifest.getScoreOutput()).feeds(golden.getRequest());
    var history = new HashSet<String>();
    var candidate = new HashSet<String>();
    for (ColumnSpec column : columns) {
      if (column.getRole() == Role.CANDIDATE) {
        candidate.add(column.getName());
      } else if (column.getHistory()) {
        history.add(column.getName());
      }
    }
    return new BenchRequest(feeds, candidate)
        .resized(history, Inputs.HISTORY_LENGTH, manifest.getHistoryMax(), candidates);
  }

  private static boolean isFull(Golden golden) {
    return golden.getScores().size() > 0
        && golden.getRequest().getHistoryList().stream()
            .allMatch(column -> column.getData().size() > 0);
  }

  private static Variant variant(Manifest manifest, String name) {
    return manifest.getGraphs().getCandidateList().stream()
        .filter(variant -> variant.getName().equals(name))
        .findFirst()
        .orElseThrow(() -> new IllegalArgumentException("the bundle has no variant " + name));
  }

  private static BenchRequest random(RankerConfig config, int candidates) {
    var random = new Random(SEED);
    var feeds = new HashMap<String, TensorData>();
    int n = config.historyMax();
    feeds.put(Inputs.HISTORY_ITEM, longs(random, n, 1 + ITEMS));
    feeds.put(Inputs.HISTORY_ACTION, longs(random, n, 1 + config.actions()));
    feeds.put(Inputs.HISTORY_LENGTH, TensorData.vector(n));
    feeds.put(Inputs.CANDIDATE_ITEM, longs(random, candidates, 1 + ITEMS));
    var columns = new HashSet<>(Set.of(Inputs.CANDIDATE_ITEM));
    if (config.candidateDense() > 0) {
      var dense = new float[candidates * config.candidateDense()];
      for (int i = 0; i < dense.length; i++) {
        dense[i] = (float) random.nextGaussian();
      }
      feeds.put(
          Inputs.CANDIDATE_DENSE,
          TensorData.floats(Shape.of(1, candidates, config.candidateDense()), dense));
      columns.add(Inputs.CANDIDATE_DENSE);
    }
    return new BenchRequest(feeds, columns);
  }

  private static TensorData longs(Random random, int count, int bound) {
    return TensorData.longs(
        Shape.of(1, count), random.ints(count, 0, bound).asLongStream().toArray());
  }

  private static Model compressed(Model whole, BenchRequest request, int candidates) {
    Map<String, TensorData> feeds = request.feeds();
    var ones = new float[candidates];
    Arrays.fill(ones, 1);
    NumericTensor labels = TensorData.floats(Shape.of(1, candidates, 1), ones);
    var batch = new Batch(List.of(0), feeds, labels, labels, TensorData.floats(Shape.of(0)));
    List<LinearLayer> layers = LinearLayers.of(whole);
    Calibrator dense = Calibrator.run(whole, layers, List.of(batch), OrtRunner.factory(1));
    Model sparse =
        new LayerPruning(new Wanda(), new Pattern.NofM(2, 4)).apply(whole, layers, dense).model();
    Calibrator pruned = Calibrator.run(sparse, layers, List.of(batch), OrtRunner.factory(1));
    return new Int8(new ActivationRange.LeastSquares()).apply(sparse, layers, pruned).model();
  }

  private static ObjectNode describe(RankerConfig config) {
    ObjectNode shape = JSON.createObjectNode();
    shape.put("L", config.historyMax());
    shape.put("d", config.width());
    shape.put("h", config.heads());
    shape.put("layers", config.layers());
    shape.put("ffn", config.feedForward() * config.width());
    shape.put("cross", config.crosses());
    shape.set("head", JSON.valueToTree(config.head()));
    shape.put("tasks", config.tasks().size());
    return shape;
  }

  @Override
  public void close() {
    bench.close();
  }
}

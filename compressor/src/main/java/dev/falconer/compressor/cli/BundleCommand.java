package dev.falconer.compressor.cli;

import dev.falconer.bundle.ManifestFile;
import dev.falconer.compressor.axes.Roles;
import dev.falconer.compressor.bundle.BundleRequest;
import dev.falconer.compressor.bundle.BundleWriter;
import dev.falconer.compressor.data.Batch;
import dev.falconer.compressor.data.BatchPlan;
import dev.falconer.compressor.data.Batches;
import dev.falconer.compressor.data.Examples;
import dev.falconer.compressor.data.Inputs;
import dev.falconer.compressor.data.Split;
import dev.falconer.compressor.data.View;
import dev.falconer.compressor.evaluate.Bootstrap;
import dev.falconer.compressor.evaluate.HeldOut;
import dev.falconer.compressor.evaluate.OrtProcess;
import dev.falconer.compressor.evaluate.OrtRunner;
import dev.falconer.compressor.evaluate.Quality;
import dev.falconer.compressor.evaluate.QualityReports;
import dev.falconer.compressor.evaluate.ServedModel;
import dev.falconer.compressor.onnx.DType;
import dev.falconer.compressor.onnx.Model;
import dev.falconer.compressor.onnx.OnnxReader;
import dev.falconer.compressor.onnx.TensorData;
import dev.falconer.compressor.pack.Int8Weights;
import dev.falconer.compressor.pack.PackOptions;
import dev.falconer.compressor.split.SplitModel;
import dev.falconer.compressor.split.Splitter;
import dev.falconer.compressor.zoo.RankerConfig;
import dev.falconer.compressor.zoo.Rankers;
import dev.falconer.v1.Manifest;
import dev.falconer.v1.Provenance;
import dev.falconer.v1.QualityReport;
import dev.falconer.v1.StateTensor;
import dev.falconer.v1.Switches;
import dev.falconer.v1.Variant;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.stream.IntStream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Makes a version folder of a model repository. */
@Command(
    name = "bundle",
    mixinStandardHelpOptions = true,
    description = {
      "Splits a model into user graph and candidate graph, verifies them against the whole on real"
          + " and random requests, measures quality on the held-out part of the log, and writes"
          + " REPOSITORY/NAME/VERSION. Nothing is written when a check fails."
    },
    footer = {
      "",
      "Example (after falconer train and falconer compress):",
      "  falconer bundle --model sparse.onnx --variant int8=int8.onnx --data feed-log/log.yaml \\\\",
      "    --repository models --name feed"
    })
final class BundleCommand implements Callable<Integer> {
  private static final int SEED = 7;

  /** Requests of the training part that tell what int8 is to round. */
  private static final int CALIBRATION = 256;

  private static final int RESAMPLES = 500;

  @Mixin DataOptions log = new DataOptions();
  @Mixin SplitOptions shares = new SplitOptions();

  @Option(names = "--model", required = true, description = "ranker to serve, ONNX")
  Path model = Path.of("");

  @Option(
      names = "--variant",
      paramLabel = "NAME=FILE",
      description = "the same ranker with another candidate side, as compress --int8-out writes it")
  Map<String, Path> variants = new LinkedHashMap<>();

  @Option(
      names = "--no-pack",
      negatable = true,
      defaultValue = "true",
      fallbackValue = "false",
      description =
          "leave out the variants with packed weights, which run on our own kernels: packed"
              + " (float32), packed-int8, and packed-chosen after compress --target-speedup")
  boolean pack = true;

  @Option(names = "--repository", required = true, description = "folder of models")
  Path repository = Path.of("");

  @Option(names = "--name", required = true, description = "name that requests call the model by")
  String name = "";

  @Option(names = "--version", defaultValue = "1", description = "positive integer, default 1")
  long version = 1;

  @Option(
      names = "--golden",
      defaultValue = "32",
      description = "requests kept with their scores, for the server to check itself; default 32")
  int golden = 32;

  @Spec CommandSpec spec = CommandSpec.create();

  @Override
  public Integer call() throws IOException {
    PrintWriter out = spec.commandLine().getOut();
    Model whole = OnnxReader.read(model);
    RankerConfig config = Rankers.config(whole);
    Examples examples = log.open(spec.commandLine().getErr());
    Split split = shares.of(examples);
    if (split.test().size() == 0) {
      throw new IllegalArgumentException(
          "the held-out part of " + examples.name() + " is empty; golden requests come from it");
    }
    int events = config.historyMax();
    List<Map<String, TensorData>> feeds = feeds(examples, split.test(), golden, events);

    SplitModel plain = split(whole, config, feeds);
    var others = new LinkedHashMap<String, SplitModel>();
    for (var variant : variants.entrySet()) {
      others.put(variant.getKey(), split(OnnxReader.read(variant.getValue()), config, feeds));
    }
    var request =
        new BundleRequest(
            name,
            version,
            whole,
            plain,
            others,
            pack ? Int8Weights.with(PackOptions.ALL, whole) : Map.of(),
            ModelMetadata.tasks(whole),
            Inputs.SCORES,
            feeds,
            feeds(examples, split.train(), CALIBRATION, events),
            switches(config),
            provenance(whole, examples));
    var heldOut = new HeldOut(split, split.test());
    Path folder =
        new BundleWriter(file -> OrtRunner.open(file, 1), OrtRunner.factory(1))
            .write(repository, request, written -> quality(written, heldOut, config));
    report(out, folder, ManifestFile.read(folder));
    return 0;
  }

  /** Returns real requests: the longest and the shortest histories, and others spread over time. */
  private static List<Map<String, TensorData>> feeds(
      Examples examples, View part, int count, int historyMax) {
    List<Integer> byLength =
        part.requests()
            .boxed()
            .sorted(Comparator.comparingInt(examples::historyLength).thenComparing(r -> r))
            .toList();
    int[] chosen =
        IntStream.range(0, Math.min(count, byLength.size()))
            .map(i ->
                byLength.get((int) ((long) i * (byLength.size() - 1) / Math.max(1, count - 1))))
            .distinct()
            .toArray();
    var feeds = new ArrayList<Map<String, TensorData>>();
    BatchPlan plan =
        BatchPlan.evaluation(1, Math.max(1, historyMax)).withOrder(BatchPlan.Order.VIEW);
    for (Batch batch : Batches.of(View.of(examples, chosen), plan)) {
      feeds.add(batch.inputs());
    }
    return feeds;
  }

  private static SplitModel split(
      Model whole, RankerConfig config, List<Map<String, TensorData>> feeds) throws IOException {
    var options = new Splitter.Options(config.historyMax(), feeds, SEED, false);
    try (OrtProcess checking = OrtProcess.start(1)) {
      return new Splitter(OrtRunner.factory(1), checking).split(whole, Roles.of(whole), options);
    }
  }

  private static List<QualityReport> quality(Path folder, HeldOut heldOut, RankerConfig config) {
    var reports = new ArrayList<QualityReport>();
    for (Variant variant : ManifestFile.read(folder).getGraphs().getCandidateList()) {
      try (ServedModel served = ServedModel.open(folder, variant.getName())) {
        var predictions = heldOut.predictions(served, Inputs.SCORES, config.historyMax());
        reports.addAll(
            QualityReports.manifest(
                variant.getName(), Quality.of(predictions, new Bootstrap(RESAMPLES, SEED))));
      }
    }
    return reports;
  }

  private static Switches switches(RankerConfig config) {
    return Switches.newBuilder()
        .setHistoryMask(config.historyMask().name().toLowerCase(Locale.ROOT))
        .setCandidateSelf(config.candidateSelf().name().toLowerCase(Locale.ROOT))
        .setFusion(config.fusion().name().toLowerCase(Locale.ROOT))
        .build();
  }

  private Provenance provenance(Model whole, Examples examples) throws IOException {
    return Provenance.newBuilder()
        .setDataName(examples.name())
        .setDataSha256(examples.sha256())
        .putAllTraining(ModelMetadata.training(whole))
        .setFalconerVersion(ModelMetadata.falconerVersion())
        .setCreated(Instant.now().truncatedTo(ChronoUnit.SECONDS).toString())
        .setSourceSha256(dev.falconer.bundle.Sha256.of(model))
        .build();
  }

  private static String moreState(Variant variant, int events) {
    long bytes = 0;
    for (StateTensor tensor : variant.getStateList()) {
      long size = DType.valueOf(tensor.getDtype().name()).bytes();
      for (long length : tensor.getShapeList()) {
        size *= length < 0 ? events + tensor.getHistoryExtra() : length;
      }
      bytes += size;
    }
    return bytes == 0 ? "" : ", " + bytes + " bytes more of state";
  }

  private static void report(PrintWriter out, Path folder, Manifest manifest) {
    out.printf("%s%n", folder);
    out.printf(
        "state per user at %d events: %d bytes; %s%n",
        manifest.getHistoryMax(),
        manifest.getGrowth().getBytesPerUser(),
        manifest.getGrowth().getSupported()
            ? "continues with new events"
            : "encoded again when the history changes: " + manifest.getGrowth().getReason());
    out.printf("micro-batch %d candidates%n", manifest.getMicroBatch());
    for (Variant variant : manifest.getGraphs().getCandidateList()) {
      out.printf(
          "%-11s %s, %.2fx the plain graph's speed, scores within %.1e%s%s%n",
          variant.getName(),
          variant.getFile(),
          variant.getSpeedup(),
          variant.getMaxDifference(),
          moreState(variant, manifest.getHistoryMax()),
          variant.getName().equals(manifest.getGraphs().getServed()) ? "   <- served" : "");
    }
    for (QualityReport quality : manifest.getQualityList()) {
      out.printf(
          "%-11s %-8s AUC %.4f [%.4f, %.4f]  NE %.4f  calibration %.3f%n",
          quality.getVariant(),
          quality.getTask(),
          quality.getAuc().getValue(),
          quality.getAuc().getLow(),
          quality.getAuc().getHigh(),
          quality.getNormalizedEntropy().getValue(),
          quality.getCalibration());
    }
    out.flush();
  }
}

package dev.falconer.compressor.bundle;

import dev.falconer.bundle.GoldenFile;
import dev.falconer.bundle.ManifestFile;
import dev.falconer.bundle.Variants;
import dev.falconer.compressor.axes.Layout;
import dev.falconer.compressor.onnx.Model;
import dev.falconer.compressor.onnx.NumericTensor;
import dev.falconer.compressor.onnx.Runner;
import dev.falconer.compressor.onnx.TensorData;
import dev.falconer.compressor.pack.Calibration;
import dev.falconer.compressor.pack.PackOptions;
import dev.falconer.compressor.pack.Packed;
import dev.falconer.compressor.pack.Packing;
import dev.falconer.compressor.pack.RoundedState;
import dev.falconer.compressor.split.SplitModel;
import dev.falconer.compressor.split.SplitWriter;
import dev.falconer.compressor.split.WholeFeeds;
import dev.falconer.v1.ColumnSpec;
import dev.falconer.v1.Golden;
import dev.falconer.v1.Graphs;
import dev.falconer.v1.Manifest;
import dev.falconer.v1.QualityReport;
import dev.falconer.v1.Variant;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Stream;

/**
 * Writes version folders. Everything is written and checked in a folder beside, which is then moved
 * into place: a full disk or a crash leaves no half bundle, and the server never sees one.
 */
public final class BundleWriter {
  /** Largest score difference of the plain graphs to the whole one, of max(1, |score|). */
  private static final double PARITY = 1e-5;

  private static final String WHOLE = "whole.onnx";

  /** A variant is served unasked when it is at least this much faster than the plain graph. */
  private static final double SERVED_SPEEDUP = 1.03;

  /** What packed variants need. */
  private static final String OPERATORS = Packing.DOMAIN + "/1";

  private final Function<Path, Runner> open;
  private final Runner.Factory runners;

  /**
   * Returns a writer.
   *
   * @param open runs model files
   * @param runners run models
   */
  public BundleWriter(Function<Path, Runner> open, Runner.Factory runners) {
    this.open = open;
    this.runners = runners;
  }

  /**
   * Writes the bundle and returns its folder, {@code repository/name/version}.
   *
   * @param quality measures the written graphs: candidate file name by variant to reports
   * @throws IOException when the folder exists or can't be written; nothing is left then
   */
  public Path write(
      Path repository, BundleRequest request, Function<Path, List<QualityReport>> quality)
      throws IOException {
    Path model = repository.resolve(request.name());
    Path target = model.resolve(Long.toString(request.version()));
    if (Files.exists(target)) {
      throw new IOException(
          target + " exists; a published version is never changed: take the next");
    }
    Files.createDirectories(model);
    Path beside = Files.createTempDirectory(model, "." + request.version() + ".part-");
    try {
      Manifest manifest = writeFiles(beside, request);
      ManifestFile.write(beside, manifest);
      ManifestFile.write(beside, manifest.toBuilder().addAllQuality(quality.apply(beside)).build());
      ManifestFile.read(beside);
      Files.setPosixFilePermissions(
          beside, java.nio.file.attribute.PosixFilePermissions.fromString("rwxr-xr-x"));
      Files.move(beside, target, StandardCopyOption.ATOMIC_MOVE);
      return target;
    } finally {
      delete(beside);
    }
  }

  private Manifest writeFiles(Path folder, BundleRequest request) throws IOException {
    SplitModel plain = request.plain();
    if (plain.isWhole() && !(request.variants().isEmpty() && request.packings().isEmpty())) {
      throw new IllegalArgumentException(
          "variants %s, %s of a model that is not split"
              .formatted(request.variants().keySet(), request.packings().keySet()));
    }
    List<ColumnSpec> columns =
        ColumnSpecs.of(request.whole().graph(), plain.roles(), plain.layout());
    var requests = new GoldenRequests(columns, request.scoreOutput());
    Calibration calibration = calibration(request, requests);
    var candidates = new LinkedHashMap<String, RoundedState>();
    candidates.put("plain", floats(plain.candidate()));
    request
        .variants()
        .forEach((name, split) -> candidates.put(name, floats(candidate(name, split, plain))));
    request
        .packings()
        .forEach((name, options) -> {
          Packed packed = Packing.of(plain.candidate(), options, calibration);
          if (!packed.report().nodes().isEmpty()) {
            candidates.put(name, RoundedState.of(packed.model()));
          }
        });
    var graphs = new HashMap<String, Model>();
    candidates.forEach((variant, graph) -> {
      graphs.put(file(variant), graph.candidate());
      if (!graph.tokens().isEmpty()) {
        graphs.put(userFile(variant), graph.user(plain.user()));
      }
    });
    graphs.put(WHOLE, request.whole());
    if (plain.isWhole()) {
      SplitWriter.write(folder, WHOLE, request.whole());
    } else {
      SplitWriter.write(folder, plain.user(), graphs);
    }

    List<Golden> golden;
    try (Runner whole = open.apply(folder.resolve(WHOLE))) {
      golden =
          requests.of(
              request.name(),
              request.golden(),
              whole,
              feed -> WholeFeeds.of(request.whole().graph(), plain.roles(), plain.layout(), feed));
    }
    GoldenFile.write(folder.resolve(GoldenFile.NAME), golden);

    var manifest = Manifests.of(request, columns);
    if (plain.isWhole()) {
      measureWhole(folder, request, requests, golden.getLast(), manifest);
    } else {
      measure(folder, request, candidates, requests, golden, manifest);
    }
    for (String variant : request.packings().keySet()) {
      if (manifest.getGraphs().getCandidateList().stream()
          .noneMatch(each -> each.getName().equals(variant))) {
        Files.deleteIfExists(folder.resolve(file(variant)));
        Files.deleteIfExists(folder.resolve(userFile(variant)));
      }
    }
    try (Stream<Path> files = Files.list(folder)) {
      for (Path file : files.sorted().toList()) {
        manifest.addFiles(ManifestFile.digest(folder, file.getFileName().toString()));
      }
    }
    return manifest.build();
  }

  /** Returns what the requests show of the rows that int8 would round. */
  private Calibration calibration(BundleRequest request, GoldenRequests requests) {
    if (request.packings().values().stream().noneMatch(PackOptions::hasInt8)) {
      return Calibration.NONE;
    }
    SplitModel plain = request.plain();
    try (Runner user = runners.open(plain.user())) {
      var halves = new Halves(plain, List.of(user));
      Stream<Map<String, TensorData>> feeds =
          request.calibration().stream()
              .map(requests::cut)
              .map(feed -> halves.candidateFeeds(feed, halves.state(feed)));
      return Calibration.of(plain.candidate(), feeds, runners);
    }
  }

  private static RoundedState floats(Model candidate) {
    return new RoundedState(candidate, List.of());
  }

  private static Model candidate(String name, SplitModel split, SplitModel plain) {
    if (!split.user().graph().equals(plain.user().graph())) {
      throw new IllegalArgumentException(
          "variant \""
              + name
              + "\" has another user graph than the plain model: it would need"
              + " states of its own. Make it from the same model, changing the candidates' side only");
    }
    return split.candidate();
  }

  private void measureWhole(
      Path folder,
      BundleRequest request,
      GoldenRequests requests,
      Golden longest,
      Manifest.Builder manifest) {
    SplitModel plain = request.plain();
    Map<String, TensorData> feeds =
        WholeFeeds.of(
            request.whole().graph(),
            plain.roles(),
            plain.layout(),
            requests.feeds(longest.getRequest()));
    var rows = new HashMap<String, Integer>();
    for (ColumnSpec column : manifest.getColumnsList()) {
      if (column.getRole() == dev.falconer.v1.Role.CANDIDATE
          || plain.layout().form() == Layout.Form.ROW_WISE) {
        rows.put(column.getName(), plain.layout().rowAxis());
      }
    }
    try (Runner whole = open.apply(folder.resolve(WHOLE))) {
      manifest.setMicroBatch(new Measure(System::nanoTime).microBatch(whole, feeds, rows));
    }
    manifest.setGraphs(Graphs.newBuilder().setWhole(WHOLE));
  }

  /** Runs the written graphs: parity over the golden requests, micro-batch, speed of variants. */
  private void measure(
      Path folder,
      BundleRequest request,
      Map<String, RoundedState> candidates,
      GoldenRequests requests,
      List<Golden> golden,
      Manifest.Builder manifest) {
    var measure = new Measure(System::nanoTime);
    List<Map.Entry<String, RoundedState>> variants = List.copyOf(candidates.entrySet());
    var graphs = new ArrayList<Runner>();
    var users = new ArrayList<Runner>();
    try {
      users.add(open.apply(folder.resolve(SplitWriter.USER)));
      candidates.forEach((variant, candidate) -> {
        graphs.add(open.apply(folder.resolve(file(variant))));
        if (!candidate.tokens().isEmpty()) {
          users.add(open.apply(folder.resolve(userFile(variant))));
        }
      });
      var halves = new Halves(request.plain(), users);
      var differences = new double[variants.size()];
      Map<String, TensorData> longest = Map.of();
      long longestEvents = -1;
      for (Golden each : golden) {
        Map<String, TensorData> feeds = requests.feeds(each.getRequest());
        Map<String, TensorData> state = halves.state(feeds);
        Map<String, TensorData> candidate = halves.candidateFeeds(feeds, state);
        for (int i = 0; i < variants.size(); i++) {
          NumericTensor scores = requests.scores(graphs.get(i).run(candidate));
          differences[i] = Math.max(differences[i], difference(scores, each));
        }
        long bytes = state.values().stream().mapToLong(tensor -> tensor.shape().size()).sum();
        if (bytes > longestEvents && each.getScores().size() > 0) {
          longestEvents = bytes;
          longest = candidate;
        }
      }
      if (!(differences[0] <= PARITY)) {
        throw new IllegalArgumentException(
            "the written graphs differ from the whole graph by "
                + differences[0]
                + " over the golden requests; nothing is written");
      }
      Map<String, Integer> rows = rows(request.plain(), manifest.getColumnsList());
      int microBatch = measure.microBatch(graphs.getFirst(), longest, rows);
      List<Double> speedups = measure.speedups(graphs, longest, rows, microBatch);
      manifest.setMicroBatch(microBatch);
      var measured = new ArrayList<Measured>();
      for (int i = 0; i < variants.size(); i++) {
        var variant = variants.get(i);
        measured.add(
            new Measured(
                variant.getKey(),
                speedups.get(i),
                differences[i],
                Manifests.rounded(request.plain().state(), variant.getValue().tokens())));
      }
      manifest.setGraphs(graphs(measured, request.packings().keySet()));
    } finally {
      graphs.forEach(Runner::close);
      users.forEach(Runner::close);
    }
  }

  /** A variant measured over the golden requests, and what its state has besides. */
  private record Measured(
      String name, double speedup, double difference, List<dev.falconer.v1.StateTensor> state) {
    /** Returns whether a server may serve it unasked. */
    boolean isClose() {
      return difference <= Variants.MOST_DIFFERENCE_UNASKED;
    }
  }

  private static Graphs graphs(List<Measured> variants, Set<String> packed) {
    var graphs = Graphs.newBuilder().setUser(SplitWriter.USER).setWhole(WHOLE).setServed("plain");
    double best = SERVED_SPEEDUP;
    for (Measured variant : variants) {
      boolean isPacked = packed.contains(variant.name);
      if (isPacked && !variant.isClose()) {
        continue; // servers take the fastest of what they find
      }
      graphs.addCandidate(
          Variant.newBuilder()
              .setName(variant.name)
              .setFile(file(variant.name))
              .setSpeedup(variant.speedup)
              .setMaxDifference(variant.difference)
              .setOperators(isPacked ? OPERATORS : "")
              .setUser(variant.state.isEmpty() ? "" : userFile(variant.name))
              .addAllState(variant.state));
      if (!isPacked && variant.speedup >= best && variant.isClose()) {
        best = variant.speedup;
        graphs.setServed(variant.name);
      }
    }
    return graphs.build();
  }

  private static Map<String, Integer> rows(SplitModel split, List<ColumnSpec> columns) {
    var rows = new HashMap<String, Integer>();
    for (ColumnSpec column : columns) {
      if (column.getRole() == dev.falconer.v1.Role.CANDIDATE) {
        rows.put(column.getName(), split.layout().rowAxis());
      }
    }
    return rows;
  }

  private static double difference(NumericTensor scores, Golden golden) {
    float[] wanted = dev.falconer.bundle.Columns.toFloats(golden.getScores());
    float[] got = scores.toFloats();
    double largest = 0;
    for (int i = 0; i < wanted.length; i++) {
      double difference = Math.abs(wanted[i] - got[i]) / Math.max(1, Math.abs(wanted[i]));
      largest = Double.isNaN(difference) ? Double.POSITIVE_INFINITY : Math.max(largest, difference);
    }
    return largest;
  }

  private static String file(String variant) {
    return variant.equals("plain") ? SplitWriter.CANDIDATE : "candidate." + variant + ".onnx";
  }

  private static String userFile(String variant) {
    return "user." + variant + ".onnx";
  }

  private static void delete(Path folder) throws IOException {
    if (!Files.exists(folder)) {
      return;
    }
    try (Stream<Path> files = Files.list(folder)) {
      for (Path file : files.toList()) {
        Files.deleteIfExists(file);
      }
    }
    Files.deleteIfExists(folder);
  }
}

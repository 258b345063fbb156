package dev.falconer.compressor.cli;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.falconer.bundle.GoldenFile;
import dev.falconer.compressor.data.Inputs;
import dev.falconer.compressor.evaluate.HeldOut;
import dev.falconer.compressor.evaluate.OrtRunner;
import dev.falconer.compressor.evaluate.Predictions;
import dev.falconer.compressor.evaluate.ServedModel;
import dev.falconer.compressor.onnx.Model;
import dev.falconer.compressor.onnx.OnnxReader;
import dev.falconer.compressor.zoo.Rankers;
import dev.falconer.v1.FileDigest;
import dev.falconer.v1.Manifest;
import dev.falconer.v1.Variant;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;

/**
 * A model as evaluate judges it.
 *
 * @param name where it lies
 * @param variant of a bundle; empty for a single graph
 * @param parameters of its whole graph
 * @param bytes of the files that it runs from
 */
record JudgedModel(
    String name, String variant, long parameters, long bytes, Predictions predictions) {

  /** Scores the held-out requests with a whole graph, or with a bundle as the server does. */
  static JudgedModel of(Path path, String variant, HeldOut heldOut) throws IOException {
    return Files.isDirectory(path) ? ofBundle(path, variant, heldOut) : ofFile(path, heldOut);
  }

  private static JudgedModel ofFile(Path file, HeldOut heldOut) throws IOException {
    Model model = OnnxReader.read(file);
    try (OrtRunner runner = OrtRunner.open(file, 1)) {
      int history = Rankers.config(model).historyMax();
      return new JudgedModel(
          file.toString(),
          "",
          model.graph().parameters(),
          Files.size(file),
          heldOut.predictions(runner, Inputs.SCORES, history));
    }
  }

  private static JudgedModel ofBundle(Path folder, String variant, HeldOut heldOut)
      throws IOException {
    try (ServedModel served = ServedModel.open(folder, variant)) {
      Manifest manifest = served.manifest();
      Model whole = OnnxReader.read(folder.resolve(manifest.getGraphs().getWhole()));
      String name = variant.isEmpty() ? manifest.getGraphs().getServed() : variant;
      return new JudgedModel(
          folder.toString(),
          name,
          whole.graph().parameters(),
          bytes(manifest, name),
          heldOut.predictions(served, manifest.getScoreOutput(), manifest.getHistoryMax()));
    }
  }

  /** Returns bytes of the graphs that a variant runs, and of the weights that they share. */
  private static long bytes(Manifest manifest, String variant) {
    var unread = new HashSet<String>();
    unread.add(GoldenFile.NAME);
    if (!manifest.getGraphs().getUser().isEmpty()) {
      unread.add(manifest.getGraphs().getWhole());
    }
    for (Variant each : manifest.getGraphs().getCandidateList()) {
      boolean isRead = each.getName().equals(variant);
      unread.add(isRead && !each.getUser().isEmpty() ? manifest.getGraphs().getUser() : "");
      if (!isRead) {
        unread.addAll(List.of(each.getFile(), each.getUser()));
      }
    }
    return manifest.getFilesList().stream()
        .filter(file -> !unread.contains(file.getFile()))
        .mapToLong(FileDigest::getBytes)
        .sum();
  }

  /** Puts everything but the quality. */
  void describe(ObjectNode into) {
    if (!variant.isEmpty()) {
      into.put("variant", variant);
    }
    into.put("parameters", parameters);
    into.put("bytes", bytes);
  }

  /** Returns a short name for a table. */
  String label() {
    Path path = Path.of(name);
    int names = path.getNameCount();
    return variant.isEmpty()
        ? path.getFileName().toString()
        : path.subpath(Math.max(0, names - 2), names) + " (" + variant + ")";
  }
}

package dev.falconer.compressor.cli;

import dev.falconer.bundle.GoldenFile;
import dev.falconer.bundle.ManifestFile;
import dev.falconer.compressor.axes.Layout;
import dev.falconer.compressor.axes.Roles;
import dev.falconer.compressor.bundle.GoldenRequests;
import dev.falconer.compressor.data.CalibrationExamples;
import dev.falconer.compressor.data.NpzFile;
import dev.falconer.compressor.onnx.Graph;
import dev.falconer.compressor.onnx.Model;
import dev.falconer.compressor.onnx.TensorData;
import dev.falconer.compressor.solver.TensorDevice;
import dev.falconer.compressor.split.WholeFeeds;
import dev.falconer.v1.Golden;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** The options of a compression of any model by a plan, layer by layer. */
final class CalibrationOptions {
  @Option(
      names = "--calibration",
      required = true,
      paramLabel = "FILE.npz|BUNDLE",
      description = {
        "examples of the model's inputs, a row each, as numpy.savez(\"examples.npz\", user_id=...)"
            + " writes them; or a bundle's version folder, whose golden requests are taken. The"
            + " last eighth is held out to judge on."
      })
  Path calibration = Path.of("");

  @Option(
      names = "--target-bytes",
      paramLabel = "SIZE",
      description = {
        "how large the file may be: 40MB, 40MiB or 40%% of the model's. For each layer one of the"
            + " plan's options is chosen, such as layers: [{match: \"*\", options: [{keep: dense},"
            + " {bits: 8}, {bits: 4}]}], so that the errors of the outputs, each measured with one"
            + " layer treated, sum to the least. Exit status 3 when the result misses the target."
      })
  @Nullable String targetBytes;

  @Option(
      names = "--target-latency",
      paramLabel = "TIME",
      description = {
        "the same for a call in ONNX Runtime on one thread, on the examples' largest batch: 0.5ms or"
            + " 60%% of the dense model's. Choosing starts anew when a run was interrupted; layers"
            + " that were done are taken over if it chooses the same again."
      })
  @Nullable String targetLatency;

  @Option(
      names = "--paper",
      description = "published constants and symmetric targets instead of the better ones found")
  boolean isPaper;

  @Option(
      names = "--device",
      paramLabel = "DEVICE",
      description = "for products of matrices: cpu (default), or cuda with a GPU build of libtorch")
  String device = TensorDevice.CPU.name();

  @Option(
      names = "--labels",
      paramLabel = "ARRAY",
      description = "array of the examples with a label of 0 or 1 a row, to judge quality by")
  @Nullable String labels;

  @Option(
      names = "--scores",
      paramLabel = "OUTPUT",
      description = "the output that the labels are of; needed with --labels if there are several")
  @Nullable String scores;

  @Option(
      names = "--users",
      paramLabel = "ARRAY",
      description = "integer array of the examples that tells users apart: intervals are over them")
  @Nullable String users;

  /** Returns what the whole model is to meet. */
  Optional<Target> target() {
    String bytes = targetBytes;
    String latency = targetLatency;
    if (bytes != null && latency != null) {
      throw new IllegalArgumentException("--target-bytes and --target-latency: give one of them");
    }
    if (bytes != null) {
      return Optional.of(Target.parse(Target.Unit.BYTES, "--target-bytes", bytes));
    }
    return latency == null
        ? Optional.empty()
        : Optional.of(Target.parse(Target.Unit.MILLIS, "--target-latency", latency));
  }

  /** Returns the arrays of a file of examples; empty for a bundle. */
  Map<String, TensorData> arrays() throws IOException {
    return Files.isDirectory(calibration) ? Map.of() : NpzFile.read(calibration);
  }

  /** Returns the examples for a model. */
  CalibrationExamples examples(Model model, Map<String, TensorData> arrays) throws IOException {
    if (!Files.isDirectory(calibration)) {
      return CalibrationExamples.of(model.graph(), arrays);
    }
    var manifest = ManifestFile.read(calibration);
    var requests = new GoldenRequests(manifest.getColumnsList(), manifest.getScoreOutput());
    Graph graph = model.graph();
    Roles roles = Roles.of(model).orCandidates(graph);
    Layout layout = Layout.of(graph, roles);
    List<Map<String, TensorData>> batches = new ArrayList<>();
    for (Golden golden : GoldenFile.read(calibration.resolve(GoldenFile.NAME))) {
      batches.add(WholeFeeds.of(graph, roles, layout, requests.feeds(golden.getRequest())));
    }
    return CalibrationExamples.of(batches);
  }
}

package dev.falconer.compressor.cli;

import dev.falconer.bundle.Sha256;
import dev.falconer.compressor.bundle.BundleRequest;
import dev.falconer.compressor.bundle.BundleWriter;
import dev.falconer.compressor.bundle.RandomGolden;
import dev.falconer.compressor.evaluate.OrtRunner;
import dev.falconer.compressor.onnx.DType;
import dev.falconer.compressor.onnx.Model;
import dev.falconer.compressor.onnx.Node;
import dev.falconer.compressor.onnx.Runner;
import dev.falconer.compressor.onnx.ValueInfo;
import dev.falconer.compressor.pack.Int8Weights;
import dev.falconer.compressor.pack.PackOptions;
import dev.falconer.compressor.split.SplitModel;
import dev.falconer.compressor.split.SplitWriter;
import dev.falconer.compressor.zoo.Rankers;
import dev.falconer.v1.Provenance;
import dev.falconer.v1.Switches;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/** Publishes a split model that comes without a log: what it serves is told by its own graph. */
final class SplitBundle {
  /** Bytes of weights from which on the runtime must not pack them, which doubles their memory. */
  private static final long LARGE = 1L << 28;

  private SplitBundle() {}

  /**
   * Writes the version folder and returns it.
   *
   * @param scores output that holds the scores; empty for the only sigmoid, or the only one of
   *     floats
   * @param tasks names of the scores' columns; empty to take the model's own
   */
  static Path write(
      Path source,
      Model whole,
      SplitModel split,
      VersionFolder folder,
      String scores,
      List<String> tasks,
      long seed)
      throws IOException {
    String output = scores(whole, scores);
    var request =
        new BundleRequest(
            folder.name(),
            folder.version(),
            whole,
            split,
            Map.of(),
            split.isWhole() ? Map.of() : Int8Weights.with(PackOptions.EXACT, whole),
            tasks(whole, output, tasks),
            output,
            RandomGolden.feeds(whole, split, seed),
            RandomGolden.feeds(whole, split, seed + 1),
            Switches.getDefaultInstance(),
            Provenance.newBuilder()
                .setFalconerVersion(ModelMetadata.falconerVersion())
                .setCreated(Instant.now().truncatedTo(ChronoUnit.SECONDS).toString())
                .setSourceSha256(Sha256.of(source))
                .build());
    return new BundleWriter(SplitBundle::open, OrtRunner.factory(1))
        .write(folder.repository(), request, _ -> List.of());
  }

  /** Returns a runner that is as fast as served, or, of a large model, takes its size once. */
  private static Runner open(Path file) {
    try {
      return Files.size(file.resolveSibling(SplitWriter.WEIGHTS)) < LARGE
          ? OrtRunner.open(file, 1)
          : OrtRunner.openMapped(file, 1);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static String scores(Model whole, String wanted) {
    List<String> floats =
        whole.graph().outputs().stream()
            .filter(output -> output.dtype() == DType.FLOAT32)
            .map(ValueInfo::name)
            .toList();
    if (!wanted.isEmpty()) {
      if (!floats.contains(wanted)) {
        throw new IllegalArgumentException(
            "--scores %s: no output of float32 has that name; there are %s"
                .formatted(wanted, floats));
      }
      return wanted;
    }
    var producers = whole.graph().producers();
    List<String> bounded =
        floats.stream()
            .filter(name -> {
              Node producer = producers.get(name);
              return producer != null && producer.is("Sigmoid");
            })
            .toList();
    List<String> candidates = bounded.isEmpty() ? floats : bounded;
    if (candidates.size() != 1) {
      throw new IllegalArgumentException(
          "outputs of float32: %s; say with --scores which one ranks".formatted(candidates));
    }
    return candidates.getFirst();
  }

  private static List<String> tasks(Model whole, String output, List<String> wanted) {
    if (!wanted.isEmpty()) {
      return wanted;
    }
    if (whole.metadata().containsKey(Rankers.TASKS)) {
      return ModelMetadata.tasks(whole);
    }
    List<ValueInfo.Dim> dims =
        whole.graph().outputs().stream()
            .filter(each -> each.name().equals(output))
            .findFirst()
            .map(ValueInfo::dims)
            .orElse(List.of());
    if (dims == null || dims.isEmpty()) {
      throw new IllegalArgumentException(
          "output \"%s\" declares no shape; name its columns with --tasks".formatted(output));
    }
    if (dims.size() == 1) {
      return List.of(output);
    }
    if (!(dims.getLast() instanceof ValueInfo.Dim.Fixed(long count))) {
      throw new IllegalArgumentException(
          "output \"%s\" has shape %s; name its columns with --tasks".formatted(output, dims));
    }
    return count == 1
        ? List.of(output)
        : IntStream.range(0, Math.toIntExact(count))
            .mapToObj(i -> output + "." + i)
            .collect(Collectors.toList());
  }
}

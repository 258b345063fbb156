package dev.falconer.compressor.cli;

import dev.falconer.compressor.evaluate.QualityGate;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** The options of a compression to a speed. */
final class SpeedOptions {
  /** More than this nothing is worth. */
  private static final double MOST = 100;

  @Option(
      names = "--target-speedup",
      paramLabel = "X",
      description = {
        "how many times as fast as ONNX Runtime on the dense model the kernels of domain dev.falconer"
            + " are to be: of the candidate graph, where the model says whose its inputs are, else"
            + " of the whole. For each layer one of int8, N:16 and panels is chosen, or of the"
            + " plan's options, by its time and by the error of the outputs, each measured. Exit"
            + " status 3 when no choice is as fast within the gate; then the fastest within it is"
            + " written, and the report tells what was tried."
      })
  @Nullable Double speedup;

  @Option(
      names = "--max-auc-loss",
      defaultValue = "0.001",
      paramLabel = "SHARE",
      description = "of the dense model's AUC on held-out labels (default ${DEFAULT-VALUE})")
  double aucLoss = .001;

  @Option(
      names = "--max-ne-rise",
      defaultValue = "0.001",
      paramLabel = "SHARE",
      description = "of the dense model's normalized entropy there (default ${DEFAULT-VALUE})")
  double neRise = .001;

  @Option(
      names = "--candidates",
      defaultValue = "256",
      paramLabel = "M",
      description =
          "of the request that the candidate graph is timed on (default ${DEFAULT-VALUE})")
  int candidates = 256;

  @Mixin RoleOptions given = new RoleOptions();

  /** Returns the speed-up, if one is wanted. */
  Optional<Double> target() {
    Double wanted = speedup;
    if (wanted != null && !(wanted > 1 && wanted <= MOST)) {
      throw new IllegalArgumentException(
          "--target-speedup %s: above 1, to %s".formatted(wanted, MOST));
    }
    if (candidates < 1) {
      throw new IllegalArgumentException("--candidates %d: at least 1".formatted(candidates));
    }
    return Optional.ofNullable(wanted);
  }

  /** Returns the quality that must be left. */
  QualityGate gate() {
    return new QualityGate(aucLoss, neRise);
  }
}

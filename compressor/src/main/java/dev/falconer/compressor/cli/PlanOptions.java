package dev.falconer.compressor.cli;

import dev.falconer.compressor.pipeline.CompressionPlan;
import dev.falconer.compressor.pipeline.Constants;
import dev.falconer.compressor.pipeline.KernelOptions;
import dev.falconer.compressor.pipeline.PlanFile;
import java.io.IOException;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** The options of work layer by layer. */
final class PlanOptions {
  @Option(
      names = "--plan",
      paramLabel = "YAML",
      description = {
        "what each layer gets, such as: layers: [{match: \"*\", pattern: \"2:4\"}]; needed with"
            + " --calibration, but for --target-speedup, which has options of its own"
      })
  @Nullable Path plan;

  @Option(
      names = "--threads",
      paramLabel = "N",
      description =
          "for running the examples, and for layers that don't read each other, such as query, key"
              + " and value, at once; the result is the same (default: all processors)")
  int threads = Runtime.getRuntime().availableProcessors();

  @Option(names = "--json", paramLabel = "FILE", description = "writes the report as JSON")
  @Nullable Path json;

  @Option(names = "--html", paramLabel = "FILE", description = "writes the report as a page")
  @Nullable Path html;

  /** Returns the file of the plan. */
  Path plan() {
    Path file = plan;
    if (file == null) {
      throw new IllegalArgumentException(
          "--plan is missing: a file such as layers: [{match: \"*\", pattern: \"2:4\"}]");
    }
    return file;
  }

  /** Returns the plan; that of the kernels' options where there is none. */
  CompressionPlan orKernels(Constants constants) throws IOException {
    Path file = plan;
    return file == null
        ? PlanFile.parse(KernelOptions.text(), "of --target-speedup", constants)
        : PlanFile.read(file, constants);
  }
}

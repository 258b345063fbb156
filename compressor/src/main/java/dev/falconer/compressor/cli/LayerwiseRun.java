package dev.falconer.compressor.cli;

import dev.falconer.compressor.evaluate.OrtRunner;
import dev.falconer.compressor.onnx.Model;
import dev.falconer.compressor.onnx.TensorData;
import dev.falconer.compressor.pipeline.LayerwiseCompression;
import dev.falconer.compressor.pipeline.LayerwiseCompression.Listener;
import dev.falconer.compressor.pipeline.LayerwiseCompression.State;
import dev.falconer.compressor.pipeline.ResolvedPlan;
import java.io.PrintWriter;
import java.util.List;
import java.util.Map;

/**
 * A compression by a plan, with its progress.
 *
 * @param examples to calibrate on
 * @param err progress is shown there
 */
record LayerwiseRun(
    Model dense, List<Map<String, TensorData>> examples, int threads, PrintWriter err) {
  /** Returns the network compressed from where it stands. */
  State from(State start, ResolvedPlan plan, Listener listener) {
    int total = plan.steps().size();
    try (var progress = new ConsoleProgress(err)) {
      return new LayerwiseCompression(OrtRunner.factory(threads), System::nanoTime, threads)
          .run(
              dense,
              start,
              plan,
              examples,
              advanced -> {
                progress.step("layers", advanced.done().size(), total);
                listener.advanced(advanced);
              });
    }
  }
}

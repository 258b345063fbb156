package dev.falconer.compressor.split;

import dev.falconer.compressor.onnx.Model;
import dev.falconer.compressor.onnx.Runner;
import dev.falconer.compressor.onnx.TensorData;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A model that is opened again after its process died. */
final class Session implements AutoCloseable {
  private final Model model;
  private final Runner.Factory runners;
  private @Nullable Runner runner;

  Session(Model model, Runner.Factory runners) {
    this.model = model;
    this.runners = runners;
    this.runner = runners.open(model);
  }

  /** Returns the outputs. Throws as {@link Runner#run} does. */
  Map<String, TensorData> run(Map<String, TensorData> feeds) {
    Runner open = runner == null ? runners.open(model) : runner;
    runner = open;
    try {
      return open.run(feeds);
    } catch (Runner.Died e) {
      open.close();
      runner = null;
      throw e;
    }
  }

  @Override
  public void close() {
    if (runner != null) {
      runner.close();
    }
  }
}

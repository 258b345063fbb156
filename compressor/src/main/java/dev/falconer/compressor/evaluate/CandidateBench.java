package dev.falconer.compressor.evaluate;

import ai.onnxruntime.OrtException;
import dev.falconer.compressor.evaluate.ModelBenchmark.Time;
import dev.falconer.compressor.onnx.TensorData;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.IntFunction;

/**
 * Latency of a candidate graph in several forms, in one process on one thread, taking turns.
 *
 * @param forms by name, in the order measured
 * @param feeds of a number of candidates
 */
public record CandidateBench(
    Map<String, OrtRunner> forms, IntFunction<Map<String, TensorData>> feeds)
    implements AutoCloseable {
  private static final long WARM_NANOS = 700_000_000;
  private static final int LEAST_CALLS = 5;

  /** Copies the map. */
  public CandidateBench {
    forms = new LinkedHashMap<>(forms);
  }

  /**
   * Returns median times by form and number of candidates.
   *
   * @param sizes numbers of candidates
   * @param rounds at least 1
   * @param progress told of each step
   */
  public Map<String, Map<Integer, Time>> run(
      List<Integer> sizes, int rounds, Consumer<String> progress) {
    var opened = new ArrayList<OrtRunner.Prepared>();
    try {
      var turns = new Turns();
      for (int size : sizes) {
        Map<String, TensorData> given = feeds.apply(size);
        for (var form : forms.entrySet()) {
          OrtRunner runner = form.getValue();
          OrtRunner.Prepared prepared = runner.prepare(given);
          opened.add(prepared);
          ModelBenchmark.Call call =
              () -> {
                prepared.run(runner.outputNames()).close();
                return prepared;
              };
          // Alone, before anything else is compiled.
          progress.accept("warming up " + form.getKey() + " at " + size);
          warm(call);
          turns.add(form.getKey(), size, call);
        }
      }
      return turns.medians(rounds, progress);
    } catch (OrtException e) {
      throw new IllegalArgumentException(e.getMessage(), e);
    } finally {
      opened.forEach(OrtRunner.Prepared::close);
    }
  }

  private static void warm(ModelBenchmark.Call call) throws OrtException {
    long start = System.nanoTime();
    for (int i = 0; i < LEAST_CALLS || System.nanoTime() - start < WARM_NANOS; i++) {
      call.run();
    }
  }

  @Override
  public void close() {
    forms.values().forEach(OrtRunner::close);
  }
}

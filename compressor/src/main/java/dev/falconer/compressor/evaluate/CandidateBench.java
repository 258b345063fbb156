package dev.falconer.compressor.evaluate;

import ai.onnxruntime.OrtException;
import dev.falconer.compressor.evaluate.ModelBenchmark.Call;
import dev.falconer.compressor.evaluate.ModelBenchmark.Time;
import dev.falconer.compressor.onnx.Model;
import dev.falconer.compressor.onnx.TensorData;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.IntFunction;
import java.util.function.Supplier;

/**
 * Latency of a candidate graph in several forms, each on one thread, taking turns. Those by Java's
 * vectors run in other processes, which wait while it isn't their turn: families of forms that
 * share no code of Java's compiler don't share what it saw.
 */
public final class CandidateBench implements AutoCloseable {
  private static final long WARM_NANOS = 700_000_000;
  private static final int LEAST_CALLS = 5;

  private final IntFunction<Map<String, TensorData>> feeds;
  private final Map<String, Form> forms = new LinkedHashMap<>();
  private final List<OrtRunner> runners = new ArrayList<>();
  private final List<OrtRunner.Prepared> prepared = new ArrayList<>();
  private final Map<String, VectorProcess> processes = new HashMap<>();
  private final Map<String, String> notices = new LinkedHashMap<>();

  /** What can be made ready to take turns with some feeds. */
  private interface Form {
    Supplier<List<Time>> warm(Map<String, TensorData> feeds) throws OrtException;
  }

  /**
   * Creates a benchmark of no form.
   *
   * @param feeds of a number of candidates
   */
  public CandidateBench(IntFunction<Map<String, TensorData>> feeds) {
    this.feeds = feeds;
  }

  /** Adds a form that runs in this process. */
  public void add(String form, Model model) {
    OrtRunner runner = OrtRunner.open(model, 1);
    runners.add(runner);
    forms.put(
        form,
        given -> {
          OrtRunner.Prepared call = runner.prepare(given);
          prepared.add(call);
          warm(call::runAll);
          return () -> Turns.timed(call::runAll);
        });
  }

  /**
   * Adds a form by Java's vectors; where there are none, a notice in its place.
   *
   * @param family forms of one family share a process
   */
  public void addByVectors(String form, String family, Model model) {
    try {
      VectorProcess process = processes.computeIfAbsent(family, _ -> VectorProcess.start());
      int number = process.open(model);
      forms.put(
          form,
          given -> {
            int call = process.warm(number, given);
            return () -> process.time(call);
          });
    } catch (IllegalArgumentException e) {
      notices.put(form, String.valueOf(e.getMessage()));
    }
  }

  /**
   * Returns median times by form and number of candidates. A form that can't be made ready has a
   * notice instead.
   *
   * @param sizes numbers of candidates
   * @param rounds at least 1
   * @param progress told of each step
   */
  public Map<String, Map<Integer, Time>> run(
      List<Integer> sizes, int rounds, Consumer<String> progress) {
    var turns = new Turns();
    for (var form : forms.entrySet()) {
      for (int size : sizes) {
        // Alone, before anything else of this process is compiled.
        progress.accept("warming up " + form.getKey() + " at " + size);
        try {
          turns.add(form.getKey(), size, form.getValue().warm(feeds.apply(size)));
        } catch (IllegalArgumentException | OrtException e) {
          notices.put(form.getKey() + " at " + size, String.valueOf(e.getMessage()));
        }
      }
    }
    return turns.medians(rounds, progress);
  }

  private static void warm(Call call) throws OrtException {
    long start = System.nanoTime();
    for (int i = 0; i < LEAST_CALLS || System.nanoTime() - start < WARM_NANOS; i++) {
      call.run();
    }
  }

  /** Returns why forms, or forms at a size, were not measured. */
  public Map<String, String> notices() {
    return new LinkedHashMap<>(notices);
  }

  /** Returns one line on what computes forms by Java's vectors; empty where there are none. */
  public String vectors() {
    return processes.values().stream().map(VectorProcess::toString).findFirst().orElse("");
  }

  @Override
  public void close() {
    processes.values().forEach(VectorProcess::close);
    prepared.forEach(OrtRunner.Prepared::close);
    runners.forEach(OrtRunner::close);
  }
}

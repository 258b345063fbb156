package dev.falconer.compressor.evaluate;

import ai.onnxruntime.OrtException;
import dev.falconer.compressor.evaluate.ModelBenchmark.Time;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * Latency of a ranker in every way it may be served, in one process on one thread.
 *
 * <p>The ways take turns, round after round, so that a busy moment of the machine hits all of them;
 * the median over all rounds counts.
 *
 * @param request with n events and at least as many candidates as the largest m
 * @param scores output that is read
 * @param whole [history ; candidate] as one sequence, every row through every layer
 * @param trimmed the trained whole graph as it is
 * @param user user graph
 * @param candidate candidate graph
 * @param variants further graphs by the names of their ways: compressed_hit, packed_hit
 * @param microBatch candidates per call of a candidate graph
 */
public record ModelBench(
    BenchRequest request,
    String scores,
    Optional<OrtRunner> whole,
    OrtRunner trimmed,
    OrtRunner user,
    OrtRunner candidate,
    Map<String, Variant> variants,
    int microBatch)
    implements AutoCloseable {
  /** A candidate graph and the user graph that gives its state. */
  public record Variant(OrtRunner user, OrtRunner candidate) {}

  /** Copies the map in its order. */
  public ModelBench {
    variants = new LinkedHashMap<>(variants);
  }

  /**
   * Returns median times by way and m.
   *
   * @param sizes values of m
   * @param rounds at least 1
   * @param progress told before each round
   */
  public Map<String, Map<Integer, Time>> run(
      List<Integer> sizes, int rounds, Consumer<String> progress) {
    try (var serving = new Serving(request, scores)) {
      var turns = new Turns();
      int wholeRows = whole.isPresent() ? serving.fastestChunk(whole.get()) : 0;
      int trimmedRows = serving.fastestChunk(trimmed);
      progress.accept(
          "rows per call of the whole graph %d, trimmed %d: the fastest of those tried"
              .formatted(wholeRows, trimmedRows));
      for (int m : sizes) {
        if (whole.isPresent()) {
          turns.add("whole", m, serving.repeated(whole.get(), m, wholeRows));
        }
        turns.add("trimmed", m, serving.repeated(trimmed, m, trimmedRows));
        turns.add("amortised_miss", m, serving.miss(user, candidate, m, microBatch));
        turns.add("amortised_hit", m, serving.hit(user, candidate, m, microBatch));
        for (var variant : variants.entrySet()) {
          Variant graphs = variant.getValue();
          turns.add(variant.getKey(), m, serving.hit(graphs.user, graphs.candidate, m, microBatch));
        }
      }
      return turns.medians(rounds, progress);
    } catch (OrtException e) {
      throw new IllegalArgumentException("the request doesn't fit: " + e.getMessage(), e);
    }
  }

  @Override
  public void close() {
    whole.ifPresent(OrtRunner::close);
    trimmed.close();
    user.close();
    candidate.close();
    variants
        .values()
        .forEach(variant -> {
          variant.user.close();
          variant.candidate.close();
        });
  }
}

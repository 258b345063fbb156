package dev.falconer.compressor.evaluate;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import dev.falconer.compressor.evaluate.ModelBenchmark.Call;
import dev.falconer.compressor.evaluate.ModelBenchmark.Time;
import dev.falconer.compressor.onnx.TensorData;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** The ways to serve one request, as calls to be timed. Feeds lie ready in the runtime's form. */
final class Serving implements AutoCloseable {
  /**
   * Rows of a whole graph per call, to choose from. One call of 256 at L = 512 takes over 1 GB; at
   * that length even 64 spend most of their time on memory.
   */
  private static final List<Integer> CHUNKS = List.of(1, 4, 16, 64);

  private final BenchRequest request;
  private final Set<String> scores;
  private final List<AutoCloseable> open = new ArrayList<>();

  /**
   * Serves one request.
   *
   * @param scores output that is read
   */
  Serving(BenchRequest request, String scores) {
    this.request = request;
    this.scores = Set.of(scores);
  }

  /** Returns the rows per call at which a whole graph scores candidates fastest. */
  int fastestChunk(OrtRunner whole) throws OrtException {
    int fastest = CHUNKS.getFirst();
    double least = Double.POSITIVE_INFINITY;
    for (int chunk : CHUNKS) {
      Call call = repeated(whole, CHUNKS.getLast(), chunk);
      for (Time time : ModelBenchmark.times(call, 1, 2)) {
        if (time.cpuMillis() < least) {
          least = time.cpuMillis();
          fastest = chunk;
        }
      }
    }
    return fastest;
  }

  /**
   * Returns the first m candidates through a whole graph, a row each with a copy of the history.
   *
   * @param rowsPerCall at most
   */
  Call repeated(OrtRunner whole, int m, int rowsPerCall) throws OrtException {
    var chunks = new ArrayList<OrtRunner.Prepared>();
    for (int from = 0; from < m; from += rowsPerCall) {
      int rows = Math.min(rowsPerCall, m - from);
      chunks.add(keep(whole.prepare(request.repeated(from, rows, whole))));
    }
    return () -> {
      long done = 0;
      for (OrtRunner.Prepared chunk : chunks) {
        try (var result = chunk.run(scores)) {
          done += result.size();
        }
      }
      return done;
    };
  }

  /** Returns the first m candidates over a state that lies ready. */
  Call hit(OrtRunner user, OrtRunner candidate, int m, int microBatch) throws OrtException {
    OrtSession.Result state = keep(userFeeds(user).run(user.outputNames()));
    List<OrtRunner.Prepared> parts = parts(candidate, tensors(state), m, microBatch);
    return () -> run(parts);
  }

  /** Returns the user's encoding and the first m candidates over it. */
  Call miss(OrtRunner user, OrtRunner candidate, int m, int microBatch) throws OrtException {
    OrtRunner.Prepared feeds = userFeeds(user);
    List<Map<String, OnnxTensor>> parts = new ArrayList<>();
    for (int from = 0; from < m; from += microBatch) {
      parts.add(candidates(candidate, from, Math.min(microBatch, m - from)));
    }
    Set<String> outputs = user.outputNames();
    return () -> {
      long done = 0;
      try (OrtSession.Result state = feeds.run(outputs)) {
        for (Map<String, OnnxTensor> part : parts) {
          var values = new HashMap<>(part);
          values.putAll(read(candidate, tensors(state)));
          try (var result = candidate.borrow(values).run(scores)) {
            done += result.size();
          }
        }
      }
      return done;
    };
  }

  private List<OrtRunner.Prepared> parts(
      OrtRunner candidate, Map<String, OnnxTensor> state, int m, int microBatch)
      throws OrtException {
    var parts = new ArrayList<OrtRunner.Prepared>();
    for (int from = 0; from < m; from += microBatch) {
      var values = new HashMap<>(candidates(candidate, from, Math.min(microBatch, m - from)));
      values.putAll(read(candidate, state));
      parts.add(candidate.borrow(values));
    }
    return parts;
  }

  private Object run(List<OrtRunner.Prepared> parts) throws OrtException {
    long done = 0;
    for (OrtRunner.Prepared part : parts) {
      try (var result = part.run(scores)) {
        done += result.size();
      }
    }
    return done;
  }

  private OrtRunner.Prepared userFeeds(OrtRunner user) throws OrtException {
    return keep(user.prepare(request.fitted(request.user(), user)));
  }

  private Map<String, OnnxTensor> candidates(OrtRunner candidate, int from, int rows)
      throws OrtException {
    Map<String, TensorData> feeds = request.fitted(request.candidates(from, rows), candidate);
    return keep(candidate.prepareSome(feeds)).values();
  }

  private static Map<String, OnnxTensor> read(OrtRunner graph, Map<String, OnnxTensor> values) {
    var known = new HashMap<>(values);
    known.keySet().retainAll(graph.inputNames());
    return known;
  }

  private static Map<String, OnnxTensor> tensors(OrtSession.Result result) {
    var tensors = new HashMap<String, OnnxTensor>();
    for (var output : result) {
      if (output.getValue() instanceof OnnxTensor tensor) {
        tensors.put(output.getKey(), tensor);
      }
    }
    return tensors;
  }

  private <T extends AutoCloseable> T keep(T resource) {
    open.add(resource);
    return resource;
  }

  @Override
  public void close() {
    for (AutoCloseable resource : open.reversed()) {
      try {
        resource.close();
      } catch (Exception e) {
        throw new IllegalStateException(e.getMessage(), e);
      }
    }
  }
}

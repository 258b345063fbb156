package dev.falconer.server.model;

import dev.falconer.bundle.BundleException;
import dev.falconer.bundle.Columns;
import dev.falconer.bundle.GoldenFile;
import dev.falconer.server.domain.Binder;
import dev.falconer.server.domain.BoundQuery;
import dev.falconer.server.domain.ModelSpec;
import dev.falconer.server.domain.RankQuery;
import dev.falconer.server.domain.RequestException;
import dev.falconer.server.domain.StateTensors;
import dev.falconer.server.memory.Slabs;
import dev.falconer.server.wire.RequestReader;
import dev.falconer.v1.Golden;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.List;

/** Answers a bundle's golden requests and compares with the scores beside them. */
final class GoldenCheck {
  /** Of max(1, |score|) of the plain graphs: sums in another order, with room for other CPUs. */
  private static final double TOLERANCE = 1e-4;

  /** On another CPU an activation may round to the next level: room for a few of hundreds. */
  private static final double ROOM = 1.25;

  private final ModelSpec spec;
  private final List<Golden> golden;
  private final Binder binder;
  private final RequestReader reader;
  private final Slabs slabs;

  /** Creates the check. Throws {@link BundleException} when there is no request to check with. */
  GoldenCheck(ModelSpec spec, List<Golden> golden, Binder binder, Slabs slabs) {
    if (golden.isEmpty()) {
      throw new BundleException(
          spec.title() + ": " + GoldenFile.NAME + " holds no request to check with");
    }
    this.spec = spec;
    this.golden = List.copyOf(golden);
    this.binder = binder;
    this.reader = new RequestReader(slabs);
    this.slabs = slabs;
  }

  /** What is done with a golden request beside the model's columns. */
  interface Visitor {
    /** Takes a request; its memory is valid until this returns. */
    void visit(int index, BoundQuery query);
  }

  /** Hands each request to a visitor. */
  void forEach(Visitor visitor) {
    for (int i = 0; i < golden.size(); i++) {
      try (var received = reader.read(golden.get(i).getRequest())) {
        visitor.visit(i, binder.bind(forBinding(received.query())));
      } catch (RequestException e) {
        throw new BundleException(title(i) + ": " + e.getMessage(), e);
      }
    }
  }

  /** A golden request needs no user key. */
  private static RankQuery forBinding(RankQuery query) {
    return new RankQuery(
        query.model(),
        query.version(),
        "golden",
        query.mode(),
        query.history(),
        query.candidates(),
        query.context(),
        query.objective(),
        query.topK(),
        query.itemIds());
  }

  /** Throws when a score of the whole graph isn't the golden one. */
  void checkWhole(Graphs graphs) {
    compare(
        "whole",
        TOLERANCE,
        (query, scores) -> {
          int m = query.candidates().count();
          if (m > 0) {
            graphs.whole().score(query.history(), query.candidates(), 0, m, scores);
          }
        });
  }

  /**
   * Returns the variant's largest difference to a golden score, of max(1, |score|).
   *
   * @param promised the same when the bundle was made
   * @throws BundleException naming the first score that differs by more, but for what other CPUs do
   */
  double check(Graphs graphs, double promised) {
    return compare(
        graphs.scorer().key().toString(),
        promised * ROOM + TOLERANCE,
        (query, scores) -> score(graphs, query, scores));
  }

  /** Writes the scores of a request. */
  private interface Scoring {
    void score(BoundQuery query, MemorySegment scores);
  }

  private double compare(String graph, double tolerance, Scoring scoring) {
    var largest = new double[1];
    forEach((index, query) -> {
      float[] expected = Columns.toFloats(golden.get(index).getScores());
      int m = query.candidates().count();
      if (expected.length != m * spec.tasks().size()) {
        throw new BundleException(
            "%s: %d scores for %d candidates and %d tasks"
                .formatted(title(index), expected.length, m, spec.tasks().size()));
      }
      try (var slab = slabs.borrow((long) expected.length * Float.BYTES)) {
        var scores = slab.take((long) expected.length * Float.BYTES);
        scoring.score(query, scores);
        largest[0] = Math.max(largest[0], compare(index, graph, scores, expected, tolerance));
      }
    });
    return largest[0];
  }

  private double compare(
      int index, String graph, MemorySegment scores, float[] expected, double tolerance) {
    double largest = 0;
    for (int i = 0; i < expected.length; i++) {
      float score = scores.getAtIndex(ValueLayout.JAVA_FLOAT, i);
      double difference = Math.abs(score - expected[i]) / Math.max(1, Math.abs(expected[i]));
      if (!(difference <= tolerance)) {
        int tasks = spec.tasks().size();
        throw new BundleException(
            "%s: candidate %d scores %s in %s, want %s: the difference %s is more than %s (%s)"
                .formatted(
                    title(index),
                    i / tasks,
                    score,
                    spec.tasks().get(i % tasks),
                    expected[i],
                    difference,
                    tolerance,
                    graph));
      }
      largest = Math.max(largest, difference);
    }
    return largest;
  }

  private void score(Graphs graphs, BoundQuery query, MemorySegment scores) {
    int m = query.candidates().count();
    int size = spec.microBatch();
    try (var arena = Arena.ofConfined()) {
      StateTensors state = null;
      if (spec.hasState()) {
        state = StateTensors.allocate(arena, graphs.spec(), query.history().events());
        graphs.encode(query.history(), null, state);
      }
      for (int from = 0; from < m; from += size) {
        int count = Math.min(size, m - from);
        if (state == null) {
          graphs.scoreStateless(query.history(), query.candidates(), from, count, scores);
        } else {
          graphs.score(state, query.candidates(), from, count, scores);
        }
      }
    }
  }

  private String title(int index) {
    return spec.title() + ": " + GoldenFile.NAME + " request " + index;
  }
}

package dev.falconer.server.model;

import dev.falconer.bundle.BundleException;
import dev.falconer.bundle.Columns;
import dev.falconer.bundle.GoldenFile;
import dev.falconer.server.domain.BoundQuery;
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

  private final RequestReader reader;
  private final Slabs slabs;

  GoldenCheck(RequestReader reader, Slabs slabs) {
    this.reader = reader;
    this.slabs = slabs;
  }

  /**
   * Throws when a score differs by more than the tolerance.
   *
   * @param variantDifference largest difference of the served variant when the bundle was made
   */
  void check(ServedModel model, List<Golden> golden, double variantDifference) {
    if (golden.isEmpty()) {
      throw new BundleException(
          model.spec().title() + ": " + GoldenFile.NAME + " holds no request to check with");
    }
    double tolerance = variantDifference * 2 + TOLERANCE;
    for (int i = 0; i < golden.size(); i++) {
      float[] expected = Columns.toFloats(golden.get(i).getScores());
      try (var received = reader.read(golden.get(i).getRequest())) {
        check(model, i, model.binder().bind(forBinding(received.query())), expected, tolerance);
      } catch (RequestException e) {
        throw new BundleException(title(model, i) + ": " + e.getMessage(), e);
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

  private void check(
      ServedModel model, int index, BoundQuery query, float[] expected, double tolerance) {
    int m = query.candidates().count();
    int tasks = model.spec().tasks().size();
    if (expected.length != m * tasks) {
      throw new BundleException(
          title(model, index)
              + ": "
              + expected.length
              + " scores for "
              + m
              + " candidates and "
              + tasks
              + " tasks");
    }
    try (var slab = slabs.borrow((long) expected.length * Float.BYTES)) {
      var scores = slab.take((long) expected.length * Float.BYTES);
      score(model, query, scores);
      compare(model, index, model.variant(), scores, expected, tolerance);
      if (m > 0) {
        model.scoreWhole(query.history(), query.candidates(), 0, m, scores);
        compare(model, index, "whole", scores, expected, TOLERANCE);
      }
    }
  }

  private static void compare(
      ServedModel model,
      int index,
      String graph,
      MemorySegment scores,
      float[] expected,
      double tolerance) {
    int tasks = model.spec().tasks().size();
    for (int i = 0; i < expected.length; i++) {
      float score = scores.getAtIndex(ValueLayout.JAVA_FLOAT, i);
      if (!(Math.abs(score - expected[i]) <= tolerance * Math.max(1, Math.abs(expected[i])))) {
        throw new BundleException(
            title(model, index)
                + ": candidate "
                + i / tasks
                + " scores "
                + score
                + " in "
                + model.spec().tasks().get(i % tasks)
                + ", want "
                + expected[i]
                + " within "
                + tolerance
                + " (graph "
                + graph
                + ")");
      }
    }
  }

  private static void score(ServedModel model, BoundQuery query, MemorySegment scores) {
    int m = query.candidates().count();
    int size = model.spec().microBatch();
    try (var arena = Arena.ofConfined()) {
      StateTensors state = null;
      if (model.spec().hasState()) {
        int events = query.history().events();
        state =
            new StateTensors(
                events,
                model.spec().state().stream()
                    .map(tensor -> arena.allocate(tensor.bytes(events), 64))
                    .toList());
        model.encode(query.history(), null, state);
      }
      for (int from = 0; from < m; from += size) {
        int count = Math.min(size, m - from);
        if (state == null) {
          model.scoreStateless(query.history(), query.candidates(), from, count, scores);
        } else {
          model.score(state, query.candidates(), from, count, scores);
        }
      }
    }
  }

  private static String title(ServedModel model, int index) {
    return model.spec().title() + ": " + GoldenFile.NAME + " request " + index;
  }
}

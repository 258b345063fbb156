package dev.falconer.server.engine;

import dev.falconer.server.domain.Candidates;
import dev.falconer.server.domain.Column;
import dev.falconer.server.domain.ColumnSpec;
import dev.falconer.server.domain.DType;
import dev.falconer.server.domain.ExecutedBy;
import dev.falconer.server.domain.History;
import dev.falconer.server.domain.ModelSpec;
import dev.falconer.server.memory.NativeMemory;
import dev.falconer.server.memory.Slabs;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Path;
import java.util.List;

/**
 * The single graph that the others were cut from, in two forms: one user beside all candidates ([1,
 * n] and [1, m]), or the history repeated once per candidate ([m, n] and [m, 1]), which is what a
 * server without amortisation runs. A row-wise graph ([m, n] and [m]) has the second form alone.
 */
public final class WholeGraph implements AutoCloseable {
  /** Rows of a call of the repeated form: a call of 256 takes over a gigabyte. */
  public static final int MAX_ROWS = 64;

  private final Session session;
  private final Slabs slabs;
  private final List<Input> inputs;
  private final ScoreShape scoreShape;
  private final boolean isRowWise;

  /** Opens the graph; repeated histories borrow from the slabs. Throws {@link GraphException}. */
  public WholeGraph(OrtEngine engine, Path file, ExecutedBy by, ModelSpec spec, Slabs slabs) {
    this.session = engine.open(file, by);
    this.slabs = slabs;
    this.isRowWise = spec.isRowWise();
    try {
      this.inputs = Input.of(session, spec);
      for (var input : inputs) {
        if (input instanceof Input.State || input instanceof Input.Past) {
          throw Input.misplaced(session, input);
        }
      }
      this.scoreShape = ScoreShape.of(session, spec);
    } catch (GraphException e) {
      session.close();
      throw e;
    }
  }

  /**
   * Scores a run of the candidates in one row, history [1, n] and candidates [1, count], where the
   * graph knows that form.
   *
   * @param scores float32 [m, tasks] of all the candidates; the run's rows are written
   */
  public void score(
      History history, Candidates candidates, int from, int count, MemorySegment scores) {
    if (isRowWise) {
      scoreRepeated(history, candidates, from, count, scores);
      return;
    }
    try (var slab = slabs.borrow(Long.BYTES);
        var feeds = session.tensors();
        var outputs = session.tensors()) {
      for (var input : inputs) {
        switch (input) {
          case Input.User(var _, int index) -> {
            var spec = history.specs().get(index);
            feeds.add(history.columns().get(index), spec.shape(rows(history, spec)));
          }
          case Input.Length(String name) ->
              feeds.add(name, DType.INT64, lengths(slab, history, 1), new long[] {1});
          case Input.Candidate(var _, int index) -> {
            var spec = candidates.specs().get(index);
            feeds.add(
                candidates.columns().get(index).rows(from, count, spec.rowSize()),
                spec.shape(count));
          }
          case Input.Context(var _, int index) ->
              feeds.add(
                  candidates.context().get(index), candidates.contextSpecs().get(index).shape(1));
          case Input.State _, Input.Past _ -> throw Input.misplaced(session, input);
        }
      }
      scoreShape.pin(outputs, scores, from, count);
      session.run(feeds, outputs);
    }
  }

  /**
   * Scores a run of the candidates, better at most {@link #MAX_ROWS}, each in a row of its own
   * beside a copy of the history.
   *
   * @param scores float32 [m, tasks] of all the candidates; the run's rows are written
   */
  public void scoreRepeated(
      History history, Candidates candidates, int from, int count, MemorySegment scores) {
    try (var slab = slabs.borrow(repeatedBytes(history, candidates, count));
        var feeds = session.tensors();
        var outputs = session.tensors()) {
      for (var input : inputs) {
        switch (input) {
          case Input.User(var _, int index) -> {
            var spec = history.specs().get(index);
            feeds.add(
                repeated(history.columns().get(index), count, slab),
                spec.isHistory() ? batched(spec, count, history.events()) : one(spec, count));
          }
          case Input.Length(String name) ->
              feeds.add(name, DType.INT64, lengths(slab, history, count), new long[] {count});
          case Input.Candidate(var _, int index) -> {
            var spec = candidates.specs().get(index);
            feeds.add(
                candidates.columns().get(index).rows(from, count, spec.rowSize()),
                one(spec, count));
          }
          case Input.Context(var _, int index) ->
              feeds.add(
                  repeated(candidates.context().get(index), count, slab),
                  one(candidates.contextSpecs().get(index), count));
          case Input.State _, Input.Past _ -> throw Input.misplaced(session, input);
        }
      }
      scoreShape.pinOnePerRow(outputs, scores, from, count);
      session.run(feeds, outputs);
    }
  }

  private static int rows(History history, ColumnSpec spec) {
    return spec.isHistory() ? history.events() : 1;
  }

  /** [batch, rows, row shape]. */
  private static long[] batched(ColumnSpec spec, int batch, int rows) {
    var shape = spec.shape(1, rows);
    shape[0] = batch;
    return shape;
  }

  /** [batch, 1, row shape] or [batch, row shape]. */
  private static long[] one(ColumnSpec spec, int batch) {
    return spec.leading() == 1 ? batched(spec, batch, 1) : spec.shape(0, batch);
  }

  private static MemorySegment lengths(Slabs.Slab slab, History history, int count) {
    var lengths = slab.take((long) count * Long.BYTES);
    for (int i = 0; i < count; i++) {
      lengths.setAtIndex(ValueLayout.JAVA_LONG, i, history.events());
    }
    return lengths;
  }

  private static long repeatedBytes(History history, Candidates candidates, int count) {
    long bytes = NativeMemory.aligned((long) count * Long.BYTES);
    for (var column : history.columns()) {
      bytes += NativeMemory.aligned(column.data().byteSize() * count);
    }
    for (var column : candidates.context()) {
      bytes += NativeMemory.aligned(column.data().byteSize() * count);
    }
    return bytes;
  }

  private static Column repeated(Column column, int count, Slabs.Slab slab) {
    if (column.dtype() == DType.STRING) {
      String[] once = column.strings();
      var strings = new String[once.length * count];
      for (int i = 0; i < count; i++) {
        System.arraycopy(once, 0, strings, i * once.length, once.length);
      }
      return Column.ofStrings(column.name(), column.rowShape(), strings);
    }
    long bytes = column.data().byteSize();
    var memory = slab.take(bytes * count);
    for (int i = 0; i < count; i++) {
      MemorySegment.copy(column.data(), 0, memory, i * bytes, bytes);
    }
    return Column.ofNumbers(column.name(), column.dtype(), column.rowShape(), memory);
  }

  @Override
  public void close() {
    session.close();
  }
}

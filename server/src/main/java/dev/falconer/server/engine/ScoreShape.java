package dev.falconer.server.engine;

import dev.falconer.server.domain.DType;
import dev.falconer.server.domain.ModelSpec;
import java.lang.foreign.MemorySegment;

/**
 * Shape of a graph's score output.
 *
 * @param rank 3 for [1, m, tasks], 2 for [m, tasks]
 */
record ScoreShape(String output, int rank, int tasks) {
  static ScoreShape of(Session session, ModelSpec spec) {
    int rank = session.outputRank(spec.scoreOutput());
    if (rank != 2 && rank != 3) {
      throw new GraphException(
          session.file()
              + ": output '"
              + spec.scoreOutput()
              + "' has "
              + rank
              + " axes, want [1, candidates, tasks] or [candidates, tasks]");
    }
    return new ScoreShape(spec.scoreOutput(), rank, spec.tasks().size());
  }

  /** Pins the output of [1, count, tasks] to its rows of all the scores. */
  void pin(Tensors outputs, MemorySegment scores, int from, int count) {
    pin(outputs, scores, from, count, new long[] {1, count, tasks});
  }

  /** Pins the output of [count, 1, tasks] to its rows of all the scores. */
  void pinOnePerRow(Tensors outputs, MemorySegment scores, int from, int count) {
    pin(outputs, scores, from, count, new long[] {count, 1, tasks});
  }

  private void pin(Tensors outputs, MemorySegment scores, int from, int count, long[] threeAxes) {
    long rowBytes = (long) tasks * Float.BYTES;
    outputs.add(
        output,
        DType.FLOAT32,
        scores.asSlice(from * rowBytes, count * rowBytes),
        rank == 3 ? threeAxes : new long[] {count, tasks});
  }
}

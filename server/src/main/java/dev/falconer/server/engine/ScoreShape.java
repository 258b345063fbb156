package dev.falconer.server.engine;

import dev.falconer.server.domain.DType;
import dev.falconer.server.domain.ModelSpec;
import java.lang.foreign.MemorySegment;

/**
 * Shape of a graph's score output.
 *
 * @param rank 3 for [1, m, tasks], 2 for [m, tasks], 1 for [m] and a single task
 */
record ScoreShape(String output, int rank, int tasks) {
  static ScoreShape of(Session session, ModelSpec spec) {
    int rank = session.outputRank(spec.scoreOutput());
    if (rank < 1 || rank > 3 || (rank == 1 && spec.tasks().size() > 1)) {
      throw new GraphException(
          session.file()
              + ": output '"
              + spec.scoreOutput()
              + "' has "
              + rank
              + " axes for tasks "
              + spec.tasks()
              + ", want [1, candidates, tasks], [candidates, tasks] or [candidates]");
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
        switch (rank) {
          case 1 -> new long[] {count};
          case 2 -> new long[] {count, tasks};
          default -> threeAxes;
        });
  }
}

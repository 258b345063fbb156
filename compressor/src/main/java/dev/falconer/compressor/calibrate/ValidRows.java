package dev.falconer.compressor.calibrate;

import dev.falconer.compressor.data.Batch;
import dev.falconer.compressor.data.Inputs;
import dev.falconer.compressor.onnx.NumericTensor;
import dev.falconer.compressor.onnx.TensorData;
import java.util.function.IntPredicate;

/**
 * Tells which rows of a value are real in a padded batch. A ranker's values are rows of [B, m]
 * candidates, of [B, n] events, or of [B, m, n] events with a candidate each; with n + 1 in place
 * of n the first is a learned token, always real. Rows of any other count are all real.
 */
final class ValidRows {
  private final int users;
  private final int events;
  private final int candidates;
  private final long[] length;
  private final float[] mask;

  ValidRows(Batch batch) {
    users = (int) batch.labels().shape().dim(0);
    candidates = (int) batch.labels().shape().dim(1);
    TensorData items = batch.inputs().get(Inputs.HISTORY_ITEM);
    events = items == null ? 0 : (int) items.shape().dim(1);
    length =
        batch.inputs().get(Inputs.HISTORY_LENGTH) instanceof NumericTensor lengths
            ? lengths.toLongs()
            : new long[users];
    mask = batch.labelMask().toFloats();
  }

  /**
   * Returns a test of row indices.
   *
   * @param rows number of rows of the value
   * @param isCandidateSide whether the value depends on candidates: decides where n = m
   */
  IntPredicate of(long rows, boolean isCandidateSide) {
    if (!isCandidateSide) {
      if (rows == (long) users * events) {
        return row -> isEvent(row / events, row % events);
      }
      if (rows == (long) users * (events + 1)) {
        return row -> isEvent(row / (events + 1), row % (events + 1) - 1);
      }
      return _ -> true;
    }
    if (rows == (long) users * candidates) {
      return this::isCandidate;
    }
    if (rows == (long) users * candidates * events) {
      return row -> isCandidate(row / events) && isEvent(row / events / candidates, row % events);
    }
    if (rows == (long) users * candidates * (events + 1)) {
      int keys = events + 1;
      return row -> isCandidate(row / keys) && isEvent(row / keys / candidates, row % keys - 1);
    }
    return _ -> true;
  }

  private boolean isEvent(int user, int event) {
    return event < length[user];
  }

  private boolean isCandidate(int candidate) {
    int tasks = mask.length / (users * candidates);
    for (int task = 0; task < tasks; task++) {
      if (mask[candidate * tasks + task] != 0) {
        return true;
      }
    }
    return false;
  }
}

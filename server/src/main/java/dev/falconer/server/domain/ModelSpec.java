package dev.falconer.server.domain;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * What a served model reads and gives.
 *
 * @param digest identity of the files served; part of the key of every state
 * @param growthReason why states don't grow; empty when they do
 * @param historyMin shortest history in events that the model can be run with
 * @param historyMax longest history in events; 0 when the model reads none
 * @param microBatch candidates per call of the candidate graph
 */
public record ModelSpec(
    String name,
    String version,
    String digest,
    List<ColumnSpec> columns,
    List<StateSpec> state,
    boolean canGrow,
    String growthReason,
    List<String> tasks,
    String scoreOutput,
    int historyMin,
    int historyMax,
    int microBatch) {
  /** Copies the lists and checks the rest. */
  public ModelSpec {
    columns = List.copyOf(columns);
    state = List.copyOf(state);
    tasks = List.copyOf(tasks);
    if (tasks.isEmpty()) {
      throw new IllegalArgumentException("no tasks");
    }
    if (microBatch < 1) {
      throw new IllegalArgumentException("micro_batch " + microBatch + ", not at least 1");
    }
    if (historyMin < 0 || historyMax < historyMin) {
      throw new IllegalArgumentException(
          "history_min " + historyMin + " and history_max " + historyMax + ", not 0 <= min <= max");
    }
  }

  /** Returns the spec with further tensors of the state, which have no past. */
  public ModelSpec withState(List<StateSpec> more) {
    var all = new ArrayList<>(state);
    all.addAll(more);
    return new ModelSpec(
        name,
        version,
        digest,
        columns,
        all,
        canGrow,
        growthReason,
        tasks,
        scoreOutput,
        historyMin,
        historyMax,
        microBatch);
  }

  /** Returns whether the model is split, so that a user state exists. */
  public boolean hasState() {
    return !state.isEmpty();
  }

  /** Returns whether rows of the whole graph are candidates: the user's columns too. */
  public boolean isRowWise() {
    return columns(Role.CANDIDATE).stream().allMatch(column -> column.leading() == 0);
  }

  /** Returns the columns of one role, in the model's order. */
  public List<ColumnSpec> columns(Role role) {
    return columns.stream().filter(column -> column.role() == role).toList();
  }

  /** Returns "feed version 3". */
  public String title() {
    return String.format(Locale.ROOT, "%s version %s", name, version);
  }

  /**
   * Returns the bytes of the longest request that the model takes with that many candidates,
   * framing included. Strings count {@code stringBytes} each.
   */
  public long fullRequestBytes(int candidates, int stringBytes) {
    long bytes = 1024;
    for (var column : columns) {
      long rows =
          switch (column.role()) {
            case CANDIDATE -> candidates;
            case USER -> column.isHistory() ? historyMax : 1;
            case CONTEXT -> 1;
            case LENGTH -> 0;
          };
      long row = column.dtype() == DType.STRING ? column.rowSize() * stringBytes : column.rowSize();
      bytes = Math.addExact(bytes, Math.addExact(Math.multiplyExact(rows, row), 64L));
    }
    // A bid and an item id per candidate.
    return Math.addExact(bytes, candidates * (4L + 10L));
  }
}

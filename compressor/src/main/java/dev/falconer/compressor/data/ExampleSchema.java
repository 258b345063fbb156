package dev.falconer.compressor.data;

import java.util.List;

/**
 * What a log holds, and so what a ranker for it reads and predicts.
 *
 * @param tasks names of the label columns, the first is the main one; at least one
 * @param stringIds whether item ids are strings; else int64
 * @param actions names of the actions of history events; code = index + 1, 0 is "unknown"
 * @param surfaces names of the surfaces; code = index + 1, 0 is "unknown"; empty when the log has
 *     none
 * @param categories names of item categories; code = index + 1, 0 is "unknown"; empty without a
 *     catalogue
 * @param candidateDense names of dense candidate features
 * @param contextDense names of dense request features
 * @param bid whether the log carries a bid per candidate
 */
public record ExampleSchema(
    List<String> tasks,
    boolean stringIds,
    List<String> actions,
    List<String> surfaces,
    List<String> categories,
    List<String> candidateDense,
    List<String> contextDense,
    boolean bid) {
  /** Copies the lists and checks that there is a task. */
  public ExampleSchema {
    tasks = List.copyOf(tasks);
    actions = List.copyOf(actions);
    surfaces = List.copyOf(surfaces);
    categories = List.copyOf(categories);
    candidateDense = List.copyOf(candidateDense);
    contextDense = List.copyOf(contextDense);
    if (tasks.isEmpty()) {
      throw new IllegalArgumentException("a log needs at least one label column");
    }
  }
}

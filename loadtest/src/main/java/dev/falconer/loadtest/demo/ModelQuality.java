package dev.falconer.loadtest.demo;

import com.fasterxml.jackson.databind.node.ObjectNode;

/**
 * One model's figures on the test slice, as {@code falconer evaluate --json} tells them: tasks to
 * {"auc", "auc_ci": [low, high], "ne", "calibration", "popularity_auc", ...}, the main task first.
 *
 * @param parameters number of weights
 * @param bytes of the files that are needed to run it
 * @param tasks figures by task
 */
record ModelQuality(long parameters, long bytes, Figures tasks) {
  /** Returns the main task. */
  String task() {
    return tasks.firstKey();
  }

  /** Returns a figure of the main task. */
  double main(String figure) {
    return tasks.get(task()).number(figure);
  }

  /** Returns an end of the main task's interval: 0 the low one, 1 the high one. */
  double interval(String figure, int end) {
    return tasks.get(task()).get(figure + "_ci").node().path(end).asDouble(Double.NaN);
  }

  /** Writes the main task's figures, and under "tasks" those of the others. */
  void write(ObjectNode into) {
    var main = tasks.get(task()).node();
    into.put("task", task());
    into.set("auc", main.get("auc"));
    into.set("auc_ci", main.get("auc_ci"));
    into.set("ne", main.get("ne"));
    into.set("ne_ci", main.get("ne_ci"));
    into.set("calibration", main.get("calibration"));
    into.put("parameters", parameters);
    into.put("bytes", bytes);
    var rest = into.putObject("tasks");
    tasks
        .node()
        .properties()
        .forEach(each -> {
          if (!each.getKey().equals(task())) {
            rest.set(each.getKey(), each.getValue());
          }
        });
  }
}

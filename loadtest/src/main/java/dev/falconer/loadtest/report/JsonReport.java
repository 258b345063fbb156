package dev.falconer.loadtest.report;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.falconer.loadtest.load.LoadResult;
import dev.falconer.loadtest.load.Measured;
import dev.falconer.loadtest.load.ModeResult;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Locale;

/** A load test's result as JSON: milliseconds, requests per second, microseconds by stage. */
public final class JsonReport {
  private static final ObjectMapper JSON =
      new ObjectMapper().enable(SerializationFeature.INDENT_OUTPUT);

  /** Where the percentile curve is read, in percent. */
  private static final double[] PERCENTILES = {
    0, 10, 25, 50, 60, 70, 75, 80, 85, 90, 92.5, 95, 97, 98, 99, 99.3, 99.5, 99.7, 99.9, 99.95,
    99.99
  };

  private JsonReport() {}

  /** Returns the report as JSON text. */
  public static String text(LoadResult result) {
    try {
      return JSON.writeValueAsString(tree(result));
    } catch (IOException impossible) {
      throw new UncheckedIOException(impossible);
    }
  }

  /** Returns the report as a tree. */
  static ObjectNode tree(LoadResult result) {
    var root = JSON.createObjectNode();
    root.put("target", result.target());
    root.put("model", result.model());
    root.put("version", result.version());
    root.put("machine", result.machine());
    root.put("started", result.started().toString());
    root.put("seconds", round(result.seconds()));
    var asked = result.scenario();
    var scenario = root.putObject("scenario");
    scenario.put("name", asked.name());
    scenario.put("users", asked.users());
    scenario.put("zipf_exponent", asked.zipfExponent());
    scenario.put("candidates", asked.candidates());
    scenario.put("growth_per_request", asked.growthPerRequest());
    scenario.put("history_low", result.historyLow());
    scenario.put("history_high", result.historyHigh());
    scenario.put("slo_p99_ms", asked.sloP99Millis());
    scenario.put("step_seconds", asked.stepSeconds());
    scenario.put("closed_loop_seconds", asked.closedLoopSeconds());
    scenario.put("warmup_seconds", asked.warmupSeconds());
    scenario.put("seed", asked.seed());
    var modes = root.putObject("modes");
    for (var mode : result.modes()) {
      modes.set(mode.mode().name().toLowerCase(Locale.ROOT), mode(mode));
    }
    return root;
  }

  private static ObjectNode mode(ModeResult result) {
    var node = JSON.createObjectNode();
    node.put("met", result.best().isPresent());
    node.put("highest_rate", result.best().map(Measured::rate).map(JsonReport::round).orElse(0.0));
    node.set("closed_loop", run(result.closed()));
    var steps = node.putArray("steps");
    result.steps().forEach(step -> steps.add(run(step)));
    return node;
  }

  private static ObjectNode run(Measured run) {
    var node = JSON.createObjectNode();
    node.put("rate", round(run.rate()));
    node.put("throughput", round(run.throughput()));
    node.put("sent", run.sent());
    node.put("answered", run.answered());
    node.put("met", run.met());
    node.put("complete", run.complete());
    if (run.answered() > 0) {
      node.put("p50_ms", round(run.millis(50)));
      node.put("p90_ms", round(run.millis(90)));
      node.put("p99_ms", round(run.millis(99)));
      node.put("max_ms", round(run.latency().getMaxValue() / 1e6));
      node.put("mean_ms", round(run.latency().getMean() / 1e6));
    }
    var errors = node.putObject("errors");
    run.errors().forEach(errors::put);
    var states = node.putObject("states");
    run.states().forEach(states::put);
    var stages = node.putObject("stages_us");
    stages.put("waiting", round(run.stages().waiting()));
    stages.put("network", round(run.stages().network()));
    stages.put("decode", round(run.stages().decode()));
    stages.put("state", round(run.stages().state()));
    stages.put("encode", round(run.stages().encode()));
    stages.put("score", round(run.stages().score()));
    stages.put("rest", round(run.stages().rest()));
    var curve = node.putArray("percentiles");
    for (double percentile : PERCENTILES) {
      // A percentile finer than one request says nothing that the maximum does not.
      if (run.answered() * (100 - percentile) >= 100) {
        curve.addArray().add(percentile).add(round(run.millis(percentile)));
      }
    }
    return node;
  }

  /** Rounds to five significant digits. */
  static double round(double value) {
    return Double.isFinite(value) && value != 0
        ? new java.math.BigDecimal(value).round(new java.math.MathContext(5)).doubleValue()
        : 0;
  }
}

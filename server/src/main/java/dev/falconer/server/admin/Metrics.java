package dev.falconer.server.admin;

import dev.falconer.server.domain.StateOutcome;
import dev.falconer.server.domain.Timings;
import dev.falconer.server.domain.VariantKey;
import io.prometheus.metrics.core.metrics.Counter;
import io.prometheus.metrics.core.metrics.CounterWithCallback;
import io.prometheus.metrics.core.metrics.Gauge;
import io.prometheus.metrics.core.metrics.GaugeWithCallback;
import io.prometheus.metrics.core.metrics.Histogram;
import io.prometheus.metrics.instrumentation.jvm.JvmMetrics;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import io.prometheus.metrics.model.snapshots.Unit;
import java.util.Map;
import java.util.Set;
import java.util.function.DoubleSupplier;

/** Every metric of the server. Times in seconds, sizes in bytes; labels are few and closed. */
public final class Metrics {
  /** From 50 us, faster than any answer, to 2.5 s, past any use. */
  private static final double[] SECONDS = {
    50e-6, 100e-6, 200e-6, 300e-6, 500e-6, 1e-3, 2e-3, 3e-3, 5e-3, 10e-3, 20e-3, 30e-3, 50e-3,
    100e-3, 200e-3, 500e-3, 1, 2.5
  };

  private final PrometheusRegistry registry = new PrometheusRegistry();

  private final Counter requests =
      Counter.builder()
          .name("falconer_requests_total")
          .help("Requests answered, by RPC and gRPC status.")
          .labelNames("rpc", "status")
          .register(registry);
  private final Histogram requestSeconds = seconds("request", "From the message to the answer.");
  private final Histogram queueSeconds =
      seconds("queue_delay", "From the message to a thread that works on it.");
  private final Histogram encodeSeconds =
      seconds("encode", "Encoding a history, where a request had to.");
  private final Histogram scoreSeconds = seconds("score", "Scoring a request's candidates.");
  private final Histogram candidates =
      Histogram.builder()
          .name("falconer_request_candidates")
          .help("Candidates per request.")
          .classicUpperBounds(1, 8, 32, 64, 128, 256, 512, 1024, 2048, 4096)
          .register(registry);
  private final Counter stateOutcomes =
      Counter.builder()
          .name("falconer_state_outcomes_total")
          .help("Requests by where their user state came from.")
          .labelNames("outcome")
          .register(registry);
  private final Gauge modelInfo =
      Gauge.builder()
          .name("falconer_model_info")
          .help("1 for each model version that is served, with its variant and what computes it.")
          .labelNames("model", "version", "variant", "execution")
          .register(registry);
  private final Gauge variantSpeedup =
      Gauge.builder()
          .name("falconer_variant_speedup")
          .help(
              "Time of the plain variant over a variant's, as measured on a machine like this one.")
          .labelNames("model", "version", "variant", "execution")
          .register(registry);
  private final Counter loads =
      Counter.builder()
          .name("falconer_model_loads_total")
          .help("Model versions that were to be served, by whether they are.")
          .labelNames("result")
          .register(registry);

  /** Registers them, and those of the JVM. */
  public Metrics() {
    JvmMetrics.builder().register(registry);
    for (var outcome : StateOutcome.values()) {
      stateOutcomes.initLabelValues(outcome.name());
    }
  }

  /** What a scrape asks for when it comes. */
  public record Gauges(
      DoubleSupplier stateBytes,
      DoubleSupplier stateEntries,
      DoubleSupplier stateEvictions,
      DoubleSupplier stateNativeBytes,
      DoubleSupplier inFlight) {}

  /** Registers what is asked for by a scrape. */
  public void watch(Gauges gauges) {
    gauge("falconer_state_cache_bytes", "Bytes of the user states kept.", gauges.stateBytes());
    gauge("falconer_state_cache_entries", "User states kept.", gauges.stateEntries());
    gauge(
        "falconer_state_native_bytes",
        "Native memory of user states, those on loan included.",
        gauges.stateNativeBytes());
    gauge("falconer_requests_in_flight", "Requests queued or running.", gauges.inFlight());
    CounterWithCallback.builder()
        .name("falconer_state_evictions_total")
        .help("User states dropped for their age or for room.")
        .callback(callback -> callback.call(gauges.stateEvictions().getAsDouble()))
        .register(registry);
  }

  private void gauge(String name, String help, DoubleSupplier value) {
    GaugeWithCallback.builder()
        .name(name)
        .help(help)
        .callback(callback -> callback.call(value.getAsDouble()))
        .register(registry);
  }

  private Histogram seconds(String name, String help) {
    return Histogram.builder()
        .name("falconer_" + name + "_seconds")
        .unit(Unit.SECONDS)
        .help(help)
        .classicUpperBounds(SECONDS)
        .register(registry);
  }

  /** Counts an answer. */
  public void answered(String rpc, String status, long nanos) {
    requests.labelValues(rpc, status).inc();
    requestSeconds.observe(nanos * 1e-9);
  }

  /** Counts the wait for a thread. */
  public void queued(long nanos) {
    queueSeconds.observe(nanos * 1e-9);
  }

  /** Counts where the state came from and what its encoding took. */
  public void state(StateOutcome outcome, Timings timings) {
    stateOutcomes.labelValues(outcome.name()).inc();
    if (timings.encodeNanos() > 0) {
      encodeSeconds.observe(timings.encodeNanos() * 1e-9);
    }
  }

  /** Counts a scored request. */
  public void scored(int count, Timings timings) {
    candidates.observe(count);
    scoreSeconds.observe(timings.scoreNanos() * 1e-9);
  }

  /** Notes that a version is served, and how much faster than the plain one variants were. */
  public void served(
      String model, String version, VariantKey served, Map<VariantKey, Double> speedups) {
    modelInfo.labelValues(labels(model, version, served)).set(1);
    speedups.forEach(
        (key, speedup) -> variantSpeedup.labelValues(labels(model, version, key)).set(speedup));
    loads.labelValues("served").inc();
  }

  /** Notes that a version is no longer served. */
  public void replaced(String model, String version, VariantKey served, Set<VariantKey> measured) {
    modelInfo.remove(labels(model, version, served));
    measured.forEach(key -> variantSpeedup.remove(labels(model, version, key)));
  }

  private static String[] labels(String model, String version, VariantKey key) {
    return new String[] {model, version, key.variant(), key.by().label()};
  }

  /** Notes that a version was refused. */
  public void refused() {
    loads.labelValues("refused").inc();
  }

  PrometheusRegistry registry() {
    return registry;
  }
}

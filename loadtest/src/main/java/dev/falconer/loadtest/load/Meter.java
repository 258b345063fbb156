package dev.falconer.loadtest.load;

import dev.falconer.client.Ranking;
import dev.falconer.client.RankingException;
import java.util.EnumMap;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.atomic.LongAdder;
import org.HdrHistogram.ConcurrentHistogram;
import org.HdrHistogram.Histogram;

/** Collects one run's answers; safe for many threads. */
final class Meter {
  private static final long LOWEST_NANOS = 1_000;
  private static final long HIGHEST_NANOS = 120_000_000_000L;
  private static final int DIGITS = 3;

  private final long objectiveNanos;
  private final Histogram latency = new ConcurrentHistogram(LOWEST_NANOS, HIGHEST_NANOS, DIGITS);
  private final LongAdder within = new LongAdder();
  private final LongAdder missed = new LongAdder();
  private final Map<String, LongAdder> errors = new java.util.concurrent.ConcurrentHashMap<>();
  private final Map<Ranking.State, LongAdder> states = new EnumMap<>(Ranking.State.class);
  private final LongAdder waiting = new LongAdder();
  private final LongAdder network = new LongAdder();
  private final LongAdder decode = new LongAdder();
  private final LongAdder state = new LongAdder();
  private final LongAdder encode = new LongAdder();
  private final LongAdder score = new LongAdder();
  private final LongAdder rest = new LongAdder();

  Meter(double objectiveMillis) {
    this.objectiveNanos = Math.round(objectiveMillis * 1e6);
    for (var each : Ranking.State.values()) {
      states.put(each, new LongAdder());
    }
  }

  /** Records an answer. Times are {@code System.nanoTime()}. */
  void answered(Ranking ranking, long intended, long sent, long received) {
    long nanos = Math.max(0, received - intended);
    latency.recordValue(Math.min(nanos, HIGHEST_NANOS));
    (nanos <= objectiveNanos ? within : missed).increment();
    counter(ranking.state()).increment();
    var micros = ranking.micros();
    waiting.add((sent - intended) / 1_000);
    network.add((received - sent) / 1_000 - micros.total());
    decode.add(micros.decode());
    state.add(micros.state() - micros.encode());
    encode.add(micros.encode());
    score.add(micros.score());
    rest.add(micros.total() - micros.decode() - micros.state() - micros.score());
  }

  /** Records a request that got no answer. */
  void failed(Throwable failure) {
    var cause = failure.getCause() == null ? failure : failure.getCause();
    var name =
        failure instanceof RankingException direct
            ? direct.code().name()
            : cause instanceof RankingException wrapped
                ? wrapped.code().name()
                : failure.getClass().getSimpleName();
    errors.computeIfAbsent(name, _ -> new LongAdder()).increment();
    missed.increment();
  }

  /** Returns how many requests missed the objective so far. */
  long missed() {
    return missed.sum();
  }

  /** Returns the run's result. */
  Measured measured(double rate, double seconds, long sent, boolean complete) {
    long answers = Math.max(1, latency.getTotalCount());
    var counts = new TreeMap<String, Long>();
    states.forEach((each, count) -> {
      if (count.sum() > 0) {
        counts.put(each.name(), count.sum());
      }
    });
    var failures = new TreeMap<String, Long>();
    errors.forEach((status, count) -> failures.put(status, count.sum()));
    return new Measured(
        rate,
        seconds,
        sent,
        latency.copy(),
        within.sum(),
        failures,
        counts,
        new Stages(
            mean(waiting, answers),
            mean(network, answers),
            mean(decode, answers),
            mean(state, answers),
            mean(encode, answers),
            mean(score, answers),
            mean(rest, answers)),
        complete);
  }

  private LongAdder counter(Ranking.State outcome) {
    var counter = states.get(outcome);
    if (counter == null) {
      throw new IllegalStateException("no counter for " + outcome);
    }
    return counter;
  }

  private static double mean(LongAdder sum, long count) {
    return (double) sum.sum() / count;
  }
}

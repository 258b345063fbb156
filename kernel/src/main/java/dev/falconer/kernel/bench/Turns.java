package dev.falconer.kernel.bench;

import ai.onnxruntime.OrtException;
import com.sun.management.ThreadMXBean;
import dev.falconer.kernel.bench.TurnBenchmark.Time;
import dev.falconer.kernel.bench.TurnBenchmark.Turn;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.LongSupplier;

/**
 * Lets subjects take turns, round after round, so that a busy moment of the machine hits all.
 *
 * @param rounds at least 1; the median counts
 * @param clock in nanoseconds
 */
record Turns(int rounds, LongSupplier clock) {
  /** Nanoseconds that a turn takes at least. */
  private static final long TURN = 400_000;

  /** Nanoseconds of calls before, at least and at most. */
  private static final long WARM = 30_000_000;

  private static final long PATIENCE = 5_000_000_000L;

  private static final int WARM_CALLS = 20;

  /** More than a call allocates whose kernel is compiled. */
  private static final long CALL_BYTES = 4096;

  /**
   * What turns came to.
   *
   * @param nanos CPU time of a call of each subject
   * @param waited share of all turns' time in which their thread had no core
   */
  record Medians(List<Double> nanos, double waited) {
    /** Copies the list. */
    Medians {
      nanos = List.copyOf(nanos);
    }
  }

  /** Returns the medians of subjects. */
  Medians medians(List<Call> subjects) throws OrtException {
    var turns = new ArrayList<Turn>();
    for (Call subject : subjects) {
      turns.add(turn(subject));
    }
    var order = new ArrayList<Turn>();
    for (int round = 0; round < rounds; round++) {
      // Every other round backwards: what stands behind a pause takes longer.
      order.addAll(round % 2 == 0 ? turns : turns.reversed());
    }
    List<Time> times = TurnBenchmark.times(order);
    int count = turns.size();
    var medians = new ArrayList<Double>();
    for (int i = 0; i < count; i++) {
      var own = new double[rounds];
      for (int round = 0; round < rounds; round++) {
        int turn = round * count + (round % 2 == 0 ? i : count - 1 - i);
        own[round] = times.get(turn).cpuNanos();
      }
      medians.add(median(own));
    }
    return new Medians(medians, waited(order, times));
  }

  private static double waited(List<Turn> order, List<Time> times) {
    double wall = 0;
    double cpu = 0;
    for (int i = 0; i < order.size(); i++) {
      wall += times.get(i).wallNanos() * order.get(i).calls();
      cpu += times.get(i).cpuNanos() * order.get(i).calls();
    }
    return Math.max(0, 1 - cpu / wall);
  }

  /** Warms a subject up and returns its turn. */
  private Turn turn(Call subject) throws OrtException {
    warm(subject);
    long start = clock.getAsLong();
    for (int call = 0; call < WARM_CALLS; call++) {
      subject.run();
    }
    long each = (clock.getAsLong() - start) / WARM_CALLS;
    return new Turn(subject, (int) Math.max(1, TURN / Math.max(1, each)));
  }

  /** Calls until Java's kernels are compiled: before, they make objects of their vectors. */
  private void warm(Call subject) throws OrtException {
    var threads = ManagementFactory.getPlatformMXBean(ThreadMXBean.class);
    long start = clock.getAsLong();
    long allocated;
    do {
      long before = threads.getCurrentThreadAllocatedBytes();
      for (int call = 0; call < WARM_CALLS; call++) {
        subject.run();
      }
      allocated = threads.getCurrentThreadAllocatedBytes() - before;
    } while (clock.getAsLong() - start < WARM
        || (allocated > WARM_CALLS * CALL_BYTES && clock.getAsLong() - start < PATIENCE));
  }

  /** Returns the median of at least one value. */
  static double median(double[] values) {
    double[] sorted = values.clone();
    Arrays.sort(sorted);
    int middle = sorted.length / 2;
    return sorted.length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
  }
}

package dev.falconer.kernel.bench;

import ai.onnxruntime.OrtException;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLongArray;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.results.IterationResult;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.options.OptionsBuilder;
import org.openjdk.jmh.runner.options.VerboseMode;

/**
 * Times turns of several subjects by JMH, in this process and on one thread, an iteration a turn: a
 * fork for each subject would not let them take turns. One caller at a time.
 *
 * <p>The thread's CPU time is taken as well: where others want the cores, a call that is longer
 * than the system lets a thread run waits in most turns, and a short one in few.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.SingleShotTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class TurnBenchmark {
  /** JMH makes the benchmark's object itself, so what to time can only wait in a static. */
  private static volatile List<Turn> turns = List.of();

  /** CPU nanoseconds of each turn. */
  private static volatile AtomicLongArray cpuNanos = new AtomicLongArray(0);

  private final ThreadMXBean threads = ManagementFactory.getThreadMXBean();
  private int next;

  /**
   * Consecutive calls of a subject.
   *
   * @param calls at least 1
   */
  record Turn(Call call, int calls) {}

  /**
   * What a call took.
   *
   * @param wallNanos from start to end, waiting for a core included
   * @param cpuNanos of the thread alone, which does all the work
   */
  record Time(double wallNanos, double cpuNanos) {}

  /** Calls the subject whose turn is next, so that its data is near. Public for JMH. */
  @Setup(Level.Iteration)
  public void approach() throws OrtException {
    turns.get(next).call.run();
  }

  /** Does a turn. Public for JMH. */
  @Benchmark
  public int turn() throws OrtException {
    Turn turn = turns.get(next);
    long start = threads.getCurrentThreadCpuTime();
    for (int i = 0; i < turn.calls; i++) {
      turn.call.run();
    }
    cpuNanos.set(next++, threads.getCurrentThreadCpuTime() - start);
    return next;
  }

  /** Returns the time of a call in each turn, in their order. */
  static List<Time> times(List<Turn> order) {
    turns = List.copyOf(order);
    cpuNanos = new AtomicLongArray(order.size());
    var options =
        new OptionsBuilder()
            .include("^" + TurnBenchmark.class.getName().replace(".", "\\.") + "\\.turn$")
            .forks(0)
            .threads(1)
            .warmupIterations(0)
            .measurementIterations(order.size())
            .shouldFailOnError(true)
            .verbosity(VerboseMode.SILENT)
            .build();
    try {
      List<IterationResult> results =
          new Runner(options)
              .runSingle().getBenchmarkResults().stream()
                  .flatMap(fork -> fork.getIterationResults().stream())
                  .toList();
      var times = new ArrayList<Time>();
      for (int i = 0; i < order.size(); i++) {
        int calls = order.get(i).calls;
        double wall = results.get(i).getPrimaryResult().getScore();
        times.add(new Time(wall / calls, (double) cpuNanos.get(i) / calls));
      }
      return times;
    } catch (RunnerException e) {
      throw new IllegalStateException("the benchmark failed: " + e.getMessage(), e);
    }
  }
}

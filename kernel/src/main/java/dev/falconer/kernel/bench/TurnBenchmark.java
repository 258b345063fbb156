package dev.falconer.kernel.bench;

import ai.onnxruntime.OrtException;
import java.util.List;
import java.util.concurrent.TimeUnit;
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
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.SingleShotTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class TurnBenchmark {
  /** JMH makes the benchmark's object itself, so what to time can only wait in a static. */
  private static volatile List<Turn> turns = List.of();

  private int next;

  /**
   * Consecutive calls of a subject.
   *
   * @param calls at least 1
   */
  record Turn(Call call, int calls) {}

  /** Calls the subject whose turn is next, so that its data is near. Public for JMH. */
  @Setup(Level.Iteration)
  public void approach() throws OrtException {
    turns.get(next).call.run();
  }

  /** Does a turn. Public for JMH. */
  @Benchmark
  public int turn() throws OrtException {
    Turn turn = turns.get(next++);
    for (int i = 0; i < turn.calls; i++) {
      turn.call.run();
    }
    return next;
  }

  /** Returns the nanoseconds of a call in each turn, in their order. */
  static double[] nanos(List<Turn> order) {
    turns = List.copyOf(order);
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
      double[] nanos =
          new Runner(options)
              .runSingle().getBenchmarkResults().stream()
                  .flatMap(fork -> fork.getIterationResults().stream())
                  .map(IterationResult::getPrimaryResult)
                  .mapToDouble(result -> result.getScore())
                  .toArray();
      for (int i = 0; i < nanos.length; i++) {
        nanos[i] /= order.get(i).calls;
      }
      return nanos;
    } catch (RunnerException e) {
      throw new IllegalStateException("the benchmark failed: " + e.getMessage(), e);
    }
  }
}

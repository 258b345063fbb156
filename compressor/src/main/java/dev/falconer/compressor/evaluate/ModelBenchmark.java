package dev.falconer.compressor.evaluate;

import ai.onnxruntime.OrtException;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.results.BenchmarkResult;
import org.openjdk.jmh.results.IterationResult;
import org.openjdk.jmh.results.RunResult;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.options.OptionsBuilder;
import org.openjdk.jmh.runner.options.VerboseMode;

/**
 * Times one call by JMH, in this process: a fork would be started with its class path on the
 * command line, whose length ONNX Runtime does not survive. One caller at a time.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.SingleShotTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
public class ModelBenchmark {
  /** JMH makes the benchmark's object itself, so what to time can only wait in a static. */
  private static volatile Call current = () -> 0;

  /** A piece of work. */
  interface Call {
    /** Works and returns something that depends on it. */
    Object run() throws OrtException;
  }

  /** CPU nanoseconds of the calls since it was set, warm-up included. */
  private static volatile List<Long> cpuNanos = new CopyOnWriteArrayList<>();

  /**
   * What a call took.
   *
   * @param wallMillis from start to end, waiting for a core included
   * @param cpuMillis of the calling thread alone, which does all the work
   */
  public record Time(double wallMillis, double cpuMillis) {}

  /** Does the current call. Public for JMH. */
  @Benchmark
  public Object call() throws OrtException {
    ThreadMXBean threads = ManagementFactory.getThreadMXBean();
    long start = threads.getCurrentThreadCpuTime();
    Object result = current.run();
    cpuNanos.add(threads.getCurrentThreadCpuTime() - start);
    return result;
  }

  /** Returns the times of {@code count} calls, after {@code warmUp} untimed ones. */
  static List<Time> times(Call call, int warmUp, int count) {
    current = call;
    cpuNanos = new CopyOnWriteArrayList<>();
    // Two processes may measure on one machine; JMH would refuse the second.
    System.setProperty("jmh.ignoreLock", "true");
    var options =
        new OptionsBuilder()
            .include("^" + ModelBenchmark.class.getName().replace(".", "\\.") + "\\.call$")
            .forks(0)
            .threads(1)
            .warmupIterations(warmUp)
            .measurementIterations(count)
            .shouldFailOnError(true)
            .verbosity(VerboseMode.SILENT)
            .build();
    try {
      RunResult result = new Runner(options).runSingle();
      var times = new ArrayList<Time>();
      for (BenchmarkResult fork : result.getBenchmarkResults()) {
        for (IterationResult iteration : fork.getIterationResults()) {
          double cpu = cpuNanos.get(warmUp + times.size()) / 1e6;
          times.add(new Time(iteration.getPrimaryResult().getScore() / 1000, cpu));
        }
      }
      return times;
    } catch (RunnerException e) {
      throw new IllegalStateException("the benchmark failed: " + e.getMessage(), e);
    }
  }
}

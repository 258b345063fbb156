package dev.falconer.kernel.bench;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import com.sun.management.ThreadMXBean;
import dev.falconer.kernel.Execution;
import dev.falconer.kernel.MatMul;
import dev.falconer.kernel.Operators;
import dev.falconer.kernel.SparseMatMul;
import dev.falconer.packed.Layout;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.function.LongSupplier;

/**
 * Times products of one node in ONNX Runtime's graphs, one thread, turn by turn: its own in float32
 * and in int8, and the operator on packed weights by every execution. The same zeros in all.
 *
 * @param executions by name
 * @param rounds of turns; the median counts
 * @param clock in nanoseconds
 */
public record KernelBench(Map<String, MatMul> executions, int rounds, LongSupplier clock) {
  /** Nanoseconds that a turn takes at least. */
  private static final long TURN = 400_000;

  /** Nanoseconds of calls before, at least and at most. */
  private static final long WARM = 30_000_000;

  private static final long PATIENCE = 5_000_000_000L;

  private static final int WARM_CALLS = 20;

  /** More than a call allocates whose kernel is compiled. */
  private static final long CALL_BYTES = 4096;

  private static final long SEED = 1;
  private static final String BASE = "float32 dense, ONNX Runtime";

  /** Copies the map. */
  public KernelBench {
    executions = java.util.Collections.unmodifiableMap(new LinkedHashMap<>(executions));
  }

  /**
   * A product's shape.
   *
   * @param m rows
   * @param k inputs
   * @param n outputs
   */
  public record Shape(int m, int k, int n) {}

  /**
   * A form's time on a shape.
   *
   * @param form type, layout and density, and by what
   * @param micros median of a call
   * @param speedup over ONNX Runtime's float32 product
   */
  public record Result(Shape shape, String form, double micros, double speedup) {}

  /** Hears of results as they come. */
  public interface Listener {
    /** Takes the results of a shape. */
    void done(List<Result> results);
  }

  /** Measures shapes one after the other. */
  public List<Result> run(List<Shape> shapes, Listener listener) {
    var operators = new HashMap<MatMul, Operators>();
    executions
        .values()
        .forEach(matMul ->
            operators.put(matMul, new Operators(List.of(SparseMatMul.by(Execution.of(matMul))))));
    var all = new ArrayList<Result>();
    for (Shape shape : shapes) {
      List<Result> results = measured(shape, operators);
      all.addAll(results);
      listener.done(results);
    }
    return List.copyOf(all);
  }

  private record Form(String name, Weights weights, int activationLevels) {
    boolean isInt8() {
      return activationLevels > 0;
    }
  }

  private static List<Form> forms() {
    var forms = new ArrayList<Form>();
    for (double density : new double[] {.5, .25, .125}) {
      forms.add(new Form("float32 panel16 " + density, new Weights(Layout.PANEL16, density), 0));
    }
    for (int kept : new int[] {8, 4, 2}) {
      forms.add(new Form("float32 " + kept + ":16", new Weights(Layout.PERMUTE16, kept / 16.), 0));
    }
    forms.add(new Form("float32 dense", new Weights(Layout.DENSE, 1), 0));
    forms.add(new Form("int8 dense", new Weights(Layout.DENSE, 1), 127));
    forms.add(new Form("int8 panel16 0.25", new Weights(Layout.PANEL16, .25), 127));
    forms.add(new Form("int8 panel16x4 0.25", new Weights(Layout.PANEL16X4, .25), 127));
    forms.add(new Form("int8 4:16", new Weights(Layout.PERMUTE16, .25), 127));
    return forms;
  }

  private List<Result> measured(Shape shape, Map<MatMul, Operators> operators) {
    var random = new Random(SEED);
    try (var subjects = new Subjects(shape, random)) {
      float[] dense = new Weights(Layout.DENSE, 1).random(shape.k, shape.n, random);
      subjects.add(BASE, ProductModel.dense(shape.k, shape.n, dense), Optional.empty());
      subjects.add(
          "int8 dense, ONNX Runtime",
          ProductModel.integers(shape.k, shape.n, dense, subjects.most()),
          Optional.empty());
      for (Form form : forms()) {
        float[] weight = form.weights.random(shape.k, shape.n, random);
        byte[] packed =
            form.isInt8()
                ? form.weights.levels(shape.k, shape.n, weight, form.activationLevels)
                : form.weights.floats(shape.k, shape.n, weight);
        for (var execution : executions.entrySet()) {
          if (execution.getValue().has(form.weights.layout(), form.isInt8())) {
            subjects.add(
                form.name + ", " + execution.getKey(),
                ProductModel.packed(shape.k, shape.n, packed),
                Optional.ofNullable(operators.get(execution.getValue())));
            subjects.check(weight, form.isInt8() ? .1 : 1e-5);
          }
        }
      }
      return subjects.timed();
    } catch (OrtException e) {
      throw new IllegalStateException(shape + ": " + e.getMessage(), e);
    }
  }

  /** Opened models that multiply the same rows. */
  private final class Subjects implements AutoCloseable {
    private final OrtEnvironment environment = OrtEnvironment.getEnvironment();
    private final Shape shape;
    private final Map<String, OrtSession> sessions = new LinkedHashMap<>();
    private final float[] rows;
    private final OnnxTensor x;
    private final OnnxTensor y;
    private final FloatBuffer results;

    Subjects(Shape shape, Random random) throws OrtException {
      this.shape = shape;
      rows = new float[shape.m * shape.k];
      for (int i = 0; i < rows.length; i++) {
        rows[i] = (float) random.nextGaussian();
      }
      FloatBuffer from = direct(rows.length).put(rows).rewind();
      results = direct(shape.m * shape.n);
      x = OnnxTensor.createTensor(environment, from, new long[] {shape.m, shape.k});
      y = OnnxTensor.createTensor(environment, results, new long[] {shape.m, shape.n});
    }

    private static FloatBuffer direct(int length) {
      return ByteBuffer.allocateDirect(Float.BYTES * length)
          .order(ByteOrder.nativeOrder())
          .asFloatBuffer();
    }

    float most() {
      float most = 0;
      for (float value : rows) {
        most = Math.max(most, Math.abs(value));
      }
      return most;
    }

    void add(String name, byte[] model, Optional<Operators> operators) throws OrtException {
      try (var options = new OrtSession.SessionOptions()) {
        options.setIntraOpNumThreads(1);
        options.setInterOpNumThreads(1);
        operators.ifPresent(own -> own.addTo(options));
        sessions.put(name, environment.createSession(model, options));
      }
    }

    /** Checks the results of the last model added against a product in double precision. */
    void check(float[] weight, double tolerance) throws OrtException {
      String name = "";
      for (String each : sessions.keySet()) {
        name = each;
      }
      call(java.util.Objects.requireNonNull(sessions.get(name)));
      double error = 0;
      double all = 0;
      for (int r = 0; r < shape.m; r += 1 + shape.m / 4) {
        for (int o = 0; o < shape.n; o++) {
          double sum = 0;
          for (int i = 0; i < shape.k; i++) {
            sum += (double) rows[r * shape.k + i] * weight[o * shape.k + i];
          }
          error += Math.pow(sum - results.get(r * shape.n + o), 2);
          all += sum * sum;
        }
      }
      if (!(Math.sqrt(error / all) < tolerance)) {
        throw new IllegalStateException(
            "%s, %s: relative error %s".formatted(shape, name, Math.sqrt(error / all)));
      }
    }

    private void call(OrtSession session) throws OrtException {
      session.run(Map.of("x", x), Map.of("y", y)).close();
    }

    /** Calls until Java's kernels are compiled: before, they make objects of their vectors. */
    private void warm(OrtSession session) throws OrtException {
      var threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
      long start = clock.getAsLong();
      long allocated;
      do {
        long before = threads.getCurrentThreadAllocatedBytes();
        for (int call = 0; call < WARM_CALLS; call++) {
          call(session);
        }
        allocated = threads.getCurrentThreadAllocatedBytes() - before;
      } while (clock.getAsLong() - start < WARM
          || (allocated > WARM_CALLS * CALL_BYTES && clock.getAsLong() - start < PATIENCE));
    }

    List<Result> timed() throws OrtException {
      var names = new ArrayList<>(sessions.keySet());
      var repeats = new int[names.size()];
      for (int i = 0; i < repeats.length; i++) {
        OrtSession session = java.util.Objects.requireNonNull(sessions.get(names.get(i)));
        warm(session);
        long start = clock.getAsLong();
        for (int call = 0; call < WARM_CALLS; call++) {
          call(session);
        }
        long each = (clock.getAsLong() - start) / WARM_CALLS;
        repeats[i] = (int) Math.max(1, TURN / Math.max(1, each));
      }
      var times = new double[names.size()][rounds];
      for (int round = 0; round < rounds; round++) {
        for (int turn = 0; turn < repeats.length; turn++) {
          // Every other round backwards: what stands behind a pause takes longer.
          int i = round % 2 == 0 ? turn : repeats.length - 1 - turn;
          OrtSession session = java.util.Objects.requireNonNull(sessions.get(names.get(i)));
          long start = clock.getAsLong();
          for (int call = 0; call < repeats[i]; call++) {
            call(session);
          }
          times[i][round] = (clock.getAsLong() - start) / 1e3 / repeats[i];
        }
      }
      var results = new ArrayList<Result>();
      double base = median(times[0]);
      for (int i = 0; i < times.length; i++) {
        double micros = median(times[i]);
        results.add(new Result(shape, names.get(i), micros, base / micros));
      }
      return results;
    }

    @Override
    public void close() throws OrtException {
      for (OrtSession session : sessions.values()) {
        session.close();
      }
      x.close();
      y.close();
    }
  }

  static double median(double[] values) {
    double[] sorted = values.clone();
    Arrays.sort(sorted);
    return sorted[sorted.length / 2];
  }
}

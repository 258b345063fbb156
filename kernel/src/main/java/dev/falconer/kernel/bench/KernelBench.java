package dev.falconer.kernel.bench;

import ai.onnxruntime.OrtException;
import dev.falconer.kernel.Execution;
import dev.falconer.kernel.MatMul;
import dev.falconer.kernel.NativeKernels;
import dev.falconer.kernel.Operators;
import dev.falconer.kernel.PackedMatrix;
import dev.falconer.kernel.SparseMatMul;
import dev.falconer.kernel.VectorMatMul;
import dev.falconer.kernel.bench.Peaks.Peak;
import dev.falconer.kernel.bench.Turns.Medians;
import dev.falconer.packed.PackedHeader;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;

/**
 * Times products of one node in ONNX Runtime's graphs, one thread, turn by turn: its own in float32
 * and in int8, the operator on packed weights of a family, and the peaks of the processor. Every
 * form's first result is checked against a product in double precision.
 */
final class KernelBench {
  private static final long SEED = 1;

  /** Largest relative errors in float32 and int8. */
  private static final double FLOAT_ERROR = 1e-5;

  private static final double INT8_ERROR = .1;

  /** Sizes of a product for warming up: interpreted, a larger one takes long. */
  private static final int SMALL = 32;

  private static final Duration PATIENCE = Duration.ofMinutes(1);

  /** Calls after which Java's compiler has taken up all that a call passes through. */
  private static final int CALLS = 20_000;

  private final Family family;
  private final NativeKernels kernels;
  private final Optional<? extends MatMul> execution;
  private final Optional<Operators> operators;
  private final Turns turns;

  /** Makes the benchmark and warms it up. */
  KernelBench(Family family, NativeKernels kernels, Turns turns) {
    this.family = family;
    this.kernels = kernels;
    this.turns = turns;
    execution = family.execution(kernels);
    operators = execution.map(own -> new Operators(List.of(SparseMatMul.by(Execution.of(own)))));
    if (execution.isPresent()) {
      Form form = family.forms().getFirst();
      var random = new Random(SEED);
      byte[] packed = form.packed(SMALL, SMALL, form.weights().random(SMALL, SMALL, random));
      if (execution.get() instanceof VectorMatMul vectors) {
        compile(vectors, packed);
      }
      try (var products = new Products(new Shape(SMALL, SMALL, SMALL), random)) {
        Call call = products.open(ProductModel.packed(SMALL, SMALL, packed), operators);
        for (int i = 0; i < CALLS; i++) {
          call.run();
        }
      } catch (OrtException e) {
        throw new IllegalStateException(family + ": " + e.getMessage(), e);
      }
    }
  }

  /** Has Java's kernels compiled, each alone. */
  private void compile(VectorMatMul vectors, byte[] packed) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment bytes = arena.allocate(packed.length, PackedHeader.BYTES);
      MemorySegment.copy(packed, 0, bytes, ValueLayout.JAVA_BYTE, 0, packed.length);
      if (!vectors.warmUp(PackedMatrix.at(bytes.address(), packed.length), SMALL, PATIENCE)) {
        throw new IllegalStateException(
            "%s: not compiled in %d s. Is the machine busy, or the compiler off?"
                .formatted(family, PATIENCE.toSeconds()));
      }
    }
  }

  /**
   * A form that takes turns.
   *
   * @param kept share of the weights that are not 0
   */
  private record Subject(String form, String by, boolean isInt8, double kept, Call call) {}

  /** Measures a shape. ONNX Runtime's own products are results of the native family alone. */
  List<Result> run(Shape shape) {
    var random = new Random(SEED);
    try (var products = new Products(shape, random);
        Peaks peaks = Peaks.open(kernels)) {
      List<Subject> subjects = subjects(shape, products, random);
      return results(shape, subjects, peaks);
    } catch (OrtException e) {
      throw new IllegalStateException(shape + ": " + e.getMessage(), e);
    }
  }

  private List<Subject> subjects(Shape shape, Products products, Random random)
      throws OrtException {
    int k = shape.k();
    int n = shape.n();
    var subjects = new ArrayList<Subject>();
    float[] dense = Weights.dense().random(k, n, random);
    Call base = products.open(ProductModel.dense(k, n, dense), Optional.empty());
    subjects.add(new Subject(Result.BASE, Result.RUNTIME, false, 1, base));
    if (family == Family.NATIVE) {
      byte[] model = ProductModel.integers(k, n, dense, products.most());
      Call int8 = products.open(model, Optional.empty());
      subjects.add(new Subject(Result.INT8_BASE, Result.RUNTIME, true, 1, int8));
    }
    if (execution.isPresent()) {
      for (Form form : family.forms()) {
        float[] weight = form.weights().random(k, n, random);
        Call call = products.open(ProductModel.packed(k, n, form.packed(k, n, weight)), operators);
        double error = products.error(call, weight);
        if (!(error < (form.isInt8() ? INT8_ERROR : FLOAT_ERROR))) {
          throw new IllegalStateException(
              "%s, %s by %s: relative error %s".formatted(shape, form, execution.get(), error));
        }
        String by = execution.get().toString();
        subjects.add(new Subject(form.name(), by, form.isInt8(), Weights.kept(weight), call));
      }
    }
    return subjects;
  }

  private List<Result> results(Shape shape, List<Subject> subjects, Peaks peaks)
      throws OrtException {
    var calls = new ArrayList<Call>();
    subjects.forEach(subject -> calls.add(subject.call));
    calls.add(peaks.float32().call());
    peaks.int8().ifPresent(peak -> calls.add(peak.call()));
    Medians medians = turns.medians(calls);
    List<Double> nanos = medians.nanos();
    double float32 = peaks.float32().operations() / nanos.get(subjects.size());
    double int8 = peaks.int8().map(Peak::operations).map(each -> each / nanos.getLast()).orElse(0.);
    var results = new ArrayList<Result>();
    for (int i = family == Family.NATIVE ? 0 : 1; i < subjects.size(); i++) {
      Subject subject = subjects.get(i);
      results.add(
          new Result(
              shape,
              subject.form,
              subject.by,
              subject.kept,
              nanos.get(i) / 1e3,
              nanos.getFirst() / 1e3,
              subject.isInt8 ? int8 : float32,
              medians.waited()));
    }
    return results;
  }
}

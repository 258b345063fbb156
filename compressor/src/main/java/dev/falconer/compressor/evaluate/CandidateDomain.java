package dev.falconer.compressor.evaluate;

import ai.onnxruntime.OrtSession.SessionOptions;
import dev.falconer.kernel.CandidateOperators;
import dev.falconer.kernel.Execution;
import dev.falconer.kernel.Isa;
import dev.falconer.kernel.NativeKernels;
import dev.falconer.kernel.Operators;
import dev.falconer.kernel.VectorKernels;

/**
 * Domain dev.falconer in the sessions of this process. ONNX Runtime never lets go of a domain; the
 * environment variable {@link Isa#VARIABLE} is read when one is made.
 */
final class CandidateDomain {
  /** What sessions have that nothing is said of. */
  private static final class Once {
    private static final NativeKernels NATIVE = NativeKernels.load(Isa.most(System.getenv()));
    private static final CandidateDomain DOMAIN =
        new CandidateDomain(NATIVE.execution().orElseGet(Execution::scalar));
  }

  private final Execution execution;
  private final Operators operators;

  private CandidateDomain(Execution execution) {
    this.execution = execution;
    operators = new Operators(CandidateOperators.by(execution));
  }

  /**
   * Returns the process's own: native kernels where this processor has them, else the scalar ones,
   * which are slow and multiply every layout.
   */
  static CandidateDomain ofProcess() {
    return Once.DOMAIN;
  }

  /**
   * Returns a new one by Java's vectors, which multiply float32 alone.
   *
   * @throws IllegalArgumentException when this program has none on this machine
   */
  static CandidateDomain ofVectors() {
    VectorKernels vectors = VectorKernels.of(Isa.most(System.getenv()));
    return vectors
        .execution()
        .map(CandidateDomain::new)
        .orElseThrow(() -> new IllegalArgumentException(vectors.notice()));
  }

  /** Returns whether the process has native kernels. */
  static boolean isNative() {
    return Once.NATIVE.execution().isPresent();
  }

  /** Returns one line on the process's native kernels, or why it has none. */
  static String notice() {
    return Once.NATIVE.notice();
  }

  /** Lets the graphs opened with some options hold nodes of the domain. */
  void addTo(SessionOptions options) {
    operators.addTo(options);
  }

  /** Returns what computes the operators, in words. */
  @Override
  public String toString() {
    return execution.toString();
  }
}

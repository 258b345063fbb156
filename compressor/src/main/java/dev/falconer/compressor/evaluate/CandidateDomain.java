package dev.falconer.compressor.evaluate;

import ai.onnxruntime.OrtSession.SessionOptions;
import dev.falconer.kernel.CandidateOperators;
import dev.falconer.kernel.Execution;
import dev.falconer.kernel.Isa;
import dev.falconer.kernel.NativeKernels;
import dev.falconer.kernel.Operators;

/**
 * Domain dev.falconer in the sessions of this process: native kernels where this processor has
 * them, else the scalar ones, which are slow and multiply every layout. Made once, since ONNX
 * Runtime never lets go of a domain; the environment variable {@link Isa#VARIABLE} is read then.
 */
final class CandidateDomain {
  private static final class Once {
    private static final Execution EXECUTION = execution();
    private static final Operators OPERATORS = new Operators(CandidateOperators.by(EXECUTION));
  }

  private CandidateDomain() {}

  /** Returns what computes the operators, in words. */
  static String name() {
    return Once.EXECUTION.toString();
  }

  /** Lets the graphs opened with some options hold nodes of the domain. */
  static void addTo(SessionOptions options) {
    Once.OPERATORS.addTo(options);
  }

  private static Execution execution() {
    return NativeKernels.load(Isa.most(System.getenv())).execution().orElseGet(Execution::scalar);
  }
}

package dev.falconer.kernel;

import java.util.List;

/** All operators of domain dev.falconer. */
public final class CandidateOperators {
  private CandidateOperators() {}

  /** Returns the operators, computed by an execution. Each thread that runs them keeps scratch. */
  public static List<Operator> by(Execution execution) {
    ThreadLocal<Scratch> scratches = ThreadLocal.withInitial(Scratch::new);
    return List.of(
        CandidateBlock.by(execution, scratches),
        CandidateMlp.by(execution, scratches),
        CandidateAttention.by(execution, scratches),
        SparseMatMul.by(execution),
        RoundTokens.by(execution));
  }
}

package dev.falconer.kernel;

/**
 * Operator CandidateAttention: {@link Attention} alone.
 *
 * <pre>
 * inputs      0 queries float32 [.., heads width]
 *             1 keys, 2 values, 3 mask as of {@link CandidateBlock}
 *             4 own keys, 5 own values float32 [.., heads width], rows as the queries; none or both
 * attributes  heads, scale, tokens_first, attention as of {@link CandidateBlock}
 * output      float32, the queries' shape
 * </pre>
 */
public final class CandidateAttention {
  private CandidateAttention() {}
}

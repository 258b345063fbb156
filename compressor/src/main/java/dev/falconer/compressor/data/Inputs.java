package dev.falconer.compressor.data;

/** Names of the inputs of the rankers that zoo builds, and of the columns that requests carry. */
public final class Inputs {
  /** Item ids of the history, oldest first: int64 or string [B, n]. */
  public static final String HISTORY_ITEM = "history_item";

  /** Action code of each event: int64 [B, n]. */
  public static final String HISTORY_ACTION = "history_action";

  /** Surface code of each event: int64 [B, n]. */
  public static final String HISTORY_SURFACE = "history_surface";

  /** Number of events: int64 [B]. */
  public static final String HISTORY_LENGTH = "history_length";

  /** Item ids of the candidates: int64 or string [B, m]. */
  public static final String CANDIDATE_ITEM = "candidate_item";

  /** Dense candidate features: float32 [B, m, k]; absent when k = 0. */
  public static final String CANDIDATE_DENSE = "candidate_dense";

  /** Bids of the candidates: float32 [m]. No model's input; the objective multiplies by it. */
  public static final String BID = "bid";

  /** Surface of the request: int64 [B]. */
  public static final String CONTEXT_SURFACE = "context_surface";

  /** Dense features of the request: float32 [B, k]; absent when k = 0. */
  public static final String CONTEXT_DENSE = "context_dense";

  /** Output: logits float32 [B, m, T]. */
  public static final String LOGITS = "logits";

  /** Output: sigmoid of the logits, float32 [B, m, T]. */
  public static final String SCORES = "scores";

  private Inputs() {}
}

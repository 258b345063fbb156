package dev.falconer.compressor.zoo;

/** Whether a candidate's attention sees the candidate itself. */
public enum CandidateSelf {
  /** The history alone: the equation of arXiv 2412.06924. */
  NONE,
  /** The history and its own key and value. */
  OWN
}

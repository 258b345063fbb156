package dev.falconer.compressor.zoo;

/** How the candidate meets the history. */
public enum Fusion {
  /** The candidate is one more query; keys and values come from the history alone: amortisable. */
  APPEND,
  /** The candidate is glued to every event: the paper's baseline, nothing can be shared. */
  CONCAT,
  /** No history. */
  NONE
}

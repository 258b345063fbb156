package dev.falconer.compressor.zoo;

/** What an event sees of the history. */
public enum HistoryMask {
  /** Itself and what came before: a kept state can be continued. */
  CAUSAL,
  /** All events. */
  FULL
}

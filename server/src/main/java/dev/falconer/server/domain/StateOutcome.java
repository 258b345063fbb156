package dev.falconer.server.domain;

/** Where the user state of a request came from. */
public enum StateOutcome {
  /** The cached state was that of exactly this history. */
  HIT,
  /** The cached state was that of a prefix; only the new events were encoded. */
  EXTEND,
  /** The history was encoded from its start, and the state kept. */
  MISS,
  /** The history was encoded for this request alone, as asked. */
  BYPASSED,
  /** No state was used: the whole graph ran. */
  NO_STATE
}

package dev.falconer.server.domain;

/** How a request asks to be served. */
public enum Mode {
  /** Use and fill the cache of user states. */
  CACHE,
  /** Encode the history for this request alone. */
  BYPASS,
  /** Run the whole graph, the history repeated once per candidate. */
  WHOLE
}

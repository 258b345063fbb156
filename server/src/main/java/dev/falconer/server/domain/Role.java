package dev.falconer.server.domain;

/** Whose rows a model's column holds. */
public enum Role {
  /** The user's: history events, or one row. */
  USER,
  /** The number of history events; filled by the server. */
  LENGTH,
  /** The candidates'. */
  CANDIDATE,
  /** The request's, one row. Never part of the state. */
  CONTEXT
}

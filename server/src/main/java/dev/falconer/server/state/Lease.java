package dev.falconer.server.state;

import dev.falconer.server.domain.StateOutcome;
import dev.falconer.server.domain.StateTensors;

/** A user state on loan to one request; its memory stays while this is open. */
public final class Lease implements AutoCloseable {
  private final UserState state;
  private final StateOutcome outcome;
  private final String reason;
  private final long encodeNanos;

  Lease(UserState state, StateOutcome outcome, String reason, long encodeNanos) {
    this.state = state;
    this.outcome = outcome;
    this.reason = reason;
    this.encodeNanos = encodeNanos;
  }

  /** Returns the state's tensors. */
  public StateTensors tensors() {
    return state.tensors();
  }

  /** Returns the bytes that the state takes. */
  public long bytes() {
    return state.bytes();
  }

  /** Returns where the state came from. */
  public StateOutcome outcome() {
    return outcome;
  }

  /** Returns why it came from there. */
  public String reason() {
    return reason;
  }

  /** Returns how long this request itself encoded; 0 when it didn't. */
  public long encodeNanos() {
    return encodeNanos;
  }

  @Override
  public void close() {
    state.release();
  }
}

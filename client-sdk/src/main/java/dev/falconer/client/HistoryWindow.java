package dev.falconer.client;

/**
 * Which events of a growing history to send, so that consecutive requests continue the state that
 * the server has cached for the user.
 *
 * <p>A window that always keeps the newest n events slides by one with each event: its start
 * changes, so a cached state fits no longer and every request encodes anew. This one keeps its
 * start while the history grows to {@code hi} events, then drops to the newest {@code lo} and grows
 * again: requests extend the state, and only one in {@code hi - lo} new events encodes a history
 * from its start. Dropping old keys and values from a state instead would not equal recomputing:
 * those kept have already seen the dropped events.
 *
 * <p>The start depends on nothing but the number of events the user ever had, so all clients of a
 * user agree on it. Lengths are total for total at most hi, then lo + 1 to hi.
 *
 * @param lo events kept when the window moves; at least 0
 * @param hi most events sent; above lo, and at most the model's history_max
 */
public record HistoryWindow(int lo, int hi) {
  /** Checks 0 <= lo < hi. */
  public HistoryWindow {
    if (lo < 0 || hi <= lo) {
      throw new IllegalArgumentException(
          "a history window needs 0 <= lo < hi, got lo %d and hi %d".formatted(lo, hi));
    }
  }

  /** Returns the index of the first event to send, of a user with {@code total} events ever. */
  public long start(long total) {
    if (total < 0) {
      throw new IllegalArgumentException("a history of %d events".formatted(total));
    }
    long step = (long) hi - lo;
    return total <= hi ? 0 : Math.ceilDiv(total - hi, step) * step;
  }

  /** Returns how many of the newest events to send, of a user with {@code total} events ever. */
  public int length(long total) {
    return (int) (total - start(total));
  }

  /** Returns the rows of {@code history} to send; it holds all events the user ever had. */
  public FeatureColumn of(FeatureColumn history) {
    return of(history, history.rows());
  }

  /**
   * Returns the rows of {@code history} to send.
   *
   * @param history the user's newest events, at least {@code length(total)} of them
   * @param total the number of events the user ever had, those forgotten included
   */
  public FeatureColumn of(FeatureColumn history, long total) {
    int keep = length(total);
    if (history.rows() > total || history.rows() < keep) {
      throw new IllegalArgumentException(
          "column '%s' holds %d events of %d; the window (%d, %d) needs the newest %d"
              .formatted(history.name(), history.rows(), total, lo, hi, keep));
    }
    return history.rows(history.rows() - keep, history.rows());
  }
}

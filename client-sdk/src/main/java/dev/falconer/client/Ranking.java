package dev.falconer.client;

import dev.falconer.v1.RankReply;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;

/** The answer: a slate, best first, and the scores of all candidates in the request's order. */
public final class Ranking {
  /** What happened to the user's state. */
  public enum State {
    /** The cached state was that of exactly this history. */
    HIT,
    /** The cached state was that of a prefix; only the new events were encoded. */
    EXTEND,
    /** The history was encoded from its start, and the state kept. */
    MISS,
    /** The history was encoded for this request alone, as asked. */
    BYPASSED,
    /** No state was used: the whole graph ran. */
    NO_STATE,
    /** A server newer than this client said something else. */
    UNKNOWN;

    static State of(dev.falconer.v1.StateOutcome outcome) {
      return switch (outcome) {
        case HIT -> HIT;
        case EXTEND -> EXTEND;
        case MISS -> MISS;
        case BYPASSED -> BYPASSED;
        case NO_STATE -> NO_STATE;
        case STATE_OUTCOME_UNSPECIFIED, UNRECOGNIZED -> UNKNOWN;
      };
    }
  }

  /**
   * Time at the server by stage, in microseconds.
   *
   * @param decode reading the request
   * @param state waiting for the user's state, its encoding included
   * @param encode the encoding alone; 0 on a hit
   * @param score scoring the candidates
   * @param total from the request's arrival to the answer
   */
  public record Micros(long decode, long state, long encode, long score, long total) {
    static Micros of(dev.falconer.v1.Timings timings) {
      return new Micros(
          timings.getDecode(),
          timings.getState(),
          timings.getEncode(),
          timings.getScore(),
          timings.getTotal());
    }
  }

  private final RankReply reply;
  private final FloatBuffer scores;
  private final int candidates;

  Ranking(RankReply reply, int candidates) {
    this.reply = reply;
    this.candidates = candidates;
    this.scores =
        reply.getScores().asReadOnlyByteBuffer().order(ByteOrder.LITTLE_ENDIAN).asFloatBuffer();
    long expected = (long) candidates * reply.getTasksCount();
    if (scores.remaining() != expected) {
      throw new RankingException(
          io.grpc.Status.Code.INTERNAL,
          "the reply carries %d scores for %d candidates and tasks %s"
              .formatted(scores.remaining(), candidates, reply.getTasksList()));
    }
  }

  /** Returns the model version that answered. */
  public String version() {
    return reply.getVersion();
  }

  /** Returns the tasks, the columns of the scores. */
  public List<String> tasks() {
    return List.copyOf(reply.getTasksList());
  }

  /** Returns the number of candidates scored. */
  public int candidates() {
    return candidates;
  }

  /** Returns the length of the slate: min(topK, candidates). */
  public int size() {
    return reply.getOrderCount();
  }

  /** Returns which candidate stands at a rank; rank 0 is the best. */
  public int candidate(int rank) {
    return reply.getOrder(rank);
  }

  /** Returns the objective value at a rank. */
  public float value(int rank) {
    return reply.getValues(rank);
  }

  /** Returns the slate: indices of candidates, best first. */
  public int[] order() {
    var order = new int[size()];
    for (int i = 0; i < order.length; i++) {
      order[i] = reply.getOrder(i);
    }
    return order;
  }

  /** Returns a candidate's score for a task, in (0, 1). */
  public float score(int candidate, String task) {
    int column = reply.getTasksList().indexOf(task);
    if (column < 0) {
      throw new IllegalArgumentException(
          "no task '%s'; the model has %s".formatted(task, reply.getTasksList()));
    }
    return score(candidate, column);
  }

  /** Returns a candidate's score for a task given by its index in {@link #tasks}. */
  public float score(int candidate, int task) {
    Objects.checkIndex(candidate, candidates);
    Objects.checkIndex(task, reply.getTasksCount());
    return scores.get(candidate * reply.getTasksCount() + task);
  }

  /** Returns all scores [candidates x tasks], row-major, in the request's order. */
  public float[] scores() {
    var copy = new float[scores.remaining()];
    scores.get(0, copy);
    return copy;
  }

  /** Returns the request's ids in the slate's order, as text; empty when none were attached. */
  public List<String> itemIds() {
    return switch (reply.getItemIdsCase()) {
      case STRING_IDS -> List.copyOf(reply.getStringIds().getValuesList());
      case INT64_IDS -> {
        var ids = new ArrayList<String>(size());
        for (long id : longItemIds()) {
          ids.add(Long.toString(id));
        }
        yield List.copyOf(ids);
      }
      case ITEMIDS_NOT_SET -> List.of();
    };
  }

  /** Returns the request's int64 ids in the slate's order; empty when none were attached. */
  public long[] longItemIds() {
    var list = reply.getInt64Ids();
    var ids = new long[list.getValuesCount()];
    for (int i = 0; i < ids.length; i++) {
      ids[i] = list.getValues(i);
    }
    return ids;
  }

  /** Returns what happened to the user's state. */
  public State state() {
    return State.of(reply.getState());
  }

  /** Returns why, in words: "no state for this user", ... */
  public String stateReason() {
    return reply.getStateReason();
  }

  /** Returns the server's time by stage. */
  public Micros micros() {
    return Micros.of(reply.getMicros());
  }
}

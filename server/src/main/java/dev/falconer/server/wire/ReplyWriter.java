package dev.falconer.server.wire;

import com.google.protobuf.UnsafeByteOperations;
import dev.falconer.server.domain.ItemIds;
import dev.falconer.server.domain.Ranked;
import dev.falconer.server.domain.StateOutcome;
import dev.falconer.server.domain.Warmed;
import dev.falconer.v1.Int64List;
import dev.falconer.v1.RankReply;
import dev.falconer.v1.StringList;
import dev.falconer.v1.Timings;
import dev.falconer.v1.WarmReply;

/** Writes answers as reply messages. */
public final class ReplyWriter {
  private ReplyWriter() {}

  /** Returns the reply, the item ids in the slate's order. */
  public static RankReply rank(
      Ranked ranked, ItemIds ids, long arrivalNanos, long decodedNanos, long nowNanos) {
    var slate = ranked.slate();
    var reply =
        RankReply.newBuilder()
            .setVersion(ranked.version())
            .addAllTasks(ranked.scores().tasks())
            // Nobody writes to the array after this.
            .setScores(UnsafeByteOperations.unsafeWrap(ranked.scores().bytes()))
            .setState(outcome(ranked.outcome()))
            .setStateReason(ranked.reason())
            .setMicros(timings(ranked.timings(), arrivalNanos, decodedNanos, nowNanos));
    for (int i = 0; i < slate.length(); i++) {
      reply.addOrder(slate.candidate(i)).addValues(slate.value(i));
    }
    switch (ids.kind()) {
      case NUMBERS -> {
        var list = Int64List.newBuilder();
        for (int i = 0; i < slate.length(); i++) {
          list.addValues(ids.number(slate.candidate(i)));
        }
        reply.setInt64Ids(list);
      }
      case STRINGS -> {
        var list = StringList.newBuilder();
        for (int i = 0; i < slate.length(); i++) {
          list.addValues(ids.string(slate.candidate(i)));
        }
        reply.setStringIds(list);
      }
      case NONE -> {}
    }
    return reply.build();
  }

  /** Returns the reply. */
  public static WarmReply warm(Warmed warmed, long arrivalNanos, long decodedNanos, long nowNanos) {
    return WarmReply.newBuilder()
        .setVersion(warmed.version())
        .setState(outcome(warmed.outcome()))
        .setStateReason(warmed.reason())
        .setStateBytes(warmed.stateBytes())
        .setMicros(timings(warmed.timings(), arrivalNanos, decodedNanos, nowNanos))
        .build();
  }

  private static Timings timings(
      dev.falconer.server.domain.Timings timings, long arrival, long decoded, long now) {
    return Timings.newBuilder()
        .setDecode((decoded - arrival) / 1000)
        .setState(timings.stateNanos() / 1000)
        .setEncode(timings.encodeNanos() / 1000)
        .setScore(timings.scoreNanos() / 1000)
        .setTotal((now - arrival) / 1000)
        .build();
  }

  private static dev.falconer.v1.StateOutcome outcome(StateOutcome outcome) {
    return switch (outcome) {
      case HIT -> dev.falconer.v1.StateOutcome.HIT;
      case EXTEND -> dev.falconer.v1.StateOutcome.EXTEND;
      case MISS -> dev.falconer.v1.StateOutcome.MISS;
      case BYPASSED -> dev.falconer.v1.StateOutcome.BYPASSED;
      case NO_STATE -> dev.falconer.v1.StateOutcome.NO_STATE;
    };
  }
}

package dev.falconer.client;

import dev.falconer.v1.Int64List;
import dev.falconer.v1.Objective;
import dev.falconer.v1.RankRequest;
import dev.falconer.v1.StringList;
import dev.falconer.v1.WarmRequest;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Map;

/**
 * One user, their history, and the candidates to rank. Immutable and reusable.
 *
 * <pre>{@code
 * var request = RankingRequest.builder("feed")
 *     .user("u-17")
 *     .history(longs("history_item", clicked), longs("history_action", actions))
 *     .candidates(longs("candidate_item", retrieved))
 *     .weight("click", 1).weight("like", 0.5)
 *     .itemIds(retrieved)
 *     .topK(20)
 *     .build();
 * }</pre>
 */
public final class RankingRequest {
  /** How the user's state is come by. */
  public enum Mode {
    /** Use and fill the server's cache of user states. */
    CACHE(dev.falconer.v1.Mode.CACHE),
    /** Encode the history for this request alone. */
    BYPASS(dev.falconer.v1.Mode.BYPASS),
    /** Run history and candidate through the whole graph, once per candidate: not amortised. */
    WHOLE(dev.falconer.v1.Mode.WHOLE);

    private final dev.falconer.v1.Mode wire;

    Mode(dev.falconer.v1.Mode wire) {
      this.wire = wire;
    }
  }

  private final RankRequest proto;
  private final int candidates;

  private RankingRequest(RankRequest proto, int candidates) {
    this.proto = proto;
    this.candidates = candidates;
  }

  /** Returns a builder of a request to the named model. */
  public static Builder builder(String model) {
    return new Builder(model);
  }

  /** Returns the same request in another mode, sharing its columns. */
  public RankingRequest withMode(Mode mode) {
    return new RankingRequest(proto.toBuilder().setMode(mode.wire).build(), candidates);
  }

  /** Returns the number of candidates. */
  public int candidates() {
    return candidates;
  }

  RankRequest toProto() {
    return proto;
  }

  WarmRequest toWarmProto() {
    return WarmRequest.newBuilder()
        .setModel(proto.getModel())
        .setVersion(proto.getVersion())
        .setUserKey(proto.getUserKey())
        .addAllHistory(proto.getHistoryList())
        .build();
  }

  /** Collects a request; {@link #build} checks what can be known without the model. */
  public static final class Builder {
    private final RankRequest.Builder proto;
    private final Objective.Builder objective = Objective.newBuilder();
    private final List<FeatureColumn> history = new ArrayList<>();
    private final List<FeatureColumn> candidates = new ArrayList<>();
    private final List<FeatureColumn> context = new ArrayList<>();
    private int itemIds = -1;

    private Builder(String model) {
      if (model.isEmpty()) {
        throw new IllegalArgumentException("a request names its model");
      }
      this.proto = RankRequest.newBuilder().setModel(model).setMode(Mode.CACHE.wire);
    }

    /** Asks for this version of the model; without it, the served one answers. */
    public Builder version(String version) {
      proto.setVersion(version);
      return this;
    }

    /** Names the user: the identity of the cached state. Required in mode CACHE. */
    public Builder user(String key) {
      proto.setUserKey(key);
      return this;
    }

    /** Sets the mode; CACHE without it. */
    public Builder mode(Mode mode) {
      proto.setMode(mode.wire);
      return this;
    }

    /** Adds user columns: one row per event, oldest first, or a single row. */
    public Builder history(FeatureColumn... columns) {
      Collections.addAll(history, columns);
      return this;
    }

    /** Adds candidate columns, one row per candidate. */
    public Builder candidates(FeatureColumn... columns) {
      Collections.addAll(candidates, columns);
      return this;
    }

    /** Adds columns of the request (time, page, device), one row each. */
    public Builder context(FeatureColumn... columns) {
      Collections.addAll(context, columns);
      return this;
    }

    /** Weighs a task in the objective. Without any, the model's first task counts alone. */
    public Builder weight(String task, double weight) {
      if (!Double.isFinite(weight)) {
        throw new IllegalArgumentException("weight of task '%s' is %s".formatted(task, weight));
      }
      objective.putWeights(task, weight);
      return this;
    }

    /** Weighs several tasks, as {@link #weight}. */
    public Builder weights(Map<String, Double> byTask) {
      byTask.forEach(this::weight);
      return this;
    }

    /** Multiplies each candidate's value by this FLOAT32 candidate column (ads). */
    public Builder bidColumn(String name) {
      objective.setBidColumn(name);
      return this;
    }

    /** Asks for the k best; 0, the default, for all. */
    public Builder topK(int k) {
      if (k < 0) {
        throw new IllegalArgumentException("topK is %d; 0 asks for all".formatted(k));
      }
      proto.setTopK(k);
      return this;
    }

    /** Attaches an id per candidate, returned with the slate. */
    public Builder itemIds(long[] ids) {
      var list = Int64List.newBuilder();
      for (long id : ids) {
        list.addValues(id);
      }
      proto.setInt64Ids(list);
      itemIds = ids.length;
      return this;
    }

    /** Attaches an id per candidate, returned with the slate. */
    public Builder itemIds(String[] ids) {
      proto.setStringIds(StringList.newBuilder().addAllValues(List.of(ids)));
      itemIds = ids.length;
      return this;
    }

    /** Returns the request; the builder may go on to build others. */
    public RankingRequest build() {
      if (proto.getMode() == Mode.CACHE.wire && proto.getUserKey().isEmpty()) {
        throw new IllegalArgumentException(
            "mode CACHE keeps the state under the user's key: set user(..), or mode BYPASS");
      }
      var names = new HashSet<String>();
      for (var columns : List.of(history, candidates, context)) {
        for (var column : columns) {
          if (!names.add(column.name())) {
            throw new IllegalArgumentException(
                "column '%s' is given twice".formatted(column.name()));
          }
        }
      }
      int rows = candidateRows();
      var request =
          proto.clone().clearHistory().clearCandidate().clearRequest().setObjective(objective);
      history.forEach(column -> request.addHistory(column.toProto()));
      candidates.forEach(column -> request.addCandidate(column.toProto()));
      context.forEach(column -> request.addRequest(column.toProto()));
      return new RankingRequest(request.build(), rows);
    }

    private int candidateRows() {
      if (candidates.isEmpty()) {
        throw new IllegalArgumentException("a request has at least one candidate column");
      }
      var first = candidates.getFirst();
      for (var column : candidates) {
        if (column.rows() != first.rows()) {
          throw new IllegalArgumentException(
              "candidate columns differ in rows: '%s' has %d, '%s' has %d"
                  .formatted(first.name(), first.rows(), column.name(), column.rows()));
        }
      }
      if (itemIds >= 0 && itemIds != first.rows()) {
        throw new IllegalArgumentException(
            "%d item ids for %d candidates".formatted(itemIds, first.rows()));
      }
      for (var column : context) {
        if (column.rows() != 1) {
          throw new IllegalArgumentException(
              "context column '%s' has %d rows; a request has one"
                  .formatted(column.name(), column.rows()));
        }
      }
      return first.rows();
    }
  }
}

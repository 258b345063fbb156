package dev.falconer.server.domain;

import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * Holds a request against a model: every column that the model reads is there once, with its type,
 * shape and rows, and holds finite numbers; nothing else is. Every problem found is listed in one
 * {@link ErrorCode#INVALID_REQUEST}.
 *
 * <p>Built once per model; safe for use by many threads.
 */
public final class Binder {
  private final ModelSpec spec;
  private final int maxCandidates;
  private final List<ColumnSpec> userSpecs;
  private final List<ColumnSpec> candidateSpecs;
  private final List<ColumnSpec> contextSpecs;

  /** Creates the binder of a model, for at most that many candidates a request. */
  public Binder(ModelSpec spec, int maxCandidates) {
    this.spec = spec;
    this.maxCandidates = maxCandidates;
    this.userSpecs = spec.columns(Role.USER);
    this.candidateSpecs = spec.columns(Role.CANDIDATE);
    this.contextSpecs = spec.columns(Role.CONTEXT);
  }

  /** Returns the request beside the model's columns. Throws {@link RequestException}. */
  public BoundQuery bind(RankQuery query) {
    var problems = new ArrayList<String>(0);
    if (query.mode() == Mode.CACHE && spec.hasState() && query.userKey().isEmpty()) {
      problems.add("user_key is empty: it names the cached state; send it, or set mode BYPASS");
    }
    if (query.topK() < 0) {
      problems.add("top_k " + query.topK() + ", not at least 0");
    }
    var weights = weights(query.objective(), problems);
    var history = history(query.history(), problems);
    var candidates = candidates(query, problems);
    if (!problems.isEmpty()) {
      throw RequestException.invalid(String.join("; ", problems));
    }
    return new BoundQuery(history, candidates, weights, query.topK());
  }

  /** Returns a user's columns beside the model's. Throws {@link RequestException}. */
  public History bind(WarmQuery query) {
    var problems = new ArrayList<String>(0);
    if (query.userKey().isEmpty()) {
      problems.add("user_key is empty: it names the state to warm");
    }
    if (!spec.hasState()) {
      problems.add(spec.title() + " has no user state to warm: it is served whole");
    }
    var history = history(query.history(), problems);
    if (!problems.isEmpty()) {
      throw RequestException.invalid(String.join("; ", problems));
    }
    return history;
  }

  private BoundQuery.Weights weights(Objective objective, List<String> problems) {
    var weights = new double[spec.tasks().size()];
    if (objective.weights().isEmpty()) {
      weights[0] = 1;
    }
    objective
        .weights()
        .forEach((task, weight) -> {
          int index = spec.tasks().indexOf(task);
          if (index < 0) {
            problems.add("objective: no task '" + task + "'; the model has " + spec.tasks());
          } else if (!Double.isFinite(weight)) {
            problems.add("objective: weight of task '" + task + "' is " + weight);
          } else {
            weights[index] = weight;
          }
        });
    return new BoundQuery.Weights(weights);
  }

  private History history(List<Column> sent, List<String> problems) {
    var group = new Group("history", userSpecs, problems);
    var columns = group.match(sent, "");
    int events = group.rows(columns, true);
    if (events > spec.historyMax()) {
      problems.add(
          "history: got "
              + events
              + " events, want at most "
              + spec.historyMax()
              + ": send the latest ones");
    }
    if (events >= 0 && events < spec.historyMin()) {
      problems.add(
          "history: got "
              + events
              + " events, want at least "
              + spec.historyMin()
              + ": this model can't be run with fewer; send padding as its training had it");
    }
    group.checkSingleRows(columns);
    return new History(Math.max(events, 0), userSpecs, columns);
  }

  private Candidates candidates(RankQuery query, List<String> problems) {
    String bidName = query.objective().bidColumn();
    var group = new Group("candidate", candidateSpecs, problems);
    var columns = group.match(query.candidates(), bidName);
    int count = group.rows(columns, false);
    var bids = MemorySegment.NULL;
    if (!bidName.isEmpty()) {
      var bid =
          query.candidates().stream()
              .filter(c -> c.name().equals(bidName))
              .findFirst()
              .orElse(null);
      if (bid == null) {
        problems.add(
            "objective: no candidate column '"
                + bidName
                + "' to bid with; got "
                + names(query.candidates()));
      } else if (bid.dtype() != DType.FLOAT32 || !bid.rowShape().isEmpty()) {
        problems.add(
            "bid column '"
                + bidName
                + "': got "
                + bid.dtype()
                + " "
                + bid.rowShape()
                + ", want FLOAT32 []");
      } else {
        count = bidCount(bid, count, problems);
        bids = bid.data();
      }
    }
    if (count > maxCandidates) {
      problems.add(
          "candidates: got " + count + ", want at most " + maxCandidates + " (--max-candidates)");
    }
    int ids = query.itemIds().count();
    if (query.itemIds().kind() != ItemIds.Kind.NONE && count >= 0 && ids != count) {
      problems.add("item_ids: got " + ids + ", want " + count + ", one per candidate");
    }
    var contextGroup = new Group("request", contextSpecs, problems);
    var context = contextGroup.match(query.context(), "");
    contextGroup.checkSingleRows(context);
    return new Candidates(Math.max(count, 0), candidateSpecs, columns, contextSpecs, context, bids);
  }

  private static int bidCount(Column bid, int count, List<String> problems) {
    long bytes = bid.data().byteSize();
    if (bytes % Float.BYTES != 0) {
      problems.add(
          "bid column '" + bid.name() + "': got " + bytes + " bytes, want a multiple of 4");
      return count;
    }
    long bids = bytes / Float.BYTES;
    if (count >= 0 && bids != count) {
      problems.add(
          "bid column '"
              + bid.name()
              + "': got "
              + bids
              + " rows, want "
              + count
              + " as the others");
      return count;
    }
    long bad = Finite.firstBad(bid);
    if (bad >= 0) {
      problems.add("bid column '" + bid.name() + "': row " + bad + " is not a finite number");
    }
    return (int) bids;
  }

  private static List<String> names(List<Column> columns) {
    return columns.stream().map(Column::name).toList();
  }

  /** The columns of one field of the request against the specs of one role. */
  private static final class Group {
    private final String field;
    private final List<ColumnSpec> specs;
    private final List<String> problems;

    Group(String field, List<ColumnSpec> specs, List<String> problems) {
      this.field = field;
      this.specs = specs;
      this.problems = problems;
    }

    /**
     * Returns the sent columns in the specs' order; shorter when a problem was found. A column
     * named {@code extra} may be there too.
     */
    List<Column> match(List<Column> sent, String extra) {
      Map<String, Column> byName = HashMap.newHashMap(sent.size());
      for (var column : sent) {
        if (byName.put(column.name(), column) != null) {
          problems.add(title(column.name()) + ": sent twice");
        }
      }
      var matched = new ArrayList<Column>(specs.size());
      for (var spec : specs) {
        var column = byName.remove(spec.name());
        if (column == null) {
          problems.add(
              title(spec.name()) + ": missing, want " + spec.describe() + "; got " + names(sent));
        } else if (fits(column, spec)) {
          matched.add(column);
        }
      }
      byName.remove(extra);
      for (String unknown : byName.keySet()) {
        String wanted =
            specs.isEmpty()
                ? "none"
                : specs.stream().map(ColumnSpec::describe).collect(Collectors.joining(", "));
        problems.add(title(unknown) + ": the model reads no such column; it reads " + wanted);
      }
      return matched;
    }

    private boolean fits(Column column, ColumnSpec spec) {
      if (column.dtype() != spec.dtype()) {
        problems.add(title(spec.name()) + ": got " + column.dtype() + ", want " + spec.dtype());
        return false;
      }
      if (!column.rowShape().equals(spec.rowShape())) {
        problems.add(
            title(spec.name())
                + ": got row shape "
                + column.rowShape()
                + ", want "
                + spec.rowShape());
        return false;
      }
      if (column.size() % spec.rowSize() != 0) {
        problems.add(
            title(spec.name())
                + ": got "
                + column.size()
                + (spec.dtype() == DType.STRING ? " strings" : " bytes")
                + ", want a multiple of "
                + spec.rowSize()
                + " for rows of "
                + spec.dtype()
                + " "
                + spec.rowShape());
        return false;
      }
      long bad = Finite.firstBad(column);
      if (bad >= 0) {
        problems.add(
            title(spec.name())
                + ": row "
                + bad / spec.rowElements()
                + (spec.dtype() == DType.BOOL
                    ? " holds a byte that is neither 0 nor 1"
                    : " holds NaN or infinity"));
        return false;
      }
      return true;
    }

    /** Returns the rows that the columns share; 0 without columns and -1 where that is unknown. */
    int rows(List<Column> columns, boolean historyOnly) {
      if (columns.size() < specs.size()) {
        return -1;
      }
      int rows = -1;
      String first = "";
      for (int i = 0; i < specs.size(); i++) {
        var spec = specs.get(i);
        if (historyOnly && !spec.isHistory()) {
          continue;
        }
        int here = (int) Math.min(columns.get(i).size() / spec.rowSize(), Integer.MAX_VALUE);
        if (rows < 0) {
          rows = here;
          first = spec.name();
        } else if (here != rows) {
          problems.add(
              title(spec.name()) + ": got " + here + " rows, want " + rows + " as " + first);
        }
      }
      return rows < 0 && historyOnly ? 0 : rows;
    }

    /** Checks that the columns without an axis of rows hold one row. */
    void checkSingleRows(List<Column> columns) {
      if (columns.size() < specs.size()) {
        return;
      }
      for (int i = 0; i < specs.size(); i++) {
        var spec = specs.get(i);
        long rows = columns.get(i).size() / spec.rowSize();
        if (!spec.isHistory() && rows != 1) {
          problems.add(title(spec.name()) + ": got " + rows + " rows, want 1");
        }
      }
    }

    private String title(String column) {
      return field + " column '" + column + "'";
    }
  }
}

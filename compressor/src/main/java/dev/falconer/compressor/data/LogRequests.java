package dev.falconer.compressor.data;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/** Fetches events and requests from the rows in DuckDB into a builder. */
final class LogRequests {
  /** Sampled negatives per positive when the mapping doesn't say. */
  private static final int NEGATIVES = 7;

  private static final int TOLD_EVERY = 10_000;

  private final Mapping mapping;
  private final Duck duck;
  private final ExamplesBuilder builder;
  private final Progress progress;
  private final int tasks;
  private final int dense;
  private final int context;

  LogRequests(Mapping mapping, Duck duck, ExamplesBuilder builder, Progress progress) {
    this.mapping = mapping;
    this.duck = duck;
    this.builder = builder;
    this.progress = progress;
    this.tasks = builder.schema.tasks().size();
    this.dense = builder.schema.candidateDense().size();
    this.context = builder.schema.contextDense().size();
  }

  /** Fills the builder and returns how candidates came about. */
  String fetch() throws LogException {
    codes();
    events();
    boolean hasNegatives = duck.number("SELECT count(*) FROM coded WHERE y0 = 0") > 0;
    if (mapping.negatives().isEmpty() && hasNegatives) {
      return logged();
    }
    return sampled(mapping.negatives().orElse(NEGATIVES));
  }

  /** Replaces the rows by coded ones, with their request's first row and time. */
  private void codes() throws LogException {
    String action =
        mapping.action().isPresent()
            ? "coalesce((SELECT code FROM codes_a WHERE name = a), 0)"
            : "1";
    String surface =
        mapping.surface().isPresent()
            ? "coalesce((SELECT code FROM codes_s WHERE name = s), 0)"
            : "0";
    String group = mapping.request().isPresent() ? "ui, q" : "ui, t";
    duck.run(
        ("CREATE TABLE coded AS SELECT log_rows.* EXCLUDE (u, i, a, s, x), ui, ii, %s AS a, %s AS s,"
                + " min(r) OVER (PARTITION BY %s) AS g, min(t) OVER (PARTITION BY %s) AS gt"
                + " FROM log_rows JOIN users USING (u) JOIN items USING (i)")
            .formatted(action, surface, group, group));
    duck.run("DROP TABLE log_rows");
  }

  private void events() throws LogException {
    duck.each(
        "SELECT ui, ii, t, a, s FROM coded WHERE h ORDER BY ui, t, r",
        row ->
            builder.event(
                row.getInt(1), row.getInt(2), row.getLong(3), row.getInt(4), row.getInt(5)));
  }

  private String columns() {
    var columns = new StringBuilder("SELECT g, ui, gt, s, ii");
    for (int k = 0; k < tasks; k++) {
      columns.append(", y").append(k);
    }
    for (int k = 0; k < dense; k++) {
      columns.append(", d").append(k);
    }
    for (int k = 0; k < context; k++) {
      columns.append(", c").append(k);
    }
    if (builder.schema.bid()) {
      columns.append(", b");
    }
    return columns + " FROM coded ";
  }

  private static float[] floats(ResultSet row, int from, int count) throws SQLException {
    var values = new float[count];
    for (int k = 0; k < count; k++) {
      values[k] = row.getFloat(from + k);
      if (row.wasNull()) {
        values[k] = Float.NaN;
      }
    }
    return values;
  }

  private void begin(ResultSet row) throws SQLException {
    builder.request(
        row.getInt(2), row.getLong(3), row.getInt(4), floats(row, 6 + tasks + dense, context));
  }

  private String logged() throws LogException {
    int most = mapping.request().isPresent() ? Integer.MAX_VALUE : mapping.slateMax();
    long rows = duck.number("SELECT count(*) FROM coded");
    duck.each(
        columns() + "ORDER BY gt, g, p, r",
        new Duck.Row() {
          private long group = -1;
          private int candidates;
          private long done;

          @Override
          public void read(ResultSet row) throws SQLException {
            if (row.getLong(1) != group || candidates == most) {
              group = row.getLong(1);
              candidates = 0;
              begin(row);
            }
            candidates++;
            builder.candidate(
                row.getInt(5),
                floats(row, 6 + tasks, dense),
                floats(row, 6, tasks),
                builder.schema.bid() ? row.getFloat(6 + tasks + dense + context) : 0);
            if (++done % TOLD_EVERY == 0) {
              progress.step("collecting requests", done, rows);
            }
          }
        });
    return mapping.request().isPresent()
        ? "logged impressions"
        : "logged rows of one user and time, at most %d together".formatted(most);
  }

  private String sampled(int negatives) throws LogException {
    if (dense > 0 || builder.schema.bid()) {
      throw new LogException(
          "%s can't be known for sampled negatives: this log has no logged negatives of %s"
              .formatted(dense > 0 ? "candidate_dense" : "bid", builder.schema.tasks().getFirst()));
    }
    var items = new Numbers.Ints();
    var times = new Numbers.Longs();
    duck.each(
        "SELECT ii, t FROM coded WHERE h ORDER BY t, r",
        row -> {
          items.add(row.getInt(1));
          times.add(row.getLong(2));
        });
    var sampler = new NegativeSampler(items.toArray(), times.toArray(), mapping.negativesSeed());
    var basket = new Basket(sampler, negatives);
    long rows = duck.number("SELECT count(*) FROM coded");
    duck.each(columns() + "WHERE y0 > 0 ORDER BY gt, g, p, r", row -> basket.read(row, rows));
    basket.end();
    String text =
        "%d sampled negatives per positive, by popularity in earlier events, seed %d"
            .formatted(negatives, mapping.negativesSeed());
    progress.note("the log has no negatives of its own: " + text);
    if (basket.dropped > 0) {
      progress.note(
          "left out, as no earlier event gives them a negative: requests " + basket.dropped);
    }
    return text;
  }

  /** The positives of one user and request, to which negatives are drawn. */
  private final class Basket {
    private final NegativeSampler sampler;
    private final int negatives;
    private final Set<Integer> items = new LinkedHashSet<>();
    private final List<float[]> labels = new ArrayList<>();
    private long group = -1;
    private int user;
    private long time;
    private int surface;
    private float[] features = new float[0];
    private int requests;
    private long done;
    private int dropped;

    Basket(NegativeSampler sampler, int negatives) {
      this.sampler = sampler;
      this.negatives = negatives;
    }

    void read(ResultSet row, long rows) throws SQLException {
      if (row.getLong(1) != group) {
        end();
        group = row.getLong(1);
        user = row.getInt(2);
        time = row.getLong(3);
        surface = row.getInt(4);
        features = floats(row, 6 + tasks, context);
      }
      if (items.add(row.getInt(5))) {
        labels.add(floats(row, 6, tasks));
      }
      if (++done % TOLD_EVERY == 0) {
        progress.step("sampling negatives", done, rows);
      }
    }

    /** Gives the positives gathered so far to the builder. */
    void end() {
      if (items.isEmpty()) {
        return;
      }
      Set<Integer> drawn = sampler.sample(time, requests, items, negatives * items.size());
      if (drawn.isEmpty()) {
        dropped++;
      } else {
        builder.request(user, time, surface, features);
        int at = 0;
        for (int item : items) {
          builder.candidate(item, new float[0], labels.get(at++), 0);
        }
        for (int item : drawn) {
          builder.candidate(item, new float[0], new float[tasks], 0);
        }
      }
      requests++;
      items.clear();
      labels.clear();
    }
  }
}

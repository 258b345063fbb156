package dev.falconer.loadtest.traffic;

import dev.falconer.bundle.Columns;
import dev.falconer.v1.ColumnSpec;
import dev.falconer.v1.DataType;
import dev.falconer.v1.Golden;
import dev.falconer.v1.Manifest;
import dev.falconer.v1.RankRequest;
import dev.falconer.v1.Role;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.LongStream;

/** Golden requests of a made-up model: string items, actions, a dense pair per candidate. */
public final class SampleGolden {
  private SampleGolden() {}

  /** Returns pools of four golden requests, the first with an empty history. */
  public static Pools pools(int historyMax) {
    var golden = new ArrayList<Golden>();
    for (int i = 0; i < 4; i++) {
      int n = 3 * i;
      int m = 2 + i;
      int id = i;
      golden.add(
          Golden.newBuilder()
              .setRequest(
                  RankRequest.newBuilder()
                      .addHistory(
                          Columns.strings(
                              "history_item",
                              LongStream.range(0, n)
                                  .mapToObj(j -> "h%d-%d".formatted(id, j))
                                  .toList()))
                      .addHistory(
                          Columns.longs(
                              "history_action",
                              LongStream.range(0, n).map(j -> id * 100L + j).toArray()))
                      .addHistory(Columns.longs("user_country", new long[] {id}))
                      .addCandidate(
                          Columns.strings(
                              "candidate_item",
                              LongStream.range(0, m)
                                  .mapToObj(j -> "c%d-%d".formatted(id, j))
                                  .toList()))
                      .addCandidate(Columns.floats("candidate_dense", dense(id, m), 2))
                      .addRequest(Columns.longs("context_surface", new long[] {id})))
              .build());
    }
    return Pools.of(
        Manifest.newBuilder()
            .setName("feed")
            .setVersion("1")
            .setHistoryMax(historyMax)
            .addTasks("click")
            .addColumns(column("history_item", DataType.STRING, true))
            .addColumns(column("history_action", DataType.INT64, true))
            .addColumns(column("user_country", DataType.INT64, false))
            .build(),
        List.copyOf(golden));
  }

  private static float[] dense(int id, int m) {
    var values = new float[2 * m];
    for (int j = 0; j < m; j++) {
      values[2 * j] = id;
      values[2 * j + 1] = j;
    }
    return values;
  }

  private static ColumnSpec column(String name, DataType dtype, boolean history) {
    return ColumnSpec.newBuilder()
        .setName(name)
        .setRole(Role.USER)
        .setDtype(dtype)
        .setHistory(history)
        .build();
  }
}

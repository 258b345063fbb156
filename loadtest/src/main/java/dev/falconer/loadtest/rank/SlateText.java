package dev.falconer.loadtest.rank;

import dev.falconer.client.Ranking;
import dev.falconer.loadtest.report.TextTable;
import java.util.ArrayList;

/** Prints an answer: the slate, what happened to the state, where the time went. */
public final class SlateText {
  private SlateText() {}

  /** Returns the slate as a table and two lines on state and time. */
  public static String of(String model, Ranking ranking, double callMillis) {
    var header = new ArrayList<String>();
    header.add("rank");
    header.add(ranking.itemIds().isEmpty() ? "candidate" : "item");
    header.add("value");
    header.addAll(ranking.tasks());
    var table = new TextTable(header.toArray(String[]::new));
    for (int rank = 0; rank < ranking.size(); rank++) {
      int candidate = ranking.candidate(rank);
      var row = new ArrayList<String>();
      row.add(Integer.toString(rank + 1));
      row.add(
          ranking.itemIds().isEmpty() ? Integer.toString(candidate) : ranking.itemIds().get(rank));
      row.add("%.4f".formatted(ranking.value(rank)));
      for (int task = 0; task < ranking.tasks().size(); task++) {
        row.add("%.4f".formatted(ranking.score(candidate, task)));
      }
      table.row(row);
    }
    var micros = ranking.micros();
    return "%s %s: %d of %d candidates%n%sState: %s (%s)%nTime: call %.2f ms; server %d us = decode %d + state %d (encode %d) + score %d + rest %d%n"
        .formatted(
            model,
            ranking.version(),
            ranking.size(),
            ranking.candidates(),
            table,
            ranking.state(),
            ranking.stateReason(),
            callMillis,
            micros.total(),
            micros.decode(),
            micros.state(),
            micros.encode(),
            micros.score(),
            micros.total() - micros.decode() - micros.state() - micros.score());
  }
}

package dev.falconer.compressor.data;

import dev.falconer.compressor.data.LogGenerator.Surface;
import java.io.BufferedWriter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Instant;

/**
 * Writes a generated log as files: {@code log.csv}, a row per impression; {@code items.csv}; and
 * {@code log.yaml}, the mapping. Each is written beside and moved into place, the mapping last.
 */
final class GeneratedLogWriter {
  private static final int SLATE = LogGenerator.SLATE;

  private static final String FEED_MAPPING =
      """
      # What the columns of log.csv mean. An expression is a column or DuckDB SQL over the columns.
      log: log.csv
      user: user_id
      item: item_id
      item_ids: int64
      time: {column: timestamp, unit: iso}
      request: request_id
      surface: {column: surface, names: [explore, home]}
      position: position
      tasks:                       # the first is the main one
        click: click
        like: liked
        dwell: dwell_seconds >= 30
      history: click = 1           # these rows are the events of a user's history
      action:
        column: >-
          'click' || CASE WHEN liked = 1 THEN '+like' ELSE '' END
          || CASE WHEN dwell_seconds >= 30 THEN '+dwell' ELSE '' END
        names: [click, click+like, click+dwell, click+like+dwell]
      candidate_dense: [freshness]
      context_dense: {hour: hour / 23}
      items: {file: items.csv, item: item_id, category: topic}
      """;

  private static final String ADS_MAPPING =
      """
      # What the columns of log.csv mean. An expression is a column or DuckDB SQL over the columns.
      log: log.csv
      user: user_id
      item: campaign_id
      item_ids: int64
      time: {column: timestamp, unit: iso}
      request: request_id
      surface: {column: surface, names: [feed, story]}
      position: position
      tasks: {click: click}
      history: click = 1           # these rows are the events of a user's history
      action: {column: "'click'", names: [click]}
      candidate_dense: [freshness]
      context_dense: {hour: hour / 23}
      bid: bid
      items: {file: items.csv, item: campaign_id, category: topic}
      """;

  private final GeneratedLog log;
  private final boolean isFeed;

  GeneratedLogWriter(GeneratedLog log) {
    this.log = log;
    this.isFeed = log.surface == Surface.FEED;
  }

  /** Writes one file's text. */
  private interface Content {
    void writeTo(BufferedWriter out) throws IOException;
  }

  void write(Path folder, Progress progress) throws IOException {
    Files.createDirectories(folder);
    place(folder.resolve("items.csv"), this::items);
    place(folder.resolve("log.csv"), out -> impressions(out, progress));
    place(folder.resolve("log.yaml"), out -> out.write(isFeed ? FEED_MAPPING : ADS_MAPPING));
  }

  private static void place(Path file, Content content) throws IOException {
    Path beside = file.resolveSibling(file.getFileName() + ".part");
    try {
      try (BufferedWriter out = Files.newBufferedWriter(beside)) {
        content.writeTo(out);
      }
      Files.move(beside, file, StandardCopyOption.REPLACE_EXISTING, StandardCopyOption.ATOMIC_MOVE);
    } finally {
      Files.deleteIfExists(beside);
    }
  }

  private void items(BufferedWriter out) throws IOException {
    out.write(isFeed ? "item_id,topic\n" : "campaign_id,topic\n");
    for (int i = 0; i < log.world.topic.length; i++) {
      out.write(GeneratedLog.FIRST_ITEM + i + "," + World.TOPIC_NAMES.get(log.world.topic[i]));
      out.write('\n');
    }
  }

  private void impressions(BufferedWriter out, Progress progress) throws IOException {
    out.write("request_id,user_id,timestamp,surface,hour,position,");
    out.write(
        isFeed
            ? "item_id,freshness,click,liked,dwell_seconds\n"
            : "campaign_id,freshness,bid,click\n");
    for (int r = 0; r < log.requests(); r++) {
      String request =
          "%d,%d,%s,%s,%d,"
              .formatted(
                  r + 1,
                  log.user[r] + 1,
                  Instant.ofEpochSecond(log.timeSeconds[r]),
                  log.placements().get(log.placement[r]),
                  log.hour(r));
      for (int j = 0; j < SLATE; j++) {
        int at = r * SLATE + j;
        out.write(request);
        out.write(j + "," + (GeneratedLog.FIRST_ITEM + log.item[at]) + "," + log.freshness[at]);
        String click = log.isClicked[at] ? "1" : "0";
        out.write(
            isFeed
                ? "," + click + "," + (log.isLiked[at] ? 1 : 0) + "," + log.dwellSeconds[at] + "\n"
                : "," + log.bid[at] + "," + click + "\n");
      }
      if (r % 10_000 == 0) {
        progress.step("writing requests", r, log.requests());
      }
    }
  }
}

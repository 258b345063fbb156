package dev.falconer.compressor.data;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.falconer.compressor.data.LogGenerator.Surface;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.tukaani.xz.LZMA2Options;
import org.tukaani.xz.XZOutputStream;

class LogsTest {
  @TempDir Path folder = Path.of("");

  private Examples open(String file) throws IOException {
    return Logs.open(folder.resolve(file), Optional.empty(), Progress.NONE);
  }

  private void write(String file, String text) throws IOException {
    Files.writeString(folder.resolve(file), text);
  }

  private void writeXz(String file, String text) throws IOException {
    try (var out =
        new XZOutputStream(Files.newOutputStream(folder.resolve(file)), new LZMA2Options())) {
      out.write(text.getBytes(StandardCharsets.UTF_8));
    }
  }

  private static String history(Examples examples, int request) {
    var text = new StringBuilder();
    for (int e = 0; e < examples.historyLength(request); e++) {
      text.append(examples.catalogue().idText(examples.historyItem(request, e)))
          .append(':')
          .append(examples.historyAction(request, e))
          .append(' ');
    }
    return text.toString().strip();
  }

  private static String slate(Examples examples, int request) {
    var text = new StringBuilder();
    for (int c = 0; c < examples.candidates(request); c++) {
      text.append(examples.catalogue().idText(examples.candidateItem(request, c)))
          .append(':')
          .append(examples.label(request, c, 0))
          .append(' ');
    }
    return text.toString().strip();
  }

  @Test
  void readingAGeneratedLogGivesWhatWasGenerated() throws IOException {
    for (Surface surface : Surface.values()) {
      GeneratedLog log = new LogGenerator(surface, 40, 120, 500, 5).generate();
      log.write(folder, Progress.NONE);

      Examples read = open("log.yaml");

      Examples made = log.examples();
      assertEquals(made.schema(), read.schema());
      assertEquals(made.catalogue().ids(), read.catalogue().ids());
      assertEquals(made.requests(), read.requests());
      BatchPlan plan = BatchPlan.training(64, 100, 1);
      Batches wanted = Batches.of(made.all(), plan);
      Batches got = Batches.of(read.all(), plan);
      for (int i = 0; i < wanted.size(); i++) {
        assertEquals(wanted.get(i), got.get(i));
      }
      for (int r = 0; r < made.requests(); r++) {
        assertEquals(made.user(r), read.user(r));
        assertEquals(made.timeMicros(r), read.timeMicros(r));
        for (int c = 0; c < LogGenerator.SLATE && surface == Surface.ADS; c++) {
          assertEquals(made.bid(r, c), read.bid(r, c));
        }
      }
      for (int i = 0; i < made.catalogue().size(); i++) {
        assertEquals(made.catalogue().category(i), read.catalogue().category(i));
        assertEquals(made.catalogue().popularity(i), read.catalogue().popularity(i));
      }
    }
  }

  @Test
  void folderWithAMappingIsALog() throws IOException {
    new LogGenerator(Surface.FEED, 10, 40, 50, 5).generate().write(folder, Progress.NONE);

    assertEquals(50, Logs.open(folder, Optional.empty(), Progress.NONE).requests());
    assertEquals(50, open("log.csv").requests());
  }

  @Test
  void eventsOfTheRequestsOwnSecondAreNotInItsHistory() throws IOException {
    write("u.data", "1\t10\t5\t100\n1\t20\t3\t200\n1\t30\t4\t200\n2\t10\t4\t200\n1\t40\t1\t300\n");

    Examples examples = open("u.data");

    assertEquals(List.of("like"), examples.schema().tasks());
    assertEquals(List.of("1", "2", "3", "4", "5"), examples.schema().actions());
    assertEquals(4, examples.requests());
    assertEquals("", history(examples, 0));
    assertEquals("20:0.0 30:1.0", slate(examples, 1));
    assertEquals("10:5", history(examples, 1));
    assertEquals("2", examples.user(2));
    assertEquals("10:5 20:3 30:4", history(examples, 3));
  }

  @Test
  void readsMovieLensRatingsWithGenres() throws IOException {
    writeXz(
        "ratings.dat.xz", "1::1193::5::978300760\n1::661::3::978302109\n2::1193::4::978298413\n");
    Files.write(
        folder.resolve("movies.dat"),
        "1193::One Fl\u00e9w (1975)::Drama|War\n661::James (1996)::Animation|Musical\n"
            .getBytes(StandardCharsets.ISO_8859_1));

    Examples examples = open("ratings.dat.xz");

    assertEquals(3, examples.requests());
    assertEquals("2", examples.user(0));
    assertEquals(978_298_413_000_000L, examples.timeMicros(0));
    assertEquals(List.of("Animation", "Drama"), examples.schema().categories());
    int item = examples.catalogue().find("1193").orElseThrow();
    assertEquals(2, examples.catalogue().category(item));
    assertEquals(2, examples.catalogue().popularity(item));
    assertEquals("1193:5", history(examples, 2));
  }

  @Test
  void readsRecBoleWithItsItems() throws IOException {
    writeXz(
        "toy.inter.xz",
        "user_id:token\titem_id:token\trating:float\ttimestamp:float\nu1\ti1\t4.0\t10.5\nu1\ti2\t2.0\t20\n");
    writeXz(
        "toy.item.xz", "item_id:token\tclass:token_seq\ni2\tComedy Drama\ni1\tAction Thriller\n");

    Examples examples = open("toy.inter.xz");

    assertTrue(examples.schema().stringIds());
    assertEquals(List.of("Action", "Comedy"), examples.schema().categories());
    assertEquals(10_500_000, examples.timeMicros(0));
    assertEquals("i1:4", history(examples, 1));
    assertEquals("i2:0.0", slate(examples, 1));
  }

  @Test
  void loggedImpressionsOfARequestAreOneSlateInTheirOrder() throws IOException {
    write(
        "log.csv",
        """
        rid,who,what,at,rank,seen,liked,price
        a,u,x,2026-01-01T00:00:00Z,2,1,,.5
        a,u,y,2026-01-01T00:00:00Z,1,0,0,.25
        b,u,z,2026-01-01T02:00:00+02:00,1,1,1,1
        c,u,z,2026-01-01T00:00:01,1,0,0,2
        """);
    write(
        "log.yaml",
        """
        log: log.csv
        user: who
        item: what
        time: at
        request: rid
        position: rank
        tasks: {click: seen, like: liked}
        candidate_dense: {price: price * 2}
        """);

    Examples examples = open("log.yaml");

    assertEquals(3, examples.requests());
    assertEquals("y:0.0 x:1.0", slate(examples, 0));
    assertTrue(Float.isNaN(examples.label(0, 1, 1)), "no label is not a zero");
    assertEquals(.5, examples.candidateDense(0, 0, 0));
    assertEquals(examples.timeMicros(0), examples.timeMicros(1), "the offset counts");
    assertEquals("", history(examples, 1));
    assertEquals("x:1 z:1", history(examples, 2));
    assertEquals("logged impressions", examples.sampler());
  }

  @Test
  void logsOfPositivesGetSeededNegativesFromEarlierEvents() throws IOException {
    var text = new StringBuilder("user\titem\tms\n");
    for (int i = 0; i < 400; i++) {
      text.append("u%d\ti%d\t%d\n".formatted(i % 17, (i * i) % 40, 1_600_000_000_000L + i / 2));
    }
    write("buys.tsv", text.toString());
    String mapping = "log: buys.tsv\nuser: user\nitem: item\ntime: ms\nnegatives: 5\n";
    write("seed1.yaml", mapping + "negatives_seed: 1\n");
    write("seed2.yaml", mapping + "negatives_seed: 2\n");

    Examples examples = open("seed1.yaml");

    assertEquals(1_600_000_000_001_000L, examples.timeMicros(0), "the first has nothing earlier");
    int full = 0;
    for (int r = 0; r < examples.requests(); r++) {
      String wanted = examples.catalogue().idText(examples.candidateItem(r, 0));
      assertEquals(1, examples.label(r, 0, 0));
      for (int c = 1; c < examples.candidates(r); c++) {
        assertEquals(0, examples.label(r, c, 0));
        int item = examples.candidateItem(r, c);
        String negative = examples.catalogue().idText(item);
        assertTrue(!negative.equals(wanted), "request " + r + " has its positive as a negative");
        assertTrue(isEarlier(examples, item, examples.timeMicros(r)), "request " + r);
      }
      full += examples.candidates(r) == 6 ? 1 : 0;
    }
    assertTrue(full > 300, full + " full slates");
    assertEquals(slates(examples), slates(open("seed1.yaml")));
    assertTrue(!slates(examples).equals(slates(open("seed2.yaml"))));
  }

  private static boolean isEarlier(Examples examples, int item, long time) {
    for (int r = 0; r < examples.requests(); r++) {
      for (int e = 0; e < examples.historyLength(r); e++) {
        if (examples.historyItem(r, e) == item && examples.historyTimeMicros(r, e) < time) {
          return true;
        }
      }
      if (examples.timeMicros(r) < time && examples.candidateItem(r, 0) == item) {
        return true;
      }
    }
    // The requests without any earlier event are left out, yet their events count.
    return List.of("i0", "i1").contains(examples.catalogue().idText(item));
  }

  private static String slates(Examples examples) {
    var text = new StringBuilder();
    for (int r = 0; r < examples.requests(); r++) {
      text.append(slate(examples, r)).append('\n');
    }
    return text.toString();
  }

  @Test
  void itemsThatLookLikeNumbersButAreNotStayStrings() throws IOException {
    write("log.csv", "u,i,t,y\n1,007,1,1\n1,8,2,0\n");
    write("log.yaml", "log: log.csv\nuser: u\nitem: i\ntime: t\ntasks: {y: y}\n");

    Examples examples = open("log.yaml");

    assertTrue(examples.schema().stringIds());
    assertEquals(OptionalInt.empty(), examples.catalogue().find("7"));
    assertTrue(examples.catalogue().find("007").isPresent());
  }

  @Test
  void readsJsonLinesAndCompressedCsvFromSeveralFiles() throws IOException {
    write(
        "log.jsonl",
        "{\"u\":1,\"i\":5,\"t\":1,\"y\":true}\n{\"u\":1,\"i\":6,\"t\":2,\"y\":false}\n");
    writeXz("day-1.csv.xz", "u,i,t,y\n1,5,1,1\n");
    writeXz("day-2.csv.xz", "u,i,t,y\n1,6,2,0\n");
    String keys = "user: u\nitem: i\ntime: t\ntasks: {y: y}\n";
    write("json.yaml", "log: log.jsonl\n" + keys);
    write("days.yaml", "log: day-*.csv.xz\n" + keys);

    for (String file : List.of("json.yaml", "days.yaml")) {
      Examples examples = open(file);
      assertEquals(2, examples.requests(), file);
      assertEquals("6:0.0", slate(examples, 1), file);
      assertEquals("5:1", history(examples, 1), file);
    }
  }
}

package dev.falconer.compressor.data;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LogErrorsTest {
  private static final String MAPPING = "log: log.csv\nuser: u\nitem: i\ntime: t\ntasks: {y: y}\n";

  @TempDir Path folder = Path.of("");

  private Examples open(String mapping, Progress progress) throws IOException {
    Files.writeString(folder.resolve("log.yaml"), mapping);
    return Logs.open(folder.resolve("log.yaml"), Optional.empty(), progress);
  }

  private String refusal(String mapping) {
    return assertThrows(LogException.class, () -> open(mapping, Progress.NONE)).getMessage() + "";
  }

  private void rows(int good, String... bad) throws IOException {
    var text = new StringBuilder("u,i,t,y\n");
    for (int r = 0; r < good; r++) {
      text.append("u%d,%d,%d,%d%n".formatted(r % 5, r % 9, r, r % 2));
    }
    text.append(String.join("\n", bad)).append('\n');
    Files.writeString(folder.resolve("log.csv"), text);
  }

  private static void assertHas(String text, String... parts) {
    for (String part : parts) {
      assertTrue(text.contains(part), () -> "'" + part + "' is not in: " + text);
    }
  }

  @Test
  void fewBadRowsAreLeftOutAndShownWithTheirLines() throws IOException {
    rows(
        996,
        "u1,5,notatime,1",
        "",
        "u1,6",
        "u1,7,2000,1,9",
        ",8,2000,1",
        "u1,\"9\",2000,1",
        "u1,3,2001,7");
    var notes = new ArrayList<String>();
    var progress =
        new Progress() {
          @Override
          public void step(String what, long done, long total) {}

          @Override
          public void note(String message) {
            notes.add(message);
          }
        };

    Examples examples = open(MAPPING, progress);

    assertEquals(997, examples.candidates());
    assertHas(
        String.join("\n", notes),
        "5 of 1002 rows are bad",
        "log.csv line 998: column t holds 'notatime', no whole number: u1,5,notatime,1",
        "log.csv line 1000: ",
        "log.csv line 1001: ",
        "log.csv line 1002: no user: ,8,2000,1",
        "log.csv line 1004: label y is 7.0, outside 0..1: u1,3,2001,7");
  }

  @Test
  void moreBadRowsThanTheLimitAreRefused() throws IOException {
    rows(98, "u1,5,notatime,1", ",5,1,1");

    assertHas(refusal(MAPPING), "2 of 100 rows", "line 100", "line 101", "limit of 1 %");
    assertEquals(98, open(MAPPING + "bad_row_limit: 0.02\n", Progress.NONE).candidates());
  }

  @Test
  void linesAreRightBehindQuotedLineBreaks() throws IOException {
    Files.writeString(
        folder.resolve("log.csv"),
        "u,i,t,y\n\"a\nb\",1,1,1\nu,2,2,0\nu,2,2,0\nu,2,2,0\nu,2,x,0\n".replace("x", "1\",0"));

    assertHas(refusal(MAPPING), "1 of 5 rows", "line 7");
  }

  @Test
  void allUnknownKeysAreNamedWithTheNearest() throws IOException {
    rows(3);

    assertHas(
        refusal(MAPPING + "postion: p\nitems: {file: a.csv, item: i, catgory: c}\n"),
        "unknown key postion; did you mean position?",
        "unknown key items.catgory; did you mean items.category?",
        "items.category is missing");
  }

  @Test
  void missingKeysAndWrongValuesAreNamed() throws IOException {
    rows(3);

    assertHas(
        refusal("log: log.csv\nuser: u\nbad_row_limit: 2\ntime: {column: t, unit: days}\n"),
        "item is missing",
        "bad_row_limit is 2",
        "time.unit is 'days'; use one of [auto, unix_s, unix_ms, iso]");
  }

  @Test
  void expressionsThatDontWorkNameTheirKeyAndTheColumns() throws IOException {
    rows(3);

    assertHas(
        refusal(MAPPING.replace("{y: y}", "{y: ratng >= 4}")),
        "tasks.y: `ratng >= 4`",
        "columns [u, i, t, y]");
    assertHas(refusal(MAPPING.replace("user: u", "user: id")), "user: `id`");
  }

  @Test
  void missingFilesAndUnknownLayoutsSayWhatIsAccepted() throws IOException {
    rows(3);

    assertHas(refusal(MAPPING.replace("log.csv", "nolog.csv")), "there is no file", "nolog.csv");
    Files.delete(folder.resolve("log.yaml"));
    String unknown =
        assertThrows(
                    LogException.class,
                    () -> Logs.open(folder.resolve("log.csv"), Optional.empty(), Progress.NONE))
                .getMessage()
            + "";
    assertHas(unknown, "layout of", "--mapping");
  }

  @Test
  void brokenXzNamesTheFile() throws IOException {
    Files.write(folder.resolve("u.data.xz"), new byte[] {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12});

    String message =
        assertThrows(
                    LogException.class,
                    () -> Logs.open(folder.resolve("u.data.xz"), Optional.empty(), Progress.NONE))
                .getMessage()
            + "";

    assertHas(message, "u.data.xz can't be unpacked");
  }

  @Test
  void catalogueOfOtherItemsIsRefused() throws IOException {
    rows(3);
    Files.writeString(folder.resolve("items.csv"), "id,c\nx1,a\n");

    assertHas(
        refusal(MAPPING + "items: {file: items.csv, item: id, category: c}\n"),
        "no item of the log is in");
  }

  @Test
  void mappingAloneIsEnoughForAFileItDoesntName() throws IOException {
    rows(10);
    Files.writeString(folder.resolve("m.yaml"), MAPPING.replace("log: log.csv\n", ""));

    Examples examples =
        Logs.open(folder.resolve("log.csv"), Optional.of(folder.resolve("m.yaml")), Progress.NONE);

    assertEquals(List.of("y"), examples.schema().tasks());
    assertEquals(10, examples.candidates());
  }
}

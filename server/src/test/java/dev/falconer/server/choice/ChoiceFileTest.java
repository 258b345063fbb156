package dev.falconer.server.choice;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.falconer.server.domain.ExecutedBy;
import dev.falconer.server.domain.VariantKey;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ChoiceFileTest {
  private static final VariantKey KEY = new VariantKey("packed", ExecutedBy.NATIVE);
  private static final Choice CHOICE =
      new Choice(
          KEY,
          Choice.Reason.MEASURED,
          List.of(new Measured(KEY, List.of(16, 64), List.of(1.0, 4.0), List.of(.3, 1.1), 1e-7)));

  private final List<String> notices = new ArrayList<>();
  @TempDir Path folder;

  private ChoiceFile file(String... key) {
    return new ChoiceFile(
        folder, "feed", "3", Map.of("cpu", key[0], "manifest", key[1]), notices::add);
  }

  @Test
  void aChoiceIsReadBackAsOneOfAnEarlierLoad() {
    file("EPYC", "abc").write(CHOICE, List.of());

    var read = file("EPYC", "abc").read();

    assertEquals(Optional.of(new Choice(KEY, Choice.Reason.CACHED, CHOICE.measured())), read);
    assertEquals(List.of(), notices);
  }

  @Test
  void anotherKeyIsNoticedByName() {
    file("EPYC", "abc").write(CHOICE, List.of());

    assertEquals(Optional.empty(), file("Xeon", "abc").read());
    assertEquals(Optional.empty(), file("EPYC", "def").read());

    assertTrue(
        notices.get(0).endsWith("3.json is of another [cpu]; it isn't used"), notices.get(0));
    assertTrue(notices.get(1).contains("another [manifest]"), notices.get(1));
  }

  @Test
  void noFileIsNoChoiceAndNoNotice() {
    assertEquals(Optional.empty(), file("EPYC", "abc").read());
    assertEquals(List.of(), notices);
  }

  @Test
  void whatIsBrokenIsNoticedAndNotUsed() throws IOException {
    var file = file("EPYC", "abc");
    file.write(CHOICE, List.of());
    String good = Files.readString(Path.of(file.toString()));
    var broken =
        List.of(
            "",
            "{}",
            "[]",
            "nonsense",
            "\0\0\0",
            good.substring(0, good.length() / 2),
            good.replace("\"NATIVE\"", "\"GPU\""),
            good.replace("\"sizes\"", "\"size\""),
            good.replace("0.3", "fast"),
            good.replace("\"variant\"", "\"name\""));
    for (String text : broken) {
      notices.clear();
      Files.writeString(Path.of(file.toString()), text);

      assertEquals(Optional.empty(), file.read(), text);

      assertEquals(1, notices.size(), text);
      assertTrue(notices.getFirst().contains("it isn't used"), notices.getFirst());
    }
  }

  @Test
  void aFolderThatCannotBeMadeIsNoticed() throws IOException {
    Files.writeString(folder.resolve("feed"), "a file in its place");

    file("EPYC", "abc").write(CHOICE, List.of());

    assertTrue(notices.getFirst().contains("can't be written"), notices.getFirst());
  }

  @Test
  void theFolderHoldsNothingElseAfterwards() throws IOException {
    file("EPYC", "abc").write(CHOICE, List.of());
    file("EPYC", "def").write(CHOICE, List.of());

    try (var files = Files.list(folder.resolve("feed"))) {
      assertEquals(List.of(folder.resolve("feed/3.json")), files.toList());
    }
  }

  @Test
  void aChoiceThatLacksAVariantIsMeasuredAgainButNotForEver() {
    var lacking = List.of(new VariantKey("packed", ExecutedBy.JAVA));
    for (int tries = 1; tries < ChoiceFile.MOST_TRIES; tries++) {
      write(lacking);

      assertEquals(Optional.empty(), file("EPYC", "abc").read());
      String said = notices.getLast();
      assertTrue(said.contains("busy, or off, at " + tries + " load"), said);
      assertTrue(said.endsWith("so [packed:java] is not chosen; it is measured again"), said);
    }
    write(lacking);

    assertEquals(Optional.of(CHOICE.cached()), file("EPYC", "abc").read());
    String said = notices.getLast();
    assertTrue(said.contains("3.json: Java's compiler was busy, or off, at 3 loads"), said);
    assertTrue(said.endsWith("delete the file to have it measured again"), said);
  }

  @Test
  void aChoiceThatLacksNothingHoldsAtOnceAndTriesBeginAnew() {
    var lacking = List.of(new VariantKey("packed", ExecutedBy.JAVA));
    write(lacking);
    write(lacking);
    write(List.of());
    assertEquals(Optional.of(CHOICE.cached()), file("EPYC", "abc").read());

    write(lacking);

    assertEquals(Optional.empty(), file("EPYC", "abc").read());
    assertTrue(notices.getLast().contains("at 1 load,"), notices.getLast());
  }

  /** Reads and writes, as a load does that measures. */
  private void write(List<VariantKey> lacking) {
    var file = file("EPYC", "abc");
    file.read();
    file.write(CHOICE, lacking);
  }
}

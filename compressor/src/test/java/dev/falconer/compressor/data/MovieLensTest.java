package dev.falconer.compressor.data;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Reads MovieLens-100K where it lies beside the project; it may not be redistributed. */
class MovieLensTest {
  private static Path file() {
    Optional<Path> file =
        Stream.of(System.getenv("FALCONER_DATA"), "../shared/data", "../../shared/data")
            .filter(Objects::nonNull)
            .map(folder -> Path.of(folder, "interactions", "ml-100k.inter.xz"))
            .filter(Files::isRegularFile)
            .findFirst();
    assumeTrue(file.isPresent(), "no interactions/ml-100k.inter.xz in FALCONER_DATA");
    return file.orElseThrow();
  }

  @Test
  void ratingsBecomeLikesWithHistoriesStrictlyBefore() throws IOException {
    Examples examples = Logs.open(file(), Optional.empty(), Progress.NONE);

    assertEquals(100_000, examples.candidates());
    assertEquals(943, examples.users());
    assertEquals(1_682, examples.catalogue().size());
    assertEquals(List.of("1", "2", "3", "4", "5"), examples.schema().actions());
    assertTrue(examples.schema().categories().contains("Film-Noir"));
    int likes = 0;
    for (int r = 0; r < examples.requests(); r++) {
      assertTrue(r == 0 || examples.timeMicros(r - 1) <= examples.timeMicros(r));
      int length = examples.historyLength(r);
      assertTrue(length == 0 || examples.historyTimeMicros(r, length - 1) < examples.timeMicros(r));
      for (int c = 0; c < examples.candidates(r); c++) {
        likes += (int) examples.label(r, c, 0);
      }
    }
    assertEquals(55_375, likes);
    Split split = examples.split(.8, .1);
    assertEquals(
        IntStream.range(0, examples.catalogue().size()).map(split::trainPopularity).sum(),
        IntStream.range(0, split.trainCatalogue().size())
            .map(split.trainCatalogue()::popularity)
            .sum());
  }
}

package dev.falconer.compressor.data;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.falconer.compressor.data.LogGenerator.Surface;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LogGeneratorTest {
  @Test
  void trueProbabilitiesRankClicksAsWellAsTheRecipeSays() {
    GeneratedLog log = LogGenerator.quick(Surface.FEED, 7).generate();

    int cells = log.requests() * LogGenerator.SLATE;
    double clicks = IntStream.range(0, cells).filter(i -> log.isClicked(i / 8, i % 8)).count();
    double auc = auc(log, cells);

    assertTrue(auc > .82 && auc < .86, "AUC of the true probabilities " + auc);
    double rate = clicks / cells;
    assertTrue(rate > .28 && rate < .38, "click rate " + rate);
  }

  private static double auc(GeneratedLog log, int cells) {
    Integer[] order = IntStream.range(0, cells).boxed().toArray(Integer[]::new);
    Arrays.sort(
        order,
        (a, b) ->
            Float.compare(log.clickProbability(a / 8, a % 8), log.clickProbability(b / 8, b % 8)));
    double positives = 0;
    double rankSum = 0;
    for (int rank = 0; rank < cells; rank++) {
      if (log.isClicked(order[rank] / 8, order[rank] % 8)) {
        positives++;
        rankSum += rank + 1;
      }
    }
    return (rankSum - positives * (positives + 1) / 2) / (positives * (cells - positives));
  }

  @Test
  void candidatesOfARequestDiffer() {
    GeneratedLog log = new LogGenerator(Surface.ADS, 20, 30, 200, 3).generate();

    for (int r = 0; r < log.requests(); r++) {
      assertEquals(8, Arrays.stream(log.item, r * 8, r * 8 + 8).distinct().count(), "request " + r);
    }
  }

  @Test
  void sameSeedWritesTheSameBytes(@TempDir Path folder) throws IOException {
    for (String name : List.of("a", "b", "other")) {
      new LogGenerator(Surface.FEED, 20, 60, 200, name.equals("other") ? 4 : 3)
          .generate()
          .write(folder.resolve(name), Progress.NONE);
    }

    for (String file : List.of("log.csv", "items.csv", "log.yaml")) {
      assertEquals(
          -1, Files.mismatch(folder.resolve("a").resolve(file), folder.resolve("b").resolve(file)));
    }
    assertTrue(Files.mismatch(folder.resolve("a/log.csv"), folder.resolve("other/log.csv")) >= 0);
    try (Stream<Path> files = Files.list(folder.resolve("a"))) {
      assertEquals(3, files.count(), "no half-written file is left");
    }
  }
}

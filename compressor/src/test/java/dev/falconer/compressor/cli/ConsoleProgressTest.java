package dev.falconer.compressor.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class ConsoleProgressTest {
  @Test
  void tellsALogEveryTenSecondsHowFarTheWorkIs() {
    var seconds = new AtomicLong(5);
    var text = new StringWriter();
    try (var progress =
        new ConsoleProgress(new PrintWriter(text), false, () -> seconds.get() * 1_000_000_000L)) {
      for (int done = 0; done < 25; done++) {
        progress.step("options", 100L * done, 2400);
        seconds.incrementAndGet();
      }
      progress.note("two rows were left out");
    }

    assertEquals(
        List.of("options: 1,000 of 2,400", "options: 2,000 of 2,400", "two rows were left out"),
        text.toString().lines().toList());
  }

  @Test
  void saysNothingOfAllWhereThatIsNotKnown() {
    var seconds = new AtomicLong();
    var text = new StringWriter();
    try (var progress =
        new ConsoleProgress(
            new PrintWriter(text), false, () -> seconds.getAndAdd(10) * 1_000_000_000L)) {
      progress.step("unpacking ratings.dat", 7, 0);
    }

    assertEquals(List.of("unpacking ratings.dat: 7"), text.toString().lines().toList());
  }
}

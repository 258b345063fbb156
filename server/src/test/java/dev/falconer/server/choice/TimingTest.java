package dev.falconer.server.choice;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.falconer.server.domain.ExecutedBy;
import dev.falconer.server.domain.VariantKey;
import java.time.Duration;
import java.util.List;
import java.util.OptionalLong;
import java.util.function.IntConsumer;
import org.junit.jupiter.api.Test;

/** Timing and warming up by a clock that moves when something is called. */
class TimingTest {
  private static final VariantKey KEY = new VariantKey("packed", ExecutedBy.NATIVE);
  private static final long MILLI = 1_000_000;

  private final StringBuilder calls = new StringBuilder();
  private long now;
  private long allocated;

  /** Takes so many milliseconds a candidate. */
  private IntConsumer scorer(char name, double millis) {
    return count -> {
      calls.append(name);
      now += Math.round(count * millis * MILLI);
    };
  }

  private Measured time(Duration budget, IntConsumer plain, IntConsumer variant) {
    return new PairedTimer(() -> now, budget).time(KEY, plain, variant, List.of(2, 8), .5);
  }

  @Test
  void mediansOfBothAreTakenAtEachSize() {
    var measured = time(Duration.ofSeconds(1), scorer('p', 3), scorer('v', 1));

    assertEquals(
        new Measured(KEY, List.of(2, 8), List.of(6.0, 24.0), List.of(2.0, 8.0), .5), measured);
  }

  @Test
  void theyTakeTurnsAndChangeWhoBegins() {
    time(Duration.ZERO, scorer('p', 1), scorer('v', 1));

    String even = "ppvvppvv"; // a warm call and a timed one, of each, at each of two sizes
    String odd = "vvppvvpp";
    assertEquals(even + odd + even + odd + even, calls.toString());
  }

  @Test
  void aBusyMomentDoesNotCount() {
    var slow = new int[] {0};
    IntConsumer plain = scorer('p', 1);

    var measured =
        time(
            Duration.ofSeconds(1),
            plain,
            count -> {
              now += (slow[0]++ % 5 == 1 ? 100 : 1) * MILLI;
            });

    assertEquals(List.of(1.0, 1.0), measured.millis());
  }

  @Test
  void theBudgetIsKept() {
    time(Duration.ofSeconds(1), scorer('p', 1), scorer('v', 1));

    // A round takes 2 x 2 x (2 + 8) ms, the last begins before the end.
    assertEquals(1000, now / MILLI);
    now = 0;
    time(Duration.ofHours(1), scorer('p', .001), scorer('v', .001));
    assertTrue(now / MILLI < 100, "more rounds than a median takes: " + now);
  }

  private OptionalLong warm(IntConsumer scorer, long allowed, Duration least, Duration most) {
    return new WarmLoop(() -> now, () -> allocated, least, most)
        .run(scorer, List.of(2, 8), allowed);
  }

  @Test
  void whatAllocatesIsCalledUntilItDoesNot() {
    var rounds = new int[1];
    IntConsumer scorer =
        count -> {
          now += MILLI;
          allocated += rounds[0]++ < 60 ? 100_000 : 700;
        };

    var bytes = warm(scorer, 1400, Duration.ZERO, Duration.ofSeconds(1));

    assertEquals(OptionalLong.of(1400), bytes);
    assertEquals(60 + 2 * 5, rounds[0]);
  }

  @Test
  void withoutAnAllowanceAnyBytesWillDo() {
    IntConsumer scorer =
        count -> {
          now += MILLI;
          allocated += 100_000;
        };

    var bytes = warm(scorer, Long.MAX_VALUE, Duration.ZERO, Duration.ofSeconds(1));

    assertEquals(OptionalLong.of(200_000), bytes);
  }

  @Test
  void whatGetsFasterIsCalledOn() {
    var rounds = new int[1];
    IntConsumer scorer =
        count -> {
          rounds[0]++;
          now += MILLI * Math.max(1, 20 - rounds[0] / 6);
        };

    warm(scorer, 0, Duration.ZERO, Duration.ofSeconds(10));

    assertTrue(rounds[0] >= 19 * 6, rounds[0] + " calls");
  }

  @Test
  void aQuickOneIsCalledForTheLeastTime() {
    warm(scorer('v', .001), 0, Duration.ofMillis(250), Duration.ofSeconds(10));

    assertEquals(250, now / MILLI);
  }

  @Test
  void whatNeverGetsCompiledIsGivenUp() {
    IntConsumer scorer =
        count -> {
          now += MILLI;
          allocated += 100_000;
        };

    assertEquals(OptionalLong.empty(), warm(scorer, 1400, Duration.ZERO, Duration.ofSeconds(1)));
    assertEquals(1000, now / MILLI);
  }
}

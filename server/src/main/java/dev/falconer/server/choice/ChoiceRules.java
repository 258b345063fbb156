package dev.falconer.server.choice;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.function.LongSupplier;

/**
 * How a variant is chosen.
 *
 * @param cacheFolder where choices are kept
 * @param budget of timing one variant
 * @param key what a choice depends on besides the model: the machine, the program, its threads
 * @param nanoTime the clock
 * @param allocatedBytes of the calling thread so far
 */
public record ChoiceRules(
    Wanted wanted,
    Path cacheFolder,
    Duration budget,
    Map<String, String> key,
    LongSupplier nanoTime,
    LongSupplier allocatedBytes) {
  /** Until then a variant is compiled, or isn't served. */
  private static final Duration MOST_WARM_UP = Duration.ofSeconds(30);

  /** Copies the key. */
  public ChoiceRules {
    key = Map.copyOf(key);
  }

  /** Returns rules by the process's own clocks. */
  public static ChoiceRules of(
      Wanted wanted, Path cacheFolder, Duration budget, Map<String, String> key) {
    var threads = ManagementFactory.getPlatformMXBean(ThreadMXBean.class);
    return new ChoiceRules(
        wanted,
        cacheFolder,
        budget,
        key,
        System::nanoTime,
        threads::getCurrentThreadAllocatedBytes);
  }

  /** Returns what calls a variant until it is compiled. */
  public WarmLoop warmLoop() {
    return new WarmLoop(nanoTime, allocatedBytes, budget.dividedBy(4), MOST_WARM_UP);
  }

  /** Returns what times variants. */
  public PairedTimer timer() {
    return new PairedTimer(nanoTime, budget);
  }
}

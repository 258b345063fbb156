package dev.falconer.loadtest.load;

import dev.falconer.client.RankingRequest.Mode;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/**
 * What one mode did.
 *
 * @param mode CACHE, BYPASS or WHOLE
 * @param closed one client alone
 * @param steps the open loop's rate steps in the order run; empty when one client alone misses the
 *     objective already
 */
public record ModeResult(Mode mode, Measured closed, List<Measured> steps) {
  /** Copies the list. */
  public ModeResult {
    steps = List.copyOf(steps);
  }

  /** Returns the step with the highest rate that met the objective; empty when none did. */
  public Optional<Measured> best() {
    return steps.stream().filter(Measured::met).max(Comparator.comparingDouble(Measured::rate));
  }
}

package dev.falconer.server;

import dev.falconer.kernel.Isa;
import dev.falconer.server.choice.Wanted;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;

/**
 * Which variants of models are served.
 *
 * @param wanted the fastest, or one by name
 * @param cacheFolder where measured choices are kept
 * @param budget of timing one variant
 * @param mostIsa of the instruction sets that operators of domain dev.falconer may use
 */
public record VariantConfig(Wanted wanted, Path cacheFolder, Duration budget, Isa mostIsa) {
  /** Checks the ranges; the message names the flag. */
  public VariantConfig {
    cacheFolder = cacheFolder.toAbsolutePath().normalize();
    if (budget.isNegative()) {
      throw new IllegalArgumentException(
          "--variant-budget-millis: got " + budget.toMillis() + ", want at least 0");
    }
  }

  /**
   * Returns the defaults: the fastest by a second for each, with what the environment allows.
   *
   * @throws IllegalArgumentException when {@link Isa#VARIABLE} names no instruction set
   */
  public static VariantConfig of(Map<String, String> environment) {
    return new VariantConfig(
        new Wanted.Fastest(),
        cacheFolder(environment),
        Duration.ofSeconds(1),
        Isa.most(environment));
  }

  /** Returns these with what {@code --variant} says. */
  public VariantConfig with(String variant) {
    return new VariantConfig(Wanted.parse(variant), cacheFolder, budget, mostIsa);
  }

  /** $XDG_CACHE_HOME/falconer where that is set, else a temporary folder of the user's. */
  static Path cacheFolder(Map<String, String> environment) {
    String home = environment.getOrDefault("XDG_CACHE_HOME", "");
    return home.isEmpty()
        ? Path.of(
            System.getProperty("java.io.tmpdir"), "falconer-" + System.getProperty("user.name"))
        : Path.of(home, "falconer");
  }
}

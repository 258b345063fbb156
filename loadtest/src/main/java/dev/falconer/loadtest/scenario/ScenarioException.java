package dev.falconer.loadtest.scenario;

import java.util.List;

/** A scenario that can't be run; lists every problem found, by key. */
public final class ScenarioException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  ScenarioException(String source, List<String> problems) {
    super("%s: %s".formatted(source, String.join("; ", problems)));
  }
}

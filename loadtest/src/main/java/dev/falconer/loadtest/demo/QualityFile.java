package dev.falconer.loadtest.demo;

import java.nio.file.Path;

/** Reads what {@code falconer evaluate --json} writes. */
final class QualityFile {
  private QualityFile() {}

  /** Returns the figures of the model that was given to the command by this path. */
  static ModelQuality model(Figures file, Path model) {
    var figures = file.get("models").get(model.toString());
    return new ModelQuality(
        (long) figures.number("parameters"), (long) figures.number("bytes"), figures.get("tasks"));
  }
}

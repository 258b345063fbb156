package dev.falconer.loadtest.demo;

import java.nio.file.Path;

/**
 * Where the demo keeps what its commands write.
 *
 * @param out the folder given with --out
 */
record Folders(Path out) {
  Path data() {
    return out.resolve("data");
  }

  Path repository() {
    return out.resolve("models");
  }

  Path bundle(String model) {
    return repository().resolve(model).resolve("1");
  }

  Path work(String file) {
    return out.resolve("work").resolve(file);
  }

  Path report() {
    return out.resolve("report");
  }

  Path summary() {
    return out.resolve("summary.json");
  }
}

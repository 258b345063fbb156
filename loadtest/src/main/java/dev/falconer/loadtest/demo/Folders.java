package dev.falconer.loadtest.demo;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Where the demo keeps what its commands write.
 *
 * @param out the folder given with --out
 * @param model name of the served model
 * @param version of its bundle: a published version is never changed, so that a second run in the
 *     same folder takes the next
 */
record Folders(Path out, String model, int version) {
  /** Returns the folders of a run, with the first version above those that are there. */
  static Folders of(Path out, String model) throws IOException {
    var versions = out.resolve("models").resolve(model);
    if (!Files.isDirectory(versions)) {
      return new Folders(out, model, 1);
    }
    try (var each = Files.list(versions)) {
      int highest =
          each.map(folder -> folder.getFileName().toString())
              .filter(name -> name.matches("[0-9]{1,9}"))
              .mapToInt(Integer::parseInt)
              .max()
              .orElse(0);
      return new Folders(out, model, highest + 1);
    }
  }

  Path data() {
    return out.resolve("data");
  }

  Path repository() {
    return out.resolve("models");
  }

  Path bundle() {
    return repository().resolve(model).resolve(Integer.toString(version));
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

package dev.falconer.loadtest.demo;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Path;

/** JSON that the commands wrote, read with errors that name file and key. */
record Figures(Path file, String at, JsonNode node) {
  private static final ObjectMapper JSON = new ObjectMapper();

  static Figures read(Path file) throws IOException {
    return new Figures(file, "", JSON.readTree(file.toFile()));
  }

  /** Returns what lies under a key. */
  Figures get(String key) {
    var child = node.get(key);
    if (child == null) {
      throw new IllegalStateException(
          "%s: no \"%s\" under \"%s\": written by another version?".formatted(file, key, at));
    }
    return new Figures(file, at.isEmpty() ? key : at + "." + key, child);
  }

  /** Returns a number; NaN for null. */
  double number(String key) {
    var value = get(key).node();
    if (value.isNull()) {
      return Double.NaN;
    }
    if (!value.isNumber()) {
      throw new IllegalStateException("%s: %s.%s is %s".formatted(file, at, key, value));
    }
    return value.asDouble();
  }

  /** Returns the first key. */
  String firstKey() {
    var names = node.fieldNames();
    if (!names.hasNext()) {
      throw new IllegalStateException("%s: nothing under \"%s\"".formatted(file, at));
    }
    return names.next();
  }
}

package dev.falconer.compressor.cli;

import dev.falconer.compressor.zoo.CandidateSelf;
import dev.falconer.compressor.zoo.Fusion;
import dev.falconer.compressor.zoo.HistoryMask;
import dev.falconer.compressor.zoo.RankerConfig;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** A ranker's shape as one word: L=512,d=128,h=4,layers=2,head=256-128. */
final class BenchShape {
  private static final Map<String, String> DEFAULTS = new LinkedHashMap<>();

  static {
    // The shape that the project's speed figures are stated for.
    DEFAULTS.put("L", "512");
    DEFAULTS.put("d", "128");
    DEFAULTS.put("h", "4");
    DEFAULTS.put("layers", "2");
    DEFAULTS.put("head", "256-128");
    DEFAULTS.put("cross", "2");
    DEFAULTS.put("dense", "32");
  }

  private BenchShape() {}

  /** Returns an append ranker of one task. Throws IllegalArgumentException for unknown keys. */
  static RankerConfig parse(String text) {
    var values = new LinkedHashMap<>(DEFAULTS);
    for (String part : text.isBlank() ? new String[0] : text.split(",", -1)) {
      String[] pair = part.split("=", 2);
      if (pair.length != 2 || !values.containsKey(pair[0].strip())) {
        throw new IllegalArgumentException(
            "shape \"%s\": want some of %s, such as L=512,d=128"
                .formatted(text, DEFAULTS.keySet()));
      }
      values.put(pair[0].strip(), pair[1].strip());
    }
    var head = new ArrayList<Integer>();
    for (String width : values.getOrDefault("head", "").split("-", -1)) {
      head.add(number(text, width));
    }
    return new RankerConfig(
        Fusion.APPEND,
        HistoryMask.CAUSAL,
        CandidateSelf.NONE,
        number(text, values.getOrDefault("d", "")),
        number(text, values.getOrDefault("layers", "")),
        number(text, values.getOrDefault("h", "")),
        number(text, values.getOrDefault("L", "")),
        4,
        number(text, values.getOrDefault("cross", "")),
        head,
        List.of("click"),
        3,
        0,
        0,
        number(text, values.getOrDefault("dense", "")),
        0);
  }

  private static int number(String text, String value) {
    try {
      return Integer.parseInt(value);
    } catch (NumberFormatException e) {
      throw new IllegalArgumentException(
          "shape \"" + text + "\": \"" + value + "\" is no number", e);
    }
  }
}

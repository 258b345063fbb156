package dev.falconer.loadtest.scenario;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import dev.falconer.client.RankingRequest.Mode;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;

/** Reads scenarios. Keys that are left out take the value of the built-in feed.yaml. */
public final class ScenarioFile {
  /** Name of the scenario that ships with the program. */
  public static final String DEFAULT = "feed.yaml";

  private final String source;
  private final List<String> problems = new ArrayList<>();

  private ScenarioFile(String source) {
    this.source = source;
  }

  /** Returns the scenario of a file, or the built-in one when the name is its and no file. */
  public static Scenario read(String file) throws IOException {
    var path = Path.of(file);
    if (!Files.exists(path) && file.equals(DEFAULT)) {
      return parse("built-in " + DEFAULT, builtIn());
    }
    return parse(file, Files.readString(path));
  }

  /** Returns the scenario of a YAML text; {@code source} names it in errors. */
  public static Scenario parse(String source, String yaml) throws IOException {
    return new ScenarioFile(source).scenario(tree(source, yaml), tree(DEFAULT, builtIn()));
  }

  /** Returns the text of the built-in scenario. */
  public static String builtIn() throws IOException {
    try (var in = ScenarioFile.class.getResourceAsStream(DEFAULT)) {
      if (in == null) {
        throw new IllegalStateException("the jar lacks its resource " + DEFAULT);
      }
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    }
  }

  private static JsonNode tree(String source, String yaml) throws IOException {
    try {
      var tree = new YAMLMapper().readTree(yaml);
      if (!tree.isObject()) {
        throw new ScenarioException(source, List.of("a scenario is a map of keys"));
      }
      return tree;
    } catch (JsonProcessingException notYaml) {
      throw new ScenarioException(source, List.of(notYaml.getMessage()));
    }
  }

  private Scenario scenario(JsonNode given, JsonNode standard) {
    refuseUnknown("", given, standard);
    if (given.path("rates").isObject()) {
      refuseUnknown("rates.", given.path("rates"), standard.path("rates"));
    }
    var scenario =
        new Scenario(
            given.path("name").asText(standard.path("name").asText()),
            (int) number("users", given, standard, 1, 100_000_000, true),
            number("zipf_exponent", given, standard, 0, 10, false),
            (int) number("candidates", given, standard, 1, 1_000_000, true),
            number("growth_per_request", given, standard, 0, 1_000, false),
            (int) number("history_low", given, standard, 0, 1_000_000, true),
            (int) number("history_high", given, standard, 0, 1_000_000, true),
            number("slo_p99_ms", given, standard, .01, 600_000, false),
            number("warmup_seconds", given, standard, 0, 3_600, false),
            number("closed_loop_seconds", given, standard, .1, 3_600, false),
            number("step_seconds", given, standard, .1, 3_600, false),
            new Rates(
                number("rates/start", given, standard, 0, 1e6, false),
                number("rates/factor", given, standard, 1.01, 100, false),
                (int) number("rates/steps", given, standard, 1, 100, true),
                (int) number("rates/refinements", given, standard, 0, 20, true)),
            modes(given.has("modes") ? given.path("modes") : standard.path("modes")),
            (long) number("seed", given, standard, 0, 1e15, true));
    if (scenario.historyHigh() > 0 && scenario.historyLow() >= scenario.historyHigh()) {
      problems.add("'history_low' must be below 'history_high'");
    }
    if (!problems.isEmpty()) {
      throw new ScenarioException(source, problems);
    }
    return scenario;
  }

  private void refuseUnknown(String prefix, JsonNode given, JsonNode standard) {
    given
        .fieldNames()
        .forEachRemaining(key -> {
          if (!standard.has(key)) {
            var known = new ArrayList<String>();
            standard.fieldNames().forEachRemaining(known::add);
            problems.add("unknown key '%s%s'; there are %s".formatted(prefix, key, known));
          }
        });
  }

  private double number(
      String key, JsonNode given, JsonNode standard, double low, double high, boolean whole) {
    var pointer = "/" + key;
    var node = given.at(pointer).isMissingNode() ? standard.at(pointer) : given.at(pointer);
    if (!node.isNumber() || (whole && !node.isIntegralNumber())) {
      problems.add(
          "'%s' is %s; wanted a %snumber"
              .formatted(key.replace('/', '.'), node, whole ? "whole " : ""));
      return low;
    }
    double value = node.asDouble();
    if (!(value >= low && value <= high)) {
      problems.add("'%s' is %s; from %s to %s".formatted(key.replace('/', '.'), node, low, high));
    }
    return value;
  }

  private List<Mode> modes(JsonNode node) {
    var modes = EnumSet.noneOf(Mode.class);
    for (var each : node) {
      try {
        modes.add(Mode.valueOf(each.asText().toUpperCase(Locale.ROOT)));
      } catch (IllegalArgumentException _) {
        problems.add("'modes' holds %s; there are cache, bypass, whole".formatted(each));
      }
    }
    if (modes.isEmpty()) {
      problems.add("'modes' names none of cache, bypass, whole");
    }
    return List.copyOf(modes);
  }
}

package dev.falconer.compressor.pipeline;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.JsonMappingException;
import com.fasterxml.jackson.databind.exc.UnrecognizedPropertyException;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import com.fasterxml.jackson.dataformat.yaml.YAMLGenerator;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import dev.falconer.compressor.pipeline.CompressionPlan.Choice;
import dev.falconer.compressor.pipeline.CompressionPlan.Rule;
import dev.falconer.compressor.pipeline.CompressionPlan.Targets;
import dev.falconer.compressor.pipeline.Treatment.Decompose;
import dev.falconer.compressor.pipeline.Treatment.Prune;
import dev.falconer.compressor.pipeline.Treatment.Quantise;
import dev.falconer.compressor.quantize.ActivationRange;
import dev.falconer.compressor.solver.GridFit;
import dev.falconer.compressor.solver.Pattern;
import dev.falconer.compressor.solver.RankChoice;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Reads a plan from YAML. */
public final class PlanFile {
  private static final String DEFAULT_SOLVER = "alps";
  private static final String DEFAULT_DECOMPOSER = "hassle-free-alps";
  private static final String DEFAULT_QUANTISER = "gptq+cd";
  private static final int DEFAULT_GROUP = 32;

  /** Bits of weights whose products with bytes saturate on no CPU. */
  private static final int SAFE_BITS = 7;

  private static final YAMLMapper YAML =
      new YAMLMapper(
          YAMLFactory.builder()
              .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
              .disable(YAMLGenerator.Feature.WRITE_DOC_START_MARKER)
              .build());

  private PlanFile() {}

  private record Lines(
      @Nullable String targets, @Nullable List<Line> layers, @Nullable String embeddings) {}

  private record Line(
      @Nullable String match,
      @Nullable List<Line> options,
      @Nullable String keep,
      @Nullable String remove,
      @Nullable String pattern,
      @Nullable String solver,
      @Nullable String rank,
      @Nullable Integer bits,
      @Nullable Integer group,
      @Nullable String grid,
      @Nullable String activations,
      @Nullable String range,
      @Nullable String quantiser) {
    boolean hasNoKeys() {
      return remove == null && hasNoOtherKeys();
    }

    boolean hasNoOtherKeys() {
      return pattern == null
          && solver == null
          && rank == null
          && bits == null
          && group == null
          && grid == null
          && activations == null
          && range == null
          && quantiser == null;
    }
  }

  /**
   * Returns the plan of a file.
   *
   * @param constants of the solvers
   * @throws IllegalArgumentException naming the file, the key and what it may be
   */
  public static CompressionPlan read(Path file, Constants constants) throws IOException {
    return parse(Files.readString(file), file.toString(), constants);
  }

  /**
   * Returns the plan of a text.
   *
   * @param source what to call the text in errors
   * @param constants of the solvers
   */
  public static CompressionPlan parse(String yaml, String source, Constants constants) {
    Lines lines;
    try {
      lines = YAML.readValue(yaml, Lines.class);
    } catch (UnrecognizedPropertyException e) {
      throw new IllegalArgumentException(
          "plan %s, %s: no such key; there are %s"
              .formatted(source, path(e), e.getKnownPropertyIds()),
          e);
    } catch (JsonMappingException e) {
      throw new IllegalArgumentException(
          "plan %s, %s: %s".formatted(source, path(e), e.getOriginalMessage()), e);
    } catch (JsonProcessingException e) {
      throw new IllegalArgumentException("plan %s: %s".formatted(source, e.getMessage()), e);
    }
    if (lines == null || lines.layers == null || lines.layers.isEmpty()) {
      throw new IllegalArgumentException(
          "plan %s, layers: missing; want a list of rules such as {match: \"*\", pattern: \"2:4\"}"
              .formatted(source));
    }
    var rules = new ArrayList<Rule>();
    for (int i = 0; i < lines.layers.size(); i++) {
      try {
        rules.add(rule(lines.layers.get(i), constants));
      } catch (IllegalArgumentException e) {
        throw new IllegalArgumentException(
            "plan %s, layers[%d]: %s".formatted(source, i, e.getMessage()), e);
      }
    }
    Targets targets = targets(lines.targets, source, constants);
    boolean halfTables = halfTables(lines.embeddings, source);
    try {
      return new CompressionPlan(rules, targets, halfTables);
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException("plan %s: %s".formatted(source, e.getMessage()), e);
    }
  }

  /** Returns a plan's text, of which {@link #parse} makes the plan again. */
  public static String text(CompressionPlan plan) {
    var root = new LinkedHashMap<String, Object>();
    root.put("targets", plan.targets().name().toLowerCase(Locale.ROOT));
    root.put(
        "layers",
        plan.rules().stream()
            .map(rule -> {
              var line = new LinkedHashMap<String, Object>();
              line.put("match", rule.match());
              if (rule.isOpen()) {
                line.put("options", rule.choices().stream().map(Choice::keys).toList());
              } else {
                line.putAll(rule.choices().getFirst().keys());
              }
              return line;
            })
            .toList());
    if (plan.halfTables()) {
      root.put("embeddings", "fp16");
    }
    try {
      return YAML.writeValueAsString(root);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException(e);
    }
  }

  private static boolean halfTables(@Nullable String text, String source) {
    if (text != null && !text.equals("fp16")) {
      throw new IllegalArgumentException(
          "plan %s, embeddings: \"%s\" is not fp16".formatted(source, text));
    }
    return text != null;
  }

  private static Targets targets(@Nullable String text, String source, Constants constants) {
    if (text == null) {
      return constants == Constants.PUBLISHED ? Targets.SYMMETRIC : Targets.ASYMMETRIC;
    }
    try {
      return Targets.valueOf(text.toUpperCase(Locale.ROOT));
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException(
          "plan %s, targets: \"%s\" is neither asymmetric nor symmetric".formatted(source, text),
          e);
    }
  }

  private static Rule rule(@Nullable Line line, Constants constants) {
    if (line == null || line.match == null || line.match.isEmpty()) {
      throw new IllegalArgumentException("match is missing: the name of a layer, or \"*\"");
    }
    if (line.options == null) {
      return new Rule(line.match, List.of(choice(line, constants)));
    }
    if (line.keep != null || !line.hasNoKeys()) {
      throw new IllegalArgumentException("options goes with no other key than match");
    }
    if (line.options.size() < 2) {
      throw new IllegalArgumentException(
          "options: %d, want two or more such as {keep: dense} and {bits: 4}"
              .formatted(line.options.size()));
    }
    var choices = new ArrayList<Choice>();
    for (int i = 0; i < line.options.size(); i++) {
      try {
        choices.add(option(line.options.get(i), constants));
      } catch (IllegalArgumentException e) {
        throw new IllegalArgumentException("options[%d]: %s".formatted(i, e.getMessage()), e);
      }
    }
    return new Rule(line.match, choices);
  }

  private static Choice option(@Nullable Line line, Constants constants) {
    if (line == null) {
      throw new IllegalArgumentException("empty; want such as {bits: 4}, or {keep: dense}");
    }
    if (line.match != null || line.options != null) {
      throw new IllegalArgumentException("match and options go with the rule");
    }
    return choice(line, constants);
  }

  private static Choice choice(Line line, Constants constants) {
    Map<String, Object> keys = YAML.convertValue(line, new TypeReference<>() {});
    keys.values().removeIf(java.util.Objects::isNull);
    keys.remove("match");
    if (line.keep != null) {
      if (!line.keep.equals("dense")) {
        throw new IllegalArgumentException("keep: \"" + line.keep + "\" is not dense");
      }
      if (!line.hasNoKeys()) {
        throw new IllegalArgumentException("keep: dense goes with no other key");
      }
      return new Choice(Optional.empty(), keys);
    }
    if (line.remove != null) {
      if (!line.hasNoOtherKeys()) {
        throw new IllegalArgumentException("remove goes with no other key");
      }
      return new Choice(Optional.empty(), share(line.remove), keys);
    }
    return new Choice(Optional.of(treatment(line, constants)), keys);
  }

  private static double share(String text) {
    try {
      double percent = text.endsWith("%") ? Double.parseDouble(text.replace("%", "")) : 0;
      if (percent > 0 && percent < 100) {
        return percent / 100;
      }
    } catch (NumberFormatException e) {
      // Said below.
    }
    throw new IllegalArgumentException(
        "remove: \"%s\", want a share of the heads, neurons or channels, such as 25%%"
            .formatted(text));
  }

  private static Treatment treatment(Line line, Constants constants) {
    boolean isRounded = line.bits != null || line.activations != null;
    if (!isRounded && (line.group != null || line.grid != null || line.quantiser != null)) {
      throw new IllegalArgumentException("group, grid and quantiser go with bits");
    }
    if (line.range != null && line.activations == null) {
      throw new IllegalArgumentException("range goes with activations: int8");
    }
    if (isRounded && line.rank != null) {
      throw new IllegalArgumentException("rank and bits don't go together on one layer");
    }
    if (line.pattern == null) {
      if (!isRounded) {
        throw new IllegalArgumentException(
            "pattern, bits or remove is missing, such as \"2:4\", 4 or \"25%\"; or keep: dense");
      }
      if (line.solver != null) {
        throw new IllegalArgumentException("solver goes with pattern; for bits it is quantiser");
      }
      return quantise(line, Optional.empty(), constants);
    }
    Pattern pattern = Pattern.parse(line.pattern);
    if (line.rank != null) {
      String name = line.solver == null ? DEFAULT_DECOMPOSER : line.solver;
      RankChoice rank = RankChoice.parse(line.rank);
      return new Decompose(pattern, constants.decomposer(name), rank, name);
    }
    String name = line.solver == null ? DEFAULT_SOLVER : line.solver;
    var prune = new Prune(pattern, constants.pruner(name), name);
    return isRounded ? quantise(line, Optional.of(prune), constants) : prune;
  }

  private static Quantise quantise(Line line, Optional<Prune> sparse, Constants constants) {
    String name = line.quantiser == null ? DEFAULT_QUANTISER : line.quantiser;
    GridFit.Search search =
        switch (line.grid == null ? constants.grid() : line.grid) {
          case "mse" -> GridFit.Search.MSE;
          case "minmax" -> GridFit.Search.MINMAX;
          default ->
              throw new IllegalArgumentException("grid: \"" + line.grid + "\", want mse or minmax");
        };
    Optional<ActivationRange> activations = activations(line);
    return new Quantise(
        grid(line, activations.isPresent()).withSearch(search),
        constants.quantiser(name),
        sparse,
        activations,
        name);
  }

  private static GridFit grid(Line line, boolean isInteger) {
    if (!isInteger) {
      return GridFit.perOutput(java.util.Objects.requireNonNull(line.bits))
          .withGroup(line.group == null ? DEFAULT_GROUP : line.group);
    }
    if (line.group != null) {
      throw new IllegalArgumentException(
          "group doesn't go with activations: the integers of an output share one scale");
    }
    int bits = line.bits == null ? SAFE_BITS : line.bits;
    return new GridFit(bits, 0, GridFit.Symmetry.SYMMETRIC, GridFit.Search.MINMAX);
  }

  private static Optional<ActivationRange> activations(Line line) {
    if (line.activations == null) {
      return Optional.empty();
    }
    if (!line.activations.equals("int8")) {
      throw new IllegalArgumentException("activations: \"" + line.activations + "\" is not int8");
    }
    if (line.range == null || line.range.equals("mse")) {
      return Optional.of(new ActivationRange.LeastSquares());
    }
    try {
      if (line.range.endsWith("%")) {
        double percent = Double.parseDouble(line.range.substring(0, line.range.length() - 1));
        return Optional.of(new ActivationRange.Percentile(percent / 100));
      }
    } catch (IllegalArgumentException e) {
      // Said below.
    }
    throw new IllegalArgumentException(
        "range: \"%s\", want mse, or the share of the values that is not clipped, such as 99.99%%"
            .formatted(line.range));
  }

  private static String path(JsonMappingException e) {
    var path = new StringBuilder();
    for (JsonMappingException.Reference step : e.getPath()) {
      if (step.getFieldName() != null) {
        path.append(path.isEmpty() ? "" : ".").append(step.getFieldName());
      } else {
        path.append('[').append(step.getIndex()).append(']');
      }
    }
    return path.isEmpty() ? "the whole" : path.toString();
  }
}

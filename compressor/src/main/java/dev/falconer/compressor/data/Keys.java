package dev.falconer.compressor.data;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/**
 * The keys of one YAML object, read one by one: each read is remembered, and what is left in the
 * end is unknown. Problems are collected, so that a user sees all at once.
 */
final class Keys {
  private final JsonNode object;
  private final String path;
  private final List<String> problems;
  private final List<String> known = new ArrayList<>();

  Keys(JsonNode object, String path, List<String> problems) {
    this.object = object;
    this.path = path;
    this.problems = problems;
    if (!object.isObject()) {
      problems.add((path.isEmpty() ? "the mapping" : path) + " must hold keys and values");
    }
  }

  private Optional<JsonNode> at(String key) {
    known.add(key);
    return Optional.ofNullable(object.get(key)).filter(node -> !node.isNull());
  }

  String name(String key) {
    return path.isEmpty() ? key : path + "." + key;
  }

  Optional<String> text(String key) {
    return at(key).flatMap(node -> scalar(name(key), node));
  }

  private Optional<String> scalar(String name, JsonNode node) {
    if (node.isValueNode()) {
      return Optional.of(node.asText());
    }
    problems.add(name + " must be one value");
    return Optional.empty();
  }

  String required(String key) {
    Optional<String> text = text(key);
    if (text.isEmpty() && !object.has(key)) {
      problems.add(name(key) + " is missing");
    }
    return text.orElse("");
  }

  <E extends Enum<E>> E choice(String key, E[] choices, E otherwise) {
    Optional<String> text = text(key);
    if (text.isEmpty()) {
      return otherwise;
    }
    for (E choice : choices) {
      if (choice.name().equals(text.get().toUpperCase(Locale.ROOT))) {
        return choice;
      }
    }
    var names = new ArrayList<String>();
    for (E choice : choices) {
      names.add(choice.name().toLowerCase(Locale.ROOT));
    }
    problems.add("%s is '%s'; use one of %s".formatted(name(key), text.get(), names));
    return otherwise;
  }

  Optional<Double> number(String key, double min, double max) {
    Optional<JsonNode> node = at(key);
    if (node.isEmpty()) {
      return Optional.empty();
    }
    double value = node.get().isNumber() ? node.get().asDouble() : Double.NaN;
    if (!(value >= min && value <= max)) {
      problems.add(
          "%s is %s; use a number from %s to %s".formatted(name(key), node.get(), min, max));
      return Optional.empty();
    }
    return Optional.of(value);
  }

  Optional<Integer> integer(String key, int min, int max) {
    Optional<Double> number = number(key, min, max);
    if (number.isPresent() && number.get() != Math.rint(number.get())) {
      problems.add(name(key) + " must be a whole number");
    }
    return number.map(Double::intValue);
  }

  /** One value or a list of them. */
  List<String> texts(String key) {
    var texts = new ArrayList<String>();
    at(key)
        .ifPresent(node -> {
          if (node.isArray()) {
            node.forEach(element -> scalar(name(key), element).ifPresent(texts::add));
          } else {
            scalar(name(key), node).ifPresent(texts::add);
          }
        });
    return texts;
  }

  /** Expressions by name: an object, or a name or list of names that are columns themselves. */
  Map<String, String> expressions(String key) {
    var expressions = new LinkedHashMap<String, String>();
    Optional<JsonNode> node = at(key);
    if (node.isPresent() && node.get().isObject()) {
      node.get()
          .properties()
          .forEach(entry ->
              scalar(name(key) + "." + entry.getKey(), entry.getValue())
                  .ifPresent(text -> expressions.put(entry.getKey(), text)));
    } else {
      texts(key).forEach(text -> expressions.put(text, text));
    }
    return expressions;
  }

  /** The object at a key; a single value (or list) there stands for {@code {mainKey: value}}. */
  Optional<Keys> object(String key, String mainKey) {
    return at(key)
        .map(node -> {
          JsonNode object = node;
          if (!node.isObject()) {
            object = JsonNodeFactory.instance.objectNode().set(mainKey, node);
          }
          return new Keys(object, name(key), problems);
        });
  }

  /** Reports the keys that nobody asked for. */
  void end() {
    object
        .fieldNames()
        .forEachRemaining(key -> {
          if (!known.contains(key)) {
            problems.add(
                "unknown key %s; did you mean %s?".formatted(name(key), name(nearest(key))));
          }
        });
  }

  private String nearest(String key) {
    String best = known.getFirst();
    for (String candidate : known) {
      if (distance(key, candidate) < distance(key, best)) {
        best = candidate;
      }
    }
    return best;
  }

  /** Edits between two words. Source: Wagner and Fischer 1974. */
  private static int distance(String a, String b) {
    var row = new int[b.length() + 1];
    for (int j = 0; j < row.length; j++) {
      row[j] = j;
    }
    for (int i = 1; i <= a.length(); i++) {
      int diagonal = row[0];
      row[0] = i;
      for (int j = 1; j < row.length; j++) {
        int changed = diagonal + (a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1);
        diagonal = row[j];
        row[j] = Math.min(changed, 1 + Math.min(row[j], row[j - 1]));
      }
    }
    return row[b.length()];
  }
}

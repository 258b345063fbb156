package dev.falconer.compressor.split;

import dev.falconer.compressor.axes.Roles;
import dev.falconer.compressor.axes.Roles.Role;
import dev.falconer.compressor.onnx.DType;
import dev.falconer.compressor.onnx.Model;
import dev.falconer.compressor.onnx.ValueInfo;
import dev.falconer.compressor.onnx.ValueInfo.Dim;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Whose an input looks like, by the words of its name and by its axes. An offer: nothing is split
 * by it unasked.
 *
 * @param role empty when nothing points anywhere
 * @param reason what points there
 */
public record RoleGuess(String input, Optional<Role> role, String reason) {
  private static final Set<String> LENGTHS = Set.of("len", "length", "lengths");
  private static final Set<String> CANDIDATES =
      Set.of("cand", "cands", "candidate", "candidates", "target", "targets");
  private static final Set<String> HISTORIES =
      words(
          "hist history his seq sequence past click clicks clicked behavior behaviors behaviour"
              + " behaviours visited viewed bought purchased session recent watched played rated");
  private static final Set<String> USERS =
      words(
          "user users usr uid u member viewer customer visitor profile age gender sex occupation"
              + " query");
  private static final Set<String> ITEMS =
      words(
          "item items ad ads advert doc docs document movie movies news article video product"
              + " goods sku cate category cat brand merchant song track creative campaign price"
              + " listing offer iid");
  private static final Set<String> CONTEXTS =
      words(
          "context ctx hour time timestamp date day weekday dow month device page slot surface"
              + " os network request platform");

  private static Set<String> words(String list) {
    return Set.of(list.split(" "));
  }

  /**
   * Returns one guess per input, in the graph's order; roles in the model's metadata come first.
   */
  public static List<RoleGuess> of(Model model) {
    Roles told = Roles.of(model);
    return model.graph().inputs().stream()
        .map(input -> {
          Role role = told.byInput().get(input.name());
          return role == null
              ? of(input)
              : new RoleGuess(input.name(), Optional.of(role), "the file says so");
        })
        .toList();
  }

  private static RoleGuess of(ValueInfo input) {
    List<String> words = split(input.name());
    String length = first(words, LENGTHS);
    if (!length.isEmpty() && !input.dtype().isFloat() && isOnePerRow(input)) {
      return guess(input, Role.LENGTH, named(length) + " and one integer per row");
    }
    for (var rule :
        List.of(
            Map.entry(Role.CANDIDATE, CANDIDATES),
            Map.entry(Role.USER, HISTORIES),
            Map.entry(Role.USER, USERS),
            Map.entry(Role.CANDIDATE, ITEMS),
            Map.entry(Role.CONTEXT, CONTEXTS))) {
      String word = first(words, rule.getValue());
      if (!word.isEmpty()) {
        return guess(input, rule.getKey(), named(word));
      }
    }
    return byAxes(input);
  }

  private static RoleGuess byAxes(ValueInfo input) {
    List<Dim> dims = input.dims() == null ? List.of() : input.dims();
    for (Dim dim : dims.subList(Math.min(1, dims.size()), dims.size())) {
      if (dim instanceof Dim.Symbol(String name)) {
        String word = first(split(name), CANDIDATES);
        if (!word.isEmpty()) {
          return guess(input, Role.CANDIDATE, "axis \"" + name + "\"");
        }
      }
    }
    boolean ids = input.dtype() == DType.INT64 || input.dtype() == DType.INT32;
    if (ids && dims.size() == 2 && !(dims.get(1) instanceof Dim.Fixed)) {
      return guess(input, Role.USER, "ids along a second axis of any length, as a history has");
    }
    return new RoleGuess(input.name(), Optional.empty(), "neither its name nor its axes tell");
  }

  private static boolean isOnePerRow(ValueInfo input) {
    List<Dim> dims = input.dims();
    return dims == null
        || dims.size() < 2
        || (dims.size() == 2 && dims.get(1).equals(new Dim.Fixed(1)));
  }

  private static RoleGuess guess(ValueInfo input, Role role, String reason) {
    return new RoleGuess(input.name(), Optional.of(role), reason);
  }

  private static String named(String word) {
    return "\"" + word + "\" in its name";
  }

  private static String first(List<String> words, Set<String> wanted) {
    return words.stream().filter(wanted::contains).findFirst().orElse("");
  }

  /** Returns the words of user_id, userId, user.id2 in lower case. */
  private static List<String> split(String name) {
    String spaced = name.replaceAll("([a-z0-9])([A-Z])", "$1 $2").replaceAll("[^A-Za-z]+", " ");
    return List.of(spaced.toLowerCase(Locale.ROOT).strip().split(" "));
  }

  /** Returns the guessed roles; inputs that nothing is known of are left out. */
  static Roles roles(List<RoleGuess> guesses) {
    var roles = new HashMap<String, Role>();
    guesses.forEach(guess -> guess.role.ifPresent(role -> roles.put(guess.input, role)));
    return new Roles(roles);
  }

  /** Returns the command that splits a file by these guesses; unknown inputs stay to be named. */
  static String command(String file, List<RoleGuess> guesses) {
    var line = new StringBuilder("falconer split --model ").append(file);
    for (Role role : Role.values()) {
      List<String> inputs =
          guesses.stream()
              .filter(guess -> guess.role.equals(Optional.of(role)))
              .map(RoleGuess::input)
              .toList();
      if (!inputs.isEmpty()) {
        line.append(" --").append(role.name().toLowerCase(Locale.ROOT)).append(' ');
        line.append(String.join(",", inputs));
      }
    }
    String name = java.nio.file.Path.of(file).getFileName().toString().replaceAll("\\.onnx$", "");
    return line.append(" --out models/").append(name).append("/1").toString();
  }
}

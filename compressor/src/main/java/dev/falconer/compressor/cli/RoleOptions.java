package dev.falconer.compressor.cli;

import dev.falconer.compressor.axes.Roles;
import dev.falconer.compressor.axes.Roles.Role;
import dev.falconer.compressor.onnx.Model;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import picocli.CommandLine.Option;

/** The options that say whose a model's inputs are. */
final class RoleOptions {
  @Option(
      names = "--user",
      split = ",",
      paramLabel = "INPUT",
      description = "Inputs that are the user's. Default: as the model's metadata says.")
  private List<String> user = List.of();

  @Option(
      names = "--candidate",
      split = ",",
      paramLabel = "INPUT",
      description = "Inputs with one row per candidate.")
  private List<String> candidate = List.of();

  @Option(
      names = "--context",
      split = ",",
      paramLabel = "INPUT",
      description = "Inputs of the request, never part of the user's state.")
  private List<String> context = List.of();

  @Option(
      names = "--length",
      split = ",",
      paramLabel = "INPUT",
      description = "Inputs that give the number of valid events of a padded history.")
  private List<String> length = List.of();

  /**
   * Returns what a model's metadata say, and beyond that what was given.
   *
   * @throws IllegalArgumentException when the model has no such input
   */
  Roles of(Model whole) {
    var given = new HashMap<String, Role>();
    user.forEach(input -> given.put(input, Role.USER));
    candidate.forEach(input -> given.put(input, Role.CANDIDATE));
    context.forEach(input -> given.put(input, Role.CONTEXT));
    length.forEach(input -> given.put(input, Role.LENGTH));
    given.keySet().forEach(input -> whole.graph().input(input));
    return Roles.of(whole).with(Map.copyOf(given));
  }
}

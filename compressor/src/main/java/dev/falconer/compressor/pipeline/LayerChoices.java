package dev.falconer.compressor.pipeline;

import dev.falconer.compressor.layer.LinearLayer;
import dev.falconer.compressor.layer.LinearLayer.Tap;
import dev.falconer.compressor.onnx.Graph;
import dev.falconer.compressor.onnx.Model;
import dev.falconer.compressor.pipeline.CompressionPlan.Choice;
import dev.falconer.compressor.pipeline.CompressionPlan.Rule;
import dev.falconer.compressor.quantize.Int8;
import dev.falconer.compressor.quantize.LowRankBranch;
import dev.falconer.compressor.quantize.PackedWeights;
import dev.falconer.compressor.solver.Pattern;
import dev.falconer.compressor.solver.RankChoice;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * What each layer of one model can get by a plan.
 *
 * @param plan it came from
 * @param model dense
 * @param layers of the model that a rule matches, with what they can get, at least one each
 * @param unmatched layers that no rule matches
 * @param leftOut options that a layer can't have, as lines, which tell why
 */
public record LayerChoices(
    CompressionPlan plan,
    Model model,
    Map<LinearLayer, List<Choice>> layers,
    List<LinearLayer> unmatched,
    List<String> leftOut) {
  /** Copies the collections. */
  public LayerChoices {
    layers = java.util.Collections.unmodifiableMap(new LinkedHashMap<>(layers));
    unmatched = List.copyOf(unmatched);
    leftOut = List.copyOf(leftOut);
  }

  /** Returns what the layers of a model can get by a plan that removes nothing. */
  public static LayerChoices of(CompressionPlan plan, Model model, List<LinearLayer> layers) {
    return of(plan, model, layers, Map.of());
  }

  /**
   * Returns what the layers of a model can get.
   *
   * @param removed what is removed from each of {@link #shares}
   * @throws IllegalArgumentException when a rule matches no layer, or a layer can have none of what
   *     its rule gives
   */
  static LayerChoices of(
      CompressionPlan plan,
      Model model,
      List<LinearLayer> layers,
      Map<LinearLayer, Treatment.Remove> removed) {
    for (Rule rule : plan.rules()) {
      if (layers.stream().noneMatch(layer -> names(layer).stream().anyMatch(rule::matches))) {
        throw new IllegalArgumentException(
            "the plan's rule \"%s\" matches none of the layers: %s"
                .formatted(
                    rule.match(), layers.stream().map(LinearLayer::weight).limit(20).toList()));
      }
    }
    var choices = new LinkedHashMap<LinearLayer, List<Choice>>();
    var unmatched = new ArrayList<LinearLayer>();
    var leftOut = new ArrayList<String>();
    for (LinearLayer layer : layers) {
      Optional<Rule> rule = plan.of(names(layer));
      if (rule.isPresent()) {
        choices.put(layer, fitting(model, layer, asked(layer, rule.get(), removed), leftOut));
      } else {
        unmatched.add(layer);
      }
    }
    return new LayerChoices(plan, model, choices, unmatched, leftOut);
  }

  /**
   * Returns the choices that the kernels of domain dev.falconer can multiply by.
   *
   * @throws IllegalArgumentException when a layer is left none
   */
  public LayerChoices forKernels() {
    var fitting = new LinkedHashMap<LinearLayer, List<Choice>>();
    var left = new ArrayList<>(leftOut);
    layers.forEach((layer, choices) -> {
      List<Choice> own =
          choices.stream()
              .filter(
                  choice -> choice.treatment().map(each -> each.kernel().isPresent()).orElse(true))
              .toList();
      choices.stream()
          .filter(choice -> !own.contains(choice))
          .forEach(choice ->
              left.add("%s: not %s: no kernel multiplies by it".formatted(layer.weight(), choice)));
      if (own.isEmpty()) {
        throw new IllegalArgumentException(
            "layer \"%s\": no kernel multiplies by %s; give it panel16, N:16 or int8, or keep: dense"
                .formatted(layer.weight(), choices));
      }
      fitting.put(layer, own);
    });
    return new LayerChoices(plan, model, fitting, unmatched, left);
  }

  /** Returns the layers that lose inputs by a plan, and the shares of those. */
  static Map<LinearLayer, Double> shares(CompressionPlan plan, List<LinearLayer> layers) {
    var shares = new LinkedHashMap<LinearLayer, Double>();
    for (LinearLayer layer : layers) {
      plan.of(names(layer)).stream()
          .flatMap(rule -> rule.choices().stream())
          .filter(choice -> choice.removed() > 0)
          .forEach(choice -> shares.put(layer, choice.removed()));
    }
    return shares;
  }

  /** Returns a rule's choices, as the layer's graph takes them. */
  private static List<Choice> asked(
      LinearLayer layer, Rule rule, Map<LinearLayer, Treatment.Remove> removed) {
    return rule.choices().stream()
        .map(choice ->
            choice.removed() > 0
                ? new Choice(
                    Optional.of(
                        java.util.Objects.requireNonNull(removed.get(layer), layer.weight())),
                    choice.keys())
                : choice)
        .toList();
  }

  /** Returns the choices that the layer can have, and adds a line for each other one. */
  private static List<Choice> fitting(
      Model model, LinearLayer layer, List<Choice> choices, List<String> leftOut) {
    var fitting = new ArrayList<Choice>();
    var reasons = new ArrayList<String>();
    for (Choice choice : choices) {
      Optional<String> reason = choice.treatment().flatMap(t -> reasonAgainst(model, layer, t));
      if (reason.isEmpty()) {
        fitting.add(choice);
      } else {
        reasons.add(reason.get());
        leftOut.add("%s: not %s: %s".formatted(layer.weight(), choice, reason.get()));
      }
    }
    if (fitting.isEmpty()) {
      throw new IllegalArgumentException(
          "layer \"%s\": %s; give it something else, or keep: dense"
              .formatted(layer.weight(), String.join("; ", reasons)));
    }
    return fitting;
  }

  private static Optional<String> reasonAgainst(
      Model model, LinearLayer layer, Treatment treatment) {
    Graph graph = model.graph();
    try {
      treatment.pattern().checkFitsWhole(layer.out(), layer.in() / layer.positions());
      return switch (treatment) {
        case Treatment.Prune _, Treatment.Remove _ -> Optional.empty();
        case Treatment.Decompose(Pattern pattern, _, RankChoice rank, _) -> {
          rank.of(pattern, layer.out(), layer.in());
          yield LowRankBranch.reasonAgainst(graph, layer);
        }
        case Treatment.Quantise quantise ->
            quantise.activations().isPresent()
                ? Int8.reasonAgainst(model, layer)
                : PackedWeights.reasonAgainst(graph, layer, quantise.fit().grid(layer.read(graph)));
      };
    } catch (IllegalArgumentException e) {
      return Optional.of(String.valueOf(e.getMessage()));
    }
  }

  private static List<String> names(LinearLayer layer) {
    return Stream.concat(Stream.of(layer.weight()), layer.taps().stream().map(Tap::node)).toList();
  }

  /** Returns how many treatments are to be tried on layers; staying dense is none. */
  public int treatments() {
    return (int)
        layers.values().stream()
            .flatMap(List::stream)
            .filter(choice -> choice.treatment().isPresent())
            .count();
  }

  /** Returns the groups of the layers that can get a treatment, in order. */
  public List<List<LinearLayer>> groups() {
    return LayerGroups.of(
        model.graph(),
        layers.entrySet().stream()
            .filter(entry -> entry.getValue().stream().anyMatch(c -> c.treatment().isPresent()))
            .map(Map.Entry::getKey)
            .toList());
  }

  /** Returns the bytes that the sums of a group's layers take at most. */
  public long calibrationBytes() {
    return LayerGroups.calibrationBytes(groups());
  }

  /**
   * Returns the plan in which each layer gets one of its choices.
   *
   * @param picked index of the choice by layer, in the layers' order
   */
  public ResolvedPlan resolved(List<Integer> picked) {
    var rules = new ArrayList<Rule>();
    var steps = new LinkedHashMap<LinearLayer, Treatment>();
    var dense = new LinkedHashMap<String, String>();
    int i = 0;
    for (Map.Entry<LinearLayer, List<Choice>> entry : layers.entrySet()) {
      LinearLayer layer = entry.getKey();
      Choice choice = entry.getValue().get(picked.get(i++));
      rules.add(new Rule(layer.weight(), List.of(choice)));
      choice
          .treatment()
          .ifPresentOrElse(
              treatment -> steps.put(layer, treatment),
              () ->
                  dense.put(
                      layer.weight(),
                      "kept dense by \"" + plan.of(names(layer)).orElseThrow().match() + "\""));
    }
    unmatched.forEach(layer -> dense.put(layer.weight(), "no rule matches"));
    return new ResolvedPlan(
        plan.isOpen() ? new CompressionPlan(rules, plan.targets(), plan.halfTables()) : plan,
        steps,
        dense,
        LayerGroups.of(model.graph(), List.copyOf(steps.keySet())));
  }
}

package dev.falconer.compressor.pipeline;

import dev.falconer.compressor.calibrate.PairedCalibration;
import dev.falconer.compressor.layer.LinearLayer;
import dev.falconer.compressor.layer.LinearLayer.Tap;
import dev.falconer.compressor.onnx.Graph;
import dev.falconer.compressor.onnx.Model;
import dev.falconer.compressor.pipeline.CompressionPlan.Rule;
import dev.falconer.compressor.quantize.Int8;
import dev.falconer.compressor.quantize.LowRankBranch;
import dev.falconer.compressor.quantize.PackedWeights;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/**
 * A plan applied to the layers of one model: what each gets, and in which order.
 *
 * @param plan it came from
 * @param steps what each layer to be compressed gets
 * @param dense layers that stay as they are, and why
 * @param groups of the layers to be compressed, in order; one pass over the examples each
 */
public record ResolvedPlan(
    CompressionPlan plan,
    Map<LinearLayer, Treatment> steps,
    Map<String, String> dense,
    List<List<LinearLayer>> groups) {
  /** Copies the collections. */
  public ResolvedPlan {
    steps = java.util.Collections.unmodifiableMap(new LinkedHashMap<>(steps));
    dense = java.util.Collections.unmodifiableMap(new LinkedHashMap<>(dense));
    groups = List.copyOf(groups);
  }

  /**
   * Returns the plan for a model's layers.
   *
   * @throws IllegalArgumentException when a rule matches no layer, no layer is left to compress, or
   *     a layer can't have its pattern
   */
  public static ResolvedPlan of(CompressionPlan plan, Model model, List<LinearLayer> layers) {
    var steps = new LinkedHashMap<LinearLayer, Treatment>();
    var dense = new LinkedHashMap<String, String>();
    for (LinearLayer layer : layers) {
      Optional<Rule> rule = plan.of(names(layer));
      Optional<Treatment> treatment = rule.flatMap(Rule::treatment);
      if (treatment.isPresent()) {
        checkFits(model, layer, treatment.get());
        steps.put(layer, treatment.get());
      } else {
        dense.put(
            layer.weight(),
            rule.map(found -> "kept dense by \"" + found.match() + "\"").orElse("no rule matches"));
      }
    }
    for (Rule rule : plan.rules()) {
      if (layers.stream().noneMatch(layer -> names(layer).stream().anyMatch(rule::matches))) {
        throw new IllegalArgumentException(
            "the plan's rule \"%s\" matches none of the layers: %s"
                .formatted(
                    rule.match(), layers.stream().map(LinearLayer::weight).limit(20).toList()));
      }
    }
    if (steps.isEmpty()) {
      throw new IllegalArgumentException("the plan compresses no layer");
    }
    return new ResolvedPlan(
        plan, steps, dense, LayerGroups.of(model.graph(), List.copyOf(steps.keySet())));
  }

  private static void checkFits(Model model, LinearLayer layer, Treatment treatment) {
    Graph graph = model.graph();
    Optional<String> reason;
    try {
      treatment.pattern().checkFitsWhole(layer.out(), layer.in() / layer.positions());
      reason =
          switch (treatment) {
            case Treatment.Prune _ -> Optional.empty();
            case Treatment.Decompose(_, _, int rank, _) ->
                rank > Math.min(layer.out(), layer.in())
                    ? Optional.of(
                        "rank %d is above that of [%d, %d]"
                            .formatted(rank, layer.out(), layer.in()))
                    : LowRankBranch.reasonAgainst(graph, layer);
            case Treatment.Quantise quantise ->
                quantise.activations().isPresent()
                    ? Int8.reasonAgainst(model, layer)
                    : PackedWeights.reasonAgainst(
                        graph, layer, quantise.fit().grid(layer.read(graph)));
          };
    } catch (IllegalArgumentException e) {
      reason = Optional.of(String.valueOf(e.getMessage()));
    }
    if (reason.isPresent()) {
      throw new IllegalArgumentException(
          "layer \"%s\": %s; give it something else, or keep: dense"
              .formatted(layer.weight(), reason.get()));
    }
  }

  private static List<String> names(LinearLayer layer) {
    return Stream.concat(Stream.of(layer.weight()), layer.taps().stream().map(Tap::node)).toList();
  }

  Treatment of(LinearLayer layer) {
    return java.util.Objects.requireNonNull(steps.get(layer), layer.weight());
  }

  /** Returns the kinds of what the layers get, in the order of a report's steps. */
  public Set<Treatment.Kind> kinds() {
    var kinds = EnumSet.noneOf(Treatment.Kind.class);
    steps.values().forEach(treatment -> kinds.add(treatment.kind()));
    return kinds;
  }

  /** Returns the bytes that the sums of a group's layers take at most. */
  public long calibrationBytes() {
    long most = 0;
    for (List<LinearLayer> group : groups) {
      long bytes =
          group.stream()
              .flatMap(layer -> layer.taps().stream().map(tap -> Map.entry(tap.input(), layer)))
              .collect(
                  java.util.stream.Collectors.toMap(
                      Map.Entry::getKey, entry -> entry.getValue().in(), Math::max))
              .values()
              .stream()
              .mapToLong(PairedCalibration::bytes)
              .sum();
      most = Math.max(most, bytes);
    }
    return most;
  }

  /** Returns the order of work as lines, the last one ended. */
  public String text() {
    var lines = new ArrayList<String>();
    for (int i = 0; i < groups.size(); i++) {
      for (LinearLayer layer : groups.get(i)) {
        lines.add(
            "%3d  %-40s [%d, %d]  %s"
                .formatted(i + 1, layer.weight(), layer.out(), layer.in(), of(layer)));
      }
    }
    dense.forEach((weight, why) -> lines.add("  -  %-40s dense: %s".formatted(weight, why)));
    return String.join("\n", lines) + "\n";
  }
}

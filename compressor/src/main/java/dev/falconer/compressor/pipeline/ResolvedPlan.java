package dev.falconer.compressor.pipeline;

import dev.falconer.compressor.layer.LinearLayer;
import dev.falconer.compressor.onnx.Model;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

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
   * @throws IllegalArgumentException when a rule leaves a choice or matches no layer, no layer is
   *     left to compress, or a layer can't have its pattern
   */
  public static ResolvedPlan of(CompressionPlan plan, Model model, List<LinearLayer> layers) {
    for (int i = 0; i < plan.rules().size(); i++) {
      if (plan.rules().get(i).isOpen()) {
        throw new IllegalArgumentException(
            "the plan's layers[%d].options are chosen from by --target-bytes or --target-latency"
                .formatted(i));
      }
    }
    LayerChoices choices = LayerChoices.of(plan, model, layers);
    ResolvedPlan resolved = choices.resolved(java.util.Collections.nCopies(layers.size(), 0));
    if (resolved.steps.isEmpty()) {
      throw new IllegalArgumentException("the plan compresses no layer");
    }
    return resolved;
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
    return LayerGroups.calibrationBytes(groups);
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

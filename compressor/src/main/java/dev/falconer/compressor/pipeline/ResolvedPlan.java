package dev.falconer.compressor.pipeline;

import dev.falconer.compressor.layer.LinearLayer;
import dev.falconer.compressor.onnx.Model;
import dev.falconer.compressor.structure.Removal;
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

  /** Returns a plan that removes nothing for a model's layers. */
  public static ResolvedPlan of(CompressionPlan plan, Model model, List<LinearLayer> layers) {
    if (!LayerChoices.shares(plan, layers).isEmpty()) {
      throw new IllegalArgumentException("the plan removes inputs: an example says which can be");
    }
    return of(plan, layers, LayerChoices.of(plan, model, layers));
  }

  /**
   * Returns the plan for a model's layers.
   *
   * @param removals of the same model's layers
   * @throws IllegalArgumentException when a rule leaves a choice or matches no layer, no layer is
   *     left to compress, or a layer can't have its pattern or lose its inputs
   */
  public static ResolvedPlan of(
      CompressionPlan plan, Model model, List<LinearLayer> layers, Removals removals) {
    Map<LinearLayer, Treatment.Remove> removed = removals.of(LayerChoices.shares(plan, layers));
    ResolvedPlan resolved = of(plan, layers, LayerChoices.of(plan, model, layers, removed));
    removed.values().forEach(remove -> checkProducers(remove.removal(), resolved.steps));
    return resolved;
  }

  private static ResolvedPlan of(
      CompressionPlan plan, List<LinearLayer> layers, LayerChoices choices) {
    for (int i = 0; i < plan.rules().size(); i++) {
      if (plan.rules().get(i).isOpen()) {
        throw new IllegalArgumentException(
            "the plan's layers[%d].options are chosen from by --target-bytes or --target-latency"
                .formatted(i));
      }
    }
    ResolvedPlan resolved = choices.resolved(java.util.Collections.nCopies(layers.size(), 0));
    if (resolved.steps.isEmpty()) {
      throw new IllegalArgumentException("the plan compresses no layer");
    }
    return resolved;
  }

  /** A pattern over outputs is no more what it was when some of them go. */
  private static void checkProducers(Removal removal, Map<LinearLayer, Treatment> steps) {
    for (LinearLayer producer : removal.producers().keySet()) {
      Treatment own = steps.get(producer);
      if (own != null && own.pattern().spansOutputs()) {
        throw new IllegalArgumentException(
            "layer \"%s\": pattern %s spans outputs, of which \"%s\" removes some; give one of them"
                    .formatted(producer.weight(), own.pattern(), removal.consumer().weight())
                + " something else");
      }
    }
  }

  /** Returns how those of some layers that lose inputs lose them. */
  Map<LinearLayer, Removal> removals(List<LinearLayer> layers) {
    var removals = new LinkedHashMap<LinearLayer, Removal>();
    for (LinearLayer layer : layers) {
      if (of(layer) instanceof Treatment.Remove(Removal removal, int _)) {
        removals.put(layer, removal);
      }
    }
    return removals;
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

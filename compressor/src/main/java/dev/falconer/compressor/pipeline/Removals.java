package dev.falconer.compressor.pipeline;

import dev.falconer.compressor.layer.Found;
import dev.falconer.compressor.layer.LinearLayer;
import dev.falconer.compressor.onnx.Model;
import dev.falconer.compressor.onnx.Runner;
import dev.falconer.compressor.onnx.TensorData;
import dev.falconer.compressor.structure.Removal;
import dev.falconer.compressor.structure.RemovalSearch;
import dev.falconer.compressor.structure.Shapes;
import dev.falconer.compressor.structure.Trial;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Finds how groups of layers' inputs are removed from a model, and tries it before any work.
 *
 * @param found the model's layers
 * @param example of its inputs, run for the shapes of its values and for the trial
 */
public record Removals(
    Model model, Found found, Runner.Factory runners, Map<String, TensorData> example) {
  /** Of shares: .29 of 100 is 29. */
  private static final double ROUNDING = 1e-9;

  /**
   * Returns what is removed from each layer; nothing is run when none is asked for.
   *
   * @param shares of the layers' groups to remove, above 0 and below 1; at most so many are
   * @throws IllegalArgumentException naming the layer whose inputs can't be removed, and why
   */
  Map<LinearLayer, Treatment.Remove> of(Map<LinearLayer, Double> shares) {
    var removals = new LinkedHashMap<LinearLayer, Treatment.Remove>();
    if (shares.isEmpty()) {
      return removals;
    }
    var search = new RemovalSearch(model, found, Shapes.of(model, runners, example));
    shares.forEach((layer, share) -> removals.put(layer, removed(search, layer, share)));
    checkApart(removals);
    var removed = new LinkedHashMap<Removal, Integer>();
    removals.values().forEach(each -> removed.put(each.removal(), each.removed()));
    new Trial(runners).check(model, removed, example);
    return removals;
  }

  private static Treatment.Remove removed(RemovalSearch search, LinearLayer layer, double share) {
    Removal removal;
    try {
      removal = search.of(layer);
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException(
          "layer \"%s\": its inputs can't be removed: %s; give it something else, or keep: dense"
              .formatted(layer.weight(), e.getMessage()),
          e);
    }
    int groups = removal.groups().count();
    int removed = (int) (share * groups + ROUNDING);
    if (removed < 1) {
      throw new IllegalArgumentException(
          "layer \"%s\": remove: %s %% of its %d %s is less than one; at most %d can be"
              .formatted(layer.weight(), 100 * share, groups, removal.noun(), groups - 1));
    }
    return new Treatment.Remove(removal, groups - removed);
  }

  private static void checkApart(Map<LinearLayer, Treatment.Remove> removals) {
    removals.forEach((layer, own) ->
        removals.forEach((other, its) -> {
          String shared = layer.equals(other) ? "" : own.removal().shared(its.removal());
          if (!shared.isEmpty()) {
            throw new IllegalArgumentException(
                "layers \"%s\" and \"%s\" both would cut \"%s\"; remove from one of them"
                    .formatted(layer.weight(), other.weight(), shared));
          }
        }));
  }
}

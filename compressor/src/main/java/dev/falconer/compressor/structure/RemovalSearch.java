package dev.falconer.compressor.structure;

import dev.falconer.compressor.layer.Found;
import dev.falconer.compressor.layer.LinearLayer;
import dev.falconer.compressor.layer.LinearLayer.Tap;
import dev.falconer.compressor.onnx.Model;
import dev.falconer.compressor.onnx.Shape;
import org.jspecify.annotations.Nullable;

/**
 * Finds for a layer of any graph the finest groups of its inputs that can be removed together with
 * what produces them. Groups begin as single inputs; an operator that keeps some together, as the
 * Reshape before attention does with a head's, makes them coarser.
 *
 * <p>What a node does with lengths other than to give values axes is not followed: {@link Trial}
 * decides.
 */
public final class RemovalSearch {
  private final Surroundings around;

  /**
   * Indexes a model.
   *
   * @param found its linear layers
   * @param shapes of its values in some run
   */
  public RemovalSearch(Model model, Found found, Shapes shapes) {
    this.around = Surroundings.of(model, found, shapes);
  }

  /**
   * Returns how groups of a layer's inputs are removed.
   *
   * @throws IllegalArgumentException naming the node that is in the way
   */
  public Removal of(LinearLayer layer) {
    Tap tap = layer.taps().getFirst();
    Shape shape = around.shapes().byValue().get(tap.input());
    var node = around.byName().get(tap.node());
    if (shape == null || node == null) {
      throw new Refused("\"" + tap.node() + "\" (" + layer.weight() + ") was not run");
    }
    int length = Math.toIntExact(shape.dim(Products.inputAxis(node, shape.rank())));
    return attempt(layer, new Groups(1, length, 1));
  }

  private Removal attempt(LinearLayer layer, Groups groups) {
    if (groups.count() < 2) {
      throw new Refused("all its inputs are one group");
    }
    try {
      return new Tracing(around, layer).run(groups);
    } catch (Regroup coarser) {
      @Nullable Refused first = null;
      for (Regroup.Option option : coarser.options()) {
        try {
          return attempt(layer, groups.regrouped(option.number(), option.fast()));
        } catch (Refused e) {
          first = first == null ? e : first;
        }
      }
      throw first == null ? new Refused("its inputs have no groups") : first;
    }
  }
}

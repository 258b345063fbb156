package dev.falconer.compressor.layer;

import java.util.List;

/**
 * The linear maps of a graph: every node that multiplies by weights is a tap of one layer or left
 * alone.
 *
 * @param layers in the order of their first use
 * @param leftAlone in the order of the graph, bodies after the node that holds them
 */
public record Found(List<LinearLayer> layers, List<LeftAlone> leftAlone) {
  /** Copies the lists. */
  public Found {
    layers = List.copyOf(layers);
    leftAlone = List.copyOf(leftAlone);
  }
}

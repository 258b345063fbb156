package dev.falconer.compressor.picture;

import dev.falconer.compressor.split.Drawing;
import java.util.ArrayList;
import java.util.List;
import java.util.function.ToDoubleFunction;
import org.eclipse.elk.alg.layered.options.LayeredMetaDataProvider;
import org.eclipse.elk.alg.layered.options.LayeredOptions;
import org.eclipse.elk.core.RecursiveGraphLayoutEngine;
import org.eclipse.elk.core.data.LayoutMetaDataService;
import org.eclipse.elk.core.options.CoreOptions;
import org.eclipse.elk.core.options.Direction;
import org.eclipse.elk.core.options.EdgeRouting;
import org.eclipse.elk.core.util.BasicProgressMonitor;
import org.eclipse.elk.graph.ElkEdge;
import org.eclipse.elk.graph.ElkNode;
import org.eclipse.elk.graph.util.ElkGraphUtil;

/**
 * Places of boxes and arrows, in pixels from the top left, data flowing down. The layered method of
 * Sugiyama, Tagawa and Toda (1981) as the Eclipse Layout Kernel has it.
 *
 * @param boxes one per box, in its order
 * @param arrows one line per arrow, in its order
 */
record GraphLayout(double width, double height, List<Place> boxes, List<List<Point>> arrows) {
  /** Where a box lies. */
  record Place(double x, double y, double width, double height) {}

  /** A corner of a line. */
  record Point(double x, double y) {}

  private static final double SPACING = 22;

  /** Copies the lists. */
  GraphLayout {
    boxes = List.copyOf(boxes);
    arrows = arrows.stream().map(List::copyOf).toList();
  }

  /**
   * Returns the places of a drawing.
   *
   * @param widths of a box in pixels
   */
  static GraphLayout of(Drawing drawing, ToDoubleFunction<Drawing.Box> widths, double boxHeight) {
    LayoutMetaDataService.getInstance()
        .registerLayoutMetaDataProviders(new LayeredMetaDataProvider());
    ElkNode root = ElkGraphUtil.createGraph();
    root.setProperty(CoreOptions.ALGORITHM, LayeredOptions.ALGORITHM_ID);
    root.setProperty(CoreOptions.DIRECTION, Direction.DOWN);
    root.setProperty(CoreOptions.EDGE_ROUTING, EdgeRouting.ORTHOGONAL);
    root.setProperty(LayeredOptions.SPACING_NODE_NODE, SPACING);
    root.setProperty(LayeredOptions.SPACING_NODE_NODE_BETWEEN_LAYERS, SPACING);
    root.setProperty(LayeredOptions.RANDOM_SEED, 1);
    var nodes = new ArrayList<ElkNode>();
    for (Drawing.Box box : drawing.boxes()) {
      ElkNode node = ElkGraphUtil.createNode(root);
      node.setDimensions(widths.applyAsDouble(box), boxHeight);
      nodes.add(node);
    }
    var edges = new ArrayList<ElkEdge>();
    for (Drawing.Arrow arrow : drawing.arrows()) {
      edges.add(ElkGraphUtil.createSimpleEdge(nodes.get(arrow.from()), nodes.get(arrow.to())));
    }
    new RecursiveGraphLayoutEngine().layout(root, new BasicProgressMonitor());
    return new GraphLayout(
        root.getWidth(),
        root.getHeight(),
        nodes.stream()
            .map(node -> new Place(node.getX(), node.getY(), node.getWidth(), node.getHeight()))
            .toList(),
        edges.stream().map(GraphLayout::line).toList());
  }

  private static List<Point> line(ElkEdge edge) {
    var points = new ArrayList<Point>();
    edge.getSections()
        .forEach(section -> {
          points.add(new Point(section.getStartX(), section.getStartY()));
          section.getBendPoints().forEach(bend -> points.add(new Point(bend.getX(), bend.getY())));
          points.add(new Point(section.getEndX(), section.getEndY()));
        });
    return points;
  }
}

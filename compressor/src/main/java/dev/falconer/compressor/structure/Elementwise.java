package dev.falconer.compressor.structure;

import dev.falconer.compressor.onnx.Shape;

/** Operators that work place by place, their inputs broadcast from the right. */
final class Elementwise {
  private Elementwise() {}

  static void apply(Touch touch) {
    int fromEnd = touch.own().rank() - touch.axis();
    int length = touch.groups().length();
    int wide = 0;
    for (int i = 0; i < touch.node().inputs().size(); i++) {
      wide += touch.has(i) && isWide(touch.in(i), fromEnd, length) ? 1 : 0;
    }
    for (int i = 0; i < touch.node().inputs().size(); i++) {
      if (touch.has(i) && isWide(touch.in(i), fromEnd, length)) {
        String how = wide > 1 ? joined(touch, i) : touch.context();
        touch.input(i, touch.in(i).rank() - fromEnd, touch.groups(), how);
      }
    }
    for (int o = 0; o < touch.node().outputs().size(); o++) {
      if (!touch.node().outputs().get(o).isEmpty()) {
        touch.output(o, touch.out(o).rank() - fromEnd, touch.groups());
      }
    }
  }

  private static boolean isWide(Shape shape, int fromEnd, int length) {
    return shape.rank() >= fromEnd && shape.dim(shape.rank() - fromEnd) == length;
  }

  private static String joined(Touch touch, int input) {
    String verb =
        switch (touch.node().type()) {
          case "Add", "Sub", "Sum", "Mean" -> "adds them to";
          case "Mul", "Div" -> "multiplies them by";
          default -> "joins them with";
        };
    return "\"%s\" (%s) %s \"%s\": "
        .formatted(touch.node().name(), touch.node().type(), verb, touch.node().input(input));
  }
}

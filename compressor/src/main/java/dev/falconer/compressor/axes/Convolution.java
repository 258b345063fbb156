package dev.falconer.compressor.axes;

import dev.falconer.compressor.onnx.Node;
import java.util.ArrayList;
import java.util.List;

/** Convolutions and pools over [rows, channels, places...], each row by itself. */
final class Convolution {
  private Convolution() {}

  static Known conv(Scope scope) {
    Known x = scope.in(0);
    Known w = scope.in(1);
    for (int i = 0; i < w.rank(); i++) {
      scope.keepsRows(w, i, "takes for kernels");
    }
    var axes = placed(scope, x, window(scope, w));
    axes.set(1, Axis.of(w.axis(0).length(), false, true));
    return Known.of(x.dtype(), axes, scope.colour());
  }

  private static long[] window(Scope scope, Known w) {
    long[] given = scope.node().intsAttribute("kernel_shape");
    if (given.length > 0) {
      return given;
    }
    for (int i = 0; i < w.rank(); i++) {
      if (!w.axis(i).length().isInteger()) {
        throw scope.unsupported("a kernel of " + w.axes(), "export with a fixed kernel");
      }
    }
    return w.axes().stream().skip(2).mapToLong(axis -> axis.length().integer()).toArray();
  }

  static Known pool(Scope scope) {
    Known x = scope.in(0);
    if (scope.node().outputs().stream().skip(1).anyMatch(name -> !name.isEmpty())) {
      throw scope.unsupported("the places of maxima have no rule", "export without indices");
    }
    return Known.of(
        x.dtype(), placed(scope, x, scope.node().intsAttribute("kernel_shape")), scope.colour());
  }

  static Known global(Scope scope) {
    Known x = scope.in(0);
    var axes = new ArrayList<>(x.axes());
    for (int i = 1; i < x.rank(); i++) {
      scope.keepsRows(x, i, "pools over");
      axes.set(i, i < 2 ? x.axis(i) : Axis.ONE);
    }
    return Known.of(x.dtype(), axes, scope.colour());
  }

  /** Returns the axes of a result whose places are windows of x. */
  private static List<Axis> placed(Scope scope, Known x, long[] window) {
    Node node = scope.node();
    for (int i = 1; i < x.rank(); i++) {
      scope.keepsRows(x, i, "convolves over");
    }
    String padding = node.textAttribute("auto_pad", "NOTSET");
    long[] pads = node.intsAttribute("pads");
    int places = x.rank() - 2;
    var axes = new ArrayList<>(x.axes());
    for (int i = 0; i < places; i++) {
      long stride = at(node.intsAttribute("strides"), i);
      long spread = (window[i] - 1) * at(node.intsAttribute("dilations"), i) + 1;
      Poly length = x.axis(i + 2).length();
      Poly windows;
      if (padding.startsWith("SAME")) {
        windows = divided(scope, length.plus(stride - 1), stride, false);
      } else {
        long padded = pads.length == 0 ? 0 : pads[i] + pads[i + places];
        boolean up = node.intAttribute("ceil_mode", 0) == 1;
        windows = divided(scope, length.plus(padded - spread), stride, up).plus(1);
      }
      axes.set(i + 2, Axis.of(windows, false, true));
    }
    return axes;
  }

  private static long at(long[] values, int index) {
    return values.length == 0 ? 1 : values[index];
  }

  private static Poly divided(Scope scope, Poly length, long by, boolean up) {
    if (by == 1) {
      return length;
    }
    if (!length.isInteger()) {
      throw scope.unsupported(
          "a stride of " + by + " over " + length, "export with a fixed length");
    }
    return Poly.of(up ? Math.ceilDiv(length.integer(), by) : Math.floorDiv(length.integer(), by));
  }
}

package dev.falconer.compressor.axes;

import dev.falconer.compressor.axes.SplitRefusal.Code;
import dev.falconer.compressor.onnx.DType;
import java.util.List;

/** Operators between floats and small integers. */
final class Quantized {
  private Quantized() {}

  static List<Known> quantize(Scope scope) {
    Known in = scope.in(0);
    return switch (scope.node().type()) {
      case "QuantizeLinear" ->
          List.of(
              Known.of(
                  scope.has(2) ? scope.in(2).dtype() : DType.UINT8, in.axes(), scope.colour()));
      case "DequantizeLinear" -> List.of(Known.of(scope.in(1).dtype(), in.axes(), scope.colour()));
      default -> dynamic(scope, in);
    };
  }

  private static List<Known> dynamic(Scope scope, Known in) {
    if (in.axes().stream().anyMatch(Axis::hasRows)) {
      throw scope.refuse(
          Code.MIXES_ROWS,
          -1,
          "one scale over all the candidates' rows makes a score depend on the slate",
          "quantise with static scales");
    }
    Known scale = Known.of(DType.FLOAT32, List.of(), in.colour());
    return List.of(
        Known.of(DType.UINT8, in.axes(), in.colour()),
        scale,
        Known.of(DType.UINT8, List.of(), in.colour()));
  }
}

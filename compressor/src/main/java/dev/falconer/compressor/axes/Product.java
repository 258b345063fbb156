package dev.falconer.compressor.axes;

import dev.falconer.compressor.onnx.DType;
import java.util.ArrayList;
import java.util.List;

/** Matrix products: one axis is summed away, never the rows. */
final class Product {
  private Product() {}

  static Known matMul(Scope scope) {
    Known a = scope.in(0);
    Known b = scope.in(1);
    DType dtype = scope.node().is("MatMulInteger") ? DType.INT32 : a.dtype();
    boolean vectorA = a.rank() == 1;
    boolean vectorB = b.rank() == 1;
    int inA = a.rank() - 1;
    int inB = vectorB ? 0 : b.rank() - 2;
    contract(scope, a, inA, b, inB);
    List<Axis> batchA = a.axes().subList(0, vectorA ? 0 : a.rank() - 2);
    List<Axis> batchB = b.axes().subList(0, vectorB ? 0 : b.rank() - 2);
    var axes = new ArrayList<>(scope.broadcast(List.of(batchA, batchB)));
    if (!vectorA) {
      axes.add(a.axis(-2));
    }
    if (!vectorB) {
      axes.add(b.axis(-1));
    }
    return Known.of(dtype, axes, scope.colour());
  }

  private static void contract(Scope scope, Known a, int axisA, Known b, int axisB) {
    scope.keepsRows(a, axisA, "sums over");
    scope.keepsRows(b, axisB, "sums over");
    Poly lengthA = a.axis(axisA).length();
    Poly lengthB = b.axis(axisB).length();
    if (!lengthA.equals(lengthB)) {
      throw scope.meet(axisA, lengthA, lengthB);
    }
    // ONNX Runtime leaves a sum over nothing unwritten when it fuses the product's transposes.
    scope.prefer(lengthA.minus(Poly.of(1)));
  }

  static Known gemm(Scope scope) {
    Known a = scope.in(0);
    Known b = scope.in(1);
    boolean turnedA = scope.node().intAttribute("transA", 0) == 1;
    boolean turnedB = scope.node().intAttribute("transB", 0) == 1;
    contract(scope, a, turnedA ? 0 : 1, b, turnedB ? 1 : 0);
    List<Axis> axes = List.of(a.axis(turnedA ? 1 : 0), b.axis(turnedB ? 0 : 1));
    List<Axis> joined = scope.has(2) ? scope.broadcast(List.of(axes, scope.in(2).axes())) : axes;
    return Known.of(a.dtype(), joined, scope.colour());
  }
}

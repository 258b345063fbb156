package dev.falconer.compressor.interpret;

import dev.falconer.compressor.onnx.DType;
import java.util.function.DoubleUnaryOperator;

/** Operators that work element by element. */
final class Elementwise {
  private Elementwise() {}

  static NdArray unary(Call call) {
    return mapped(
        call.in(0),
        call.in(0).dtype,
        switch (call.type()) {
          case "Relu" -> x -> Math.max(x, 0);
          case "Tanh" -> Math::tanh;
          case "Sigmoid" -> x -> 1 / (1 + Math.exp(-x));
          case "Neg" -> x -> -x;
          case "Abs" -> Math::abs;
          case "Sqrt" -> Math::sqrt;
          case "Exp" -> Math::exp;
          case "Log" -> Math::log;
          case "Reciprocal" -> x -> 1 / x;
          case "Floor" -> Math::floor;
          case "Sign" -> Math::signum;
          case "Not" -> x -> 1 - x;
          case "Identity", "Dropout" -> x -> x;
          default -> throw call.refused("is no unary operator here");
        });
  }

  private static NdArray mapped(NdArray x, DType dtype, DoubleUnaryOperator function) {
    NdArray out = NdArray.zeros(dtype, x.dims);
    for (int i = 0; i < out.data.length; i++) {
      out.data[i] = function.applyAsDouble(x.data[i]);
    }
    return out;
  }

  static NdArray cast(Call call) {
    DType to = DType.ofOnnx((int) call.node().intAttribute("to", 0));
    return mapped(
        call.in(0),
        to,
        to == DType.BOOL ? x -> x == 0 ? 0 : 1 : to.isFloat() ? x -> x : x -> (double) (long) x);
  }

  static NdArray clip(Call call) {
    if (call.opset() < 11) {
      double low = call.node().floatAttribute("min", Float.NEGATIVE_INFINITY);
      double high = call.node().floatAttribute("max", Float.POSITIVE_INFINITY);
      return mapped(call.in(0), call.in(0).dtype, x -> Math.min(Math.max(x, low), high));
    }
    double low = call.has(1) ? call.in(1).data[0] : Double.NEGATIVE_INFINITY;
    double high = call.has(2) ? call.in(2).data[0] : Double.POSITIVE_INFINITY;
    return mapped(call.in(0), call.in(0).dtype, x -> Math.min(Math.max(x, low), high));
  }

  static NdArray binary(Call call) {
    NdArray a = call.in(0);
    NdArray b = call.in(1);
    if (a.dtype != b.dtype) {
      throw call.refused("reads " + a.dtype + " and " + b.dtype);
    }
    int[] shape = NdArray.joined(a.dims, b.dims);
    NdArray left = a.broadcast(shape);
    NdArray right = b.broadcast(shape);
    NdArray out = NdArray.zeros(result(call.type(), a.dtype), shape);
    boolean whole = !a.dtype.isFloat();
    for (int i = 0; i < out.data.length; i++) {
      out.data[i] = binary(call, left.data[i], right.data[i], whole);
    }
    return out;
  }

  private static DType result(String type, DType dtype) {
    return switch (type) {
      case "Equal", "Less", "LessOrEqual", "Greater", "GreaterOrEqual", "And", "Or", "Xor" ->
          DType.BOOL;
      default -> dtype;
    };
  }

  private static double binary(Call call, double x, double y, boolean whole) {
    return switch (call.type()) {
      case "Add" -> x + y;
      case "Sub" -> x - y;
      case "Mul" -> x * y;
      case "Div" -> whole ? (x - x % y) / y : x / y;
      case "Max" -> Math.max(x, y);
      case "Min" -> Math.min(x, y);
      case "Pow" -> Math.pow(x, y);
      case "Equal" -> bit(x == y);
      case "Less" -> bit(x < y);
      case "LessOrEqual" -> bit(x <= y);
      case "Greater" -> bit(x > y);
      case "GreaterOrEqual" -> bit(x >= y);
      case "And" -> x * y;
      case "Or" -> Math.max(x, y);
      case "Xor" -> bit(x != y);
      default -> throw call.refused("is no binary operator here");
    };
  }

  private static double bit(boolean value) {
    return value ? 1 : 0;
  }

  static NdArray where(Call call) {
    NdArray condition = call.in(0);
    if (condition.dtype != DType.BOOL || call.in(1).dtype != call.in(2).dtype) {
      throw call.refused("reads a " + condition.dtype + " mask or sides of two types");
    }
    int[] shape = NdArray.joined(NdArray.joined(condition.dims, call.in(1).dims), call.in(2).dims);
    NdArray mask = condition.broadcast(shape);
    NdArray yes = call.in(1).broadcast(shape);
    NdArray no = call.in(2).broadcast(shape);
    NdArray out = NdArray.zeros(yes.dtype, shape);
    for (int i = 0; i < out.data.length; i++) {
      out.data[i] = mask.data[i] != 0 ? yes.data[i] : no.data[i];
    }
    return out;
  }
}

package dev.falconer.compressor.axes;

import org.jspecify.annotations.Nullable;

/**
 * Bounds of an elementwise result by interval arithmetic: enough to see that a comparison of
 * positions with a history's length always holds.
 */
record Bounds(@Nullable Poly low, @Nullable Poly high) {
  private static final Bounds NONE = new Bounds(null, null);
  private static final Bounds TRUE = new Bounds(Poly.ONE, Poly.ONE);
  private static final Bounds FALSE = new Bounds(Poly.ZERO, Poly.ZERO);

  static Bounds of(String type, Known a, Known b) {
    return switch (type) {
      case "And" -> and(a, b);
      case "Or" -> or(a, b);
      case "Add" -> new Bounds(plus(a.low(), b.low()), plus(a.high(), b.high()));
      case "Sub" -> new Bounds(minus(a.low(), b.high()), minus(a.high(), b.low()));
      case "Less" -> less(a, b);
      case "Greater" -> less(b, a);
      case "LessOrEqual" -> not(less(b, a));
      case "GreaterOrEqual" -> not(less(a, b));
      case "Equal" -> equal(a, b);
      default -> NONE;
    };
  }

  static Bounds union(Known a, Known b) {
    Poly low = a.low();
    Poly high = a.high();
    return low != null && high != null && same(low, b.low()) && same(high, b.high())
        ? new Bounds(low, high)
        : NONE;
  }

  private static Bounds and(Known a, Known b) {
    return a.alwaysFalse() || b.alwaysFalse()
        ? FALSE
        : a.alwaysTrue() && b.alwaysTrue() ? TRUE : NONE;
  }

  private static Bounds or(Known a, Known b) {
    return a.alwaysTrue() || b.alwaysTrue()
        ? TRUE
        : a.alwaysFalse() && b.alwaysFalse() ? FALSE : NONE;
  }

  private static Bounds less(Known a, Known b) {
    return atMost(plus(a.high(), Poly.ONE), b.low())
        ? TRUE
        : atMost(b.high(), a.low()) ? FALSE : NONE;
  }

  private static Bounds equal(Known a, Known b) {
    if (atMost(plus(a.high(), Poly.ONE), b.low()) || atMost(plus(b.high(), Poly.ONE), a.low())) {
      return FALSE;
    }
    boolean exact = same(a.low(), a.high()) && same(a.low(), b.low()) && same(a.low(), b.high());
    return exact ? TRUE : NONE;
  }

  private static Bounds not(Bounds bounds) {
    return bounds.equals(TRUE) ? FALSE : bounds.equals(FALSE) ? TRUE : NONE;
  }

  static boolean same(@Nullable Poly a, @Nullable Poly b) {
    return a != null && b != null && a.equals(b);
  }

  private static boolean atMost(@Nullable Poly a, @Nullable Poly b) {
    return a != null && b != null && b.minus(a).neverNegative();
  }

  private static @Nullable Poly plus(@Nullable Poly a, @Nullable Poly b) {
    return a == null || b == null ? null : a.plus(b);
  }

  private static @Nullable Poly minus(@Nullable Poly a, @Nullable Poly b) {
    return a == null || b == null ? null : a.minus(b);
  }
}

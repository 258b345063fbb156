package dev.falconer.compressor.pack;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;

/**
 * A polynomial of one variable: what scalar constants, and a value multiplied by itself, make of
 * it.
 *
 * @param coefficients of x^0, x^1 and so on up to {@link #DEGREE}; the last is not 0 unless it is
 *     the only one
 */
record Polynomial(List<Double> coefficients) {
  /** Largest degree: that of the tanh form of Gelu. */
  static final int DEGREE = 3;

  /** x itself. */
  static final Polynomial X = of(0, 1);

  /** Exporters round constants to float32. */
  private static final double CLOSE = 1e-6;

  /** Drops leading zeros. */
  Polynomial {
    var kept = new ArrayList<>(coefficients);
    while (kept.size() > 1 && kept.getLast() == 0) {
      kept.removeLast();
    }
    coefficients = List.copyOf(kept);
  }

  static Polynomial of(double... coefficients) {
    return new Polynomial(java.util.Arrays.stream(coefficients).boxed().toList());
  }

  double at(int power) {
    return power < coefficients.size() ? coefficients.get(power) : 0;
  }

  private int degree() {
    return coefficients.size() - 1;
  }

  boolean isIdentity() {
    return equals(X);
  }

  /** Returns the factor c where this is c x. */
  Optional<Double> factor() {
    return degree() == 1 && at(0) == 0 ? Optional.of(at(1)) : Optional.empty();
  }

  Polynomial plus(Polynomial other) {
    return new Polynomial(
        IntStream.rangeClosed(0, Math.max(degree(), other.degree()))
            .mapToObj(i -> at(i) + other.at(i))
            .toList());
  }

  Polynomial plus(double constant) {
    return plus(of(constant));
  }

  Polynomial times(double factor) {
    return new Polynomial(coefficients.stream().map(each -> each * factor).toList());
  }

  /** Returns the product where its degree is not too large. */
  Optional<Polynomial> times(Polynomial other) {
    if (degree() + other.degree() > DEGREE) {
      return Optional.empty();
    }
    var product = new ArrayList<>(Collections.nCopies(degree() + other.degree() + 1, 0.0));
    for (int i = 0; i <= degree(); i++) {
      for (int k = 0; k <= other.degree(); k++) {
        product.set(i + k, product.get(i + k) + at(i) * other.at(k));
      }
    }
    return Optional.of(new Polynomial(product));
  }

  /** Returns whether the coefficients are these as float32 has them. */
  boolean isAbout(double... wanted) {
    return degree() < wanted.length
        && IntStream.range(0, wanted.length)
            .allMatch(i -> Math.abs(at(i) - wanted[i]) <= CLOSE * Math.abs(wanted[i]));
  }
}

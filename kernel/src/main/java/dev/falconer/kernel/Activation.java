package dev.falconer.kernel;

import java.util.Arrays;
import java.util.Locale;
import java.util.stream.Collectors;

/** What follows a product; x is its result. */
public enum Activation {
  /** x. */
  NONE,
  /** max(x, 0), NaN stays. */
  RELU,
  /** x/2 (1 + erf(x / sqrt 2)). */
  GELU,
  /** x/2 (1 + tanh(sqrt(2 / pi) (x + .044715 x^3))). */
  GELU_TANH,
  /** x / (1 + e^-x). */
  SILU,
  /** 1 / (1 + e^-x). */
  SIGMOID,
  /** tanh x. */
  TANH;

  /** Returns the number that native kernels know it by. */
  int number() {
    return ordinal();
  }

  /**
   * Returns the activation of a name.
   *
   * @throws IllegalArgumentException when there is none
   */
  static Activation parse(String name) {
    return Arrays.stream(values())
        .filter(activation -> activation.toString().equals(name))
        .findFirst()
        .orElseThrow(() ->
            new IllegalArgumentException(
                "activation \"%s\", want one of %s"
                    .formatted(
                        name,
                        Arrays.stream(values())
                            .map(Activation::toString)
                            .collect(Collectors.joining(", ")))));
  }

  /** Returns the name that a node's attribute takes. */
  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT);
  }
}

package dev.falconer.kernel;

import java.util.Arrays;
import java.util.Locale;
import java.util.stream.Collectors;

/** What follows a product; x is its result. */
public enum Activation {
  /** x. */
  NONE(0),
  /** max(x, 0), NaN stays. */
  RELU(1),
  /** x/2 (1 + erf(x / sqrt 2)). */
  GELU(2),
  /** x/2 (1 + tanh(sqrt(2 / pi) (x + .044715 x^3))). */
  GELU_TANH(3),
  /** x / (1 + e^-x). */
  SILU(4),
  /** 1 / (1 + e^-x). */
  SIGMOID(5),
  /** tanh x. */
  TANH(6);

  private final int number;

  Activation(int number) {
    this.number = number;
  }

  /** Returns the number that native kernels know it by. */
  int number() {
    return number;
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

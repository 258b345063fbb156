package dev.falconer.kernel;

/** What follows a product. */
public enum Activation {
  /** Nothing. */
  NONE,
  /** max(y, 0). */
  RELU;

  /**
   * Returns the activation of a name.
   *
   * @throws IllegalArgumentException when there is none
   */
  static Activation parse(String name) {
    return switch (name) {
      case "none" -> NONE;
      case "relu" -> RELU;
      default ->
          throw new IllegalArgumentException("activation \"" + name + "\", want none or relu");
    };
  }
}

package dev.falconer.compressor.pack;

/** What is done to the scores of tokens before their softmax, the same in all rows and heads. */
sealed interface Mask {
  /** Returns the tensor read, [1, .., tokens]. */
  String value();

  /** The tensor, float32, is added. */
  record Added(String value) implements Mask {}

  /**
   * A number stands for the scores of some tokens.
   *
   * @param value bool
   * @param hidden the number, -infinity or so low that nothing is left
   * @param hides the truth of those tokens
   */
  record Chosen(String value, float hidden, boolean hides) implements Mask {
    /** Largest number that is as good as -infinity: scores beside it are lost to rounding. */
    static final float LOWEST = -1e9f;
  }
}

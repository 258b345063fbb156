package dev.falconer.compressor.split;

import java.util.List;

/**
 * Whether and how the user graph continues a state.
 *
 * @param supported whether it takes a past
 * @param reason why not, empty when it does
 * @param pastInputs inputs of the user graph that take the past of each state tensor, in the
 *     state's order; empty when not supported
 */
public record Growth(boolean supported, String reason, List<String> pastInputs) {
  /** Copies the list. */
  public Growth {
    pastInputs = List.copyOf(pastInputs);
  }

  /** Returns a refusal. */
  static Growth refused(String reason) {
    return new Growth(false, reason, List.of());
  }

  /** Returns the name of the input that takes the past of a state tensor. */
  public static String pastOf(String state) {
    return "past." + state;
  }
}

package dev.falconer.compressor.pass;

import java.util.List;
import org.jspecify.annotations.Nullable;

/** What every element of a result is, where that follows from what every element of operands is. */
final class Masks {
  private Masks() {}

  /** Returns what a mask always is, null when that is not known. */
  static @Nullable Boolean always(String type, List<Value> inputs) {
    return switch (type) {
      case "Unsqueeze", "Squeeze", "Reshape", "Transpose", "Expand", "Slice", "Identity", "Cast" ->
          inputs.getFirst().always();
      case "Not" -> {
        Boolean in = inputs.getFirst().always();
        yield in == null ? null : Boolean.valueOf(!in);
      }
      case "IsNaN" -> {
        Float in = inputs.getFirst().fill();
        yield in == null ? null : Boolean.valueOf(Float.isNaN(in));
      }
      default -> null;
    };
  }

  /**
   * Returns what every element of an elementwise result is, null when that is not known. Where it
   * is minus infinity or zero, other operands are taken to be finite.
   */
  static @Nullable Float fill(String type, List<Value> inputs) {
    return switch (type) {
      case "Where" -> {
        Boolean condition = inputs.get(0).always();
        yield condition == null ? null : inputs.get(condition ? 1 : 2).fill();
      }
      case "Add" ->
          inputs.stream().anyMatch(in -> in.isFilled(Double.NEGATIVE_INFINITY))
              ? Float.valueOf(Float.NEGATIVE_INFINITY)
              : null;
      case "Mul" -> inputs.stream().anyMatch(in -> in.isFilled(0)) ? Float.valueOf(0) : null;
      case "Div" -> inputs.get(0).isFilled(0) ? Float.valueOf(0) : null;
      case "Exp" -> inputs.get(0).isFilled(Double.NEGATIVE_INFINITY) ? Float.valueOf(0) : null;
      case "Unsqueeze", "Squeeze", "Reshape", "Transpose", "Expand", "Slice", "Identity" ->
          inputs.getFirst().fill();
      default -> null;
    };
  }
}

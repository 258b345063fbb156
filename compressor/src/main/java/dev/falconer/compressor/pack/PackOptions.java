package dev.falconer.compressor.pack;

import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

/**
 * How weights are packed.
 *
 * @param weights type of the products
 * @param byWeight type of those of some weights, by the constant's name; that of a weight "w" is
 *     that of its parts "w#cand", too, which splitting a model leaves
 * @param attention type of the scores and of what they weigh
 * @param weightLevels int8: a weight is rounded to -levels..levels of its output's scale, 1 to 127;
 *     {@link #SEVEN_BITS} wherever processors may lack VNNI
 * @param activationLevels int8: an activation is rounded to -levels..levels of its row's scale, 1
 *     to 127; {@link #SEVEN_BITS} together with weights to as many lets processors without VNNI add
 *     pairs in 16 bits
 */
public record PackOptions(
    Precision weights,
    Map<String, Precision> byWeight,
    Precision attention,
    int weightLevels,
    int activationLevels) {
  /** Levels of seven bits. */
  public static final int SEVEN_BITS = 63;

  /** Levels of eight bits. */
  public static final int EIGHT_BITS = 127;

  /** Everything in float32: results differ by rounding alone. */
  public static final PackOptions FLOATS =
      new PackOptions(Precision.FLOAT32, Map.of(), Precision.FLOAT32, EIGHT_BITS, EIGHT_BITS);

  /** Everything in int8, eight bits: for processors with VNNI. */
  public static final PackOptions BYTES =
      new PackOptions(Precision.INT8, Map.of(), Precision.INT8, EIGHT_BITS, EIGHT_BITS);

  /** Everything in int8, seven bits: for any processor. */
  public static final PackOptions BYTES_ANYWHERE =
      new PackOptions(Precision.INT8, Map.of(), Precision.INT8, SEVEN_BITS, SEVEN_BITS);

  /** Levels of a symmetric grid of seven bits: -64 to 63. */
  private static final int GRID = 64;

  /** Variants that need no judgement, by name. */
  public static final Map<String, PackOptions> EXACT = Map.of("packed", FLOATS);

  /** Variants of a bundle by name, the exact ones first. */
  public static final Map<String, PackOptions> ALL =
      Collections.unmodifiableMap(
          new TreeMap<>(Map.of("packed", FLOATS, "packed-int8", BYTES_ANYWHERE)));

  /**
   * Returns options by which some products are of a type of their own and all others of float32;
   * attention is int8 where one of them is. Weights have seven bits, activations eight.
   *
   * @param types by the constant's name
   */
  public static PackOptions of(Map<String, Precision> types) {
    Precision attention = types.containsValue(Precision.INT8) ? Precision.INT8 : Precision.FLOAT32;
    return new PackOptions(Precision.FLOAT32, types, attention, GRID, EIGHT_BITS);
  }

  /**
   * Returns how queries' and attention's output weights are packed. In int8 with eight bits: they
   * are few, and of seven bits they would cost a trained ranker as much as all others.
   */
  PackOptions aroundAttention() {
    return new PackOptions(weights, byWeight, attention, EIGHT_BITS, EIGHT_BITS);
  }

  /** Returns whether something may be of int8. */
  public boolean hasInt8() {
    return weights == Precision.INT8
        || attention == Precision.INT8
        || byWeight.containsValue(Precision.INT8);
  }

  /** Returns the type of weights that are stacked in one: float32 if that of one of them is. */
  Precision of(List<String> stacked) {
    return stacked.stream().allMatch(weight -> of(weight) == Precision.INT8)
        ? Precision.INT8
        : Precision.FLOAT32;
  }

  private Precision of(String weight) {
    int part = weight.lastIndexOf('#');
    String whole = part < 0 ? weight : weight.substring(0, part);
    return byWeight.getOrDefault(weight, byWeight.getOrDefault(whole, weights));
  }

  /** Type of numbers that are multiplied. */
  public enum Precision {
    /** Single precision. */
    FLOAT32,
    /** Integers of 8 bits and scales. */
    INT8;

    /** Returns the name that a node's attribute takes. */
    @Override
    public String toString() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  /** Checks the levels and copies the map. */
  public PackOptions {
    byWeight = Map.copyOf(byWeight);
    if (weightLevels < 1
        || weightLevels > EIGHT_BITS
        || activationLevels < 1
        || activationLevels > EIGHT_BITS) {
      throw new IllegalArgumentException(
          "weight levels to %d, activation levels to %d: 1 to %d are possible"
              .formatted(weightLevels, activationLevels, EIGHT_BITS));
    }
  }
}

package dev.falconer.compressor.pack;

import dev.falconer.compressor.onnx.Attribute;
import dev.falconer.compressor.onnx.TensorData;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Keys, values and masks as operators read them. */
final class WrittenTokens {
  /** Of scales that float32 tells apart. */
  private static final double CLOSE = 1e-6;

  private final Draft draft;
  private final Map<Mask, String> masks = new HashMap<>();

  WrittenTokens(Draft draft) {
    this.draft = draft;
  }

  /**
   * What an operator reads.
   *
   * @param inputs keys, values, mask or ""
   * @param scale of the products of queries and these keys
   */
  record Read(List<String> inputs, Keys.Order order, double scale) {}

  /** Returns what an operator reads; nodes are added where no tensor lies as it has to. */
  Read read(String name, Form.Weighed attended) {
    Attention attention = attended.attention();
    Keys keys = attention.keys();
    Keys values = attended.shared().orElseThrow();
    String mask = attention.mask().map(this::mask).orElse("");
    for (Keys.Reading key : keys.readings()) {
      Optional<Keys.Reading> value = ofOrder(values, key.order());
      if (value.isPresent()) {
        return new Read(
            List.of(key.value(), value.get().value(), mask),
            key.order(),
            attention.scale() * key.factor());
      }
    }
    Keys.Order order = keys.turned();
    Optional<Keys.Reading> key =
        keys.readings().stream().filter(reading -> reading.order() == order).findFirst();
    String keyValue = key.map(Keys.Reading::value).orElseGet(() -> turned(name + "#keys", keys));
    String value =
        ofOrder(values, order)
            .map(Keys.Reading::value)
            .orElseGet(() -> turned(name + "#values", values));
    double factor = key.map(Keys.Reading::factor).orElse(1.0);
    return new Read(List.of(keyValue, value, mask), order, attention.scale() * factor);
  }

  private static Optional<Keys.Reading> ofOrder(Keys values, Keys.Order order) {
    return values.readings().stream()
        .filter(reading -> reading.order() == order && reading.factor() == 1)
        .findFirst();
  }

  private String turned(String name, Keys keys) {
    return draft.add(name, "Transpose", Map.of("perm", Attribute.ints(keys.turn())), keys.value());
  }

  /** Returns what is added to scores; layers share it. */
  private String mask(Mask mask) {
    return switch (mask) {
      case Mask.Added(String value) -> value;
      case Mask.Chosen chosen -> masks.computeIfAbsent(chosen, _ -> added(chosen));
    };
  }

  private String added(Mask.Chosen mask) {
    String hidden = draft.constant("#hidden." + mask.hidden(), TensorData.scalar(mask.hidden()));
    String zero = draft.constant("#zero", TensorData.scalar(0f));
    return mask.hides()
        ? draft.add(mask.value() + "#mask", "Where", Map.of(), mask.value(), hidden, zero)
        : draft.add(mask.value() + "#mask", "Where", Map.of(), mask.value(), zero, hidden);
  }

  /** Returns a row's own keys times a factor. */
  String scaled(String keys, double factor) {
    double ratio = ratio(factor, 1);
    return ratio == 1
        ? keys
        : draft.add(
            keys + "#scaled",
            "Mul",
            Map.of(),
            keys,
            draft.constant("#factor." + ratio, TensorData.scalar((float) ratio)));
  }

  /** Returns the ratio of two scales, 1 where float32 doesn't tell them apart. */
  static double ratio(double a, double b) {
    double ratio = a / b;
    return Math.abs(ratio - 1) <= CLOSE ? 1 : ratio;
  }
}

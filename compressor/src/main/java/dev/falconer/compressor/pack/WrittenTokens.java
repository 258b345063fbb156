package dev.falconer.compressor.pack;

import dev.falconer.compressor.axes.Poly;
import dev.falconer.compressor.onnx.Attribute;
import dev.falconer.compressor.onnx.Shape;
import dev.falconer.compressor.onnx.TensorData;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Keys, values and masks as operators read them. */
final class WrittenTokens {
  /** Of scales that float32 tells apart. */
  private static final double CLOSE = 1e-6;

  private final Facts facts;
  private final Draft draft;
  private final Map<Mask, String> masks = new HashMap<>();

  WrittenTokens(Facts facts, Draft draft) {
    this.facts = facts;
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

  /** Returns the inputs with keys and values smoothed by added nodes. */
  List<String> smoothed(Read read, SmoothedTokens by) {
    var inputs = new ArrayList<>(read.inputs());
    inputs.set(0, mapped(inputs.get(0), read.order(), by.heads(), by.keys()));
    inputs.set(1, mapped(inputs.get(1), read.order(), by.heads(), by.values()));
    return inputs;
  }

  private String mapped(
      String tokens, Keys.Order order, Form.Heads heads, SmoothedTokens.Affine by) {
    List<Poly> lengths = facts.lengths(tokens).orElseThrow();
    boolean isFlat = lengths.getLast().is(heads.all());
    Shape shape =
        order == Keys.Order.HEADS_FIRST
            ? Shape.of(heads.count(), 1, heads.width())
            : isFlat ? Shape.of(heads.all()) : Shape.of(heads.count(), heads.width());
    String centres =
        draft.constant(tokens + "#centres", TensorData.floats(shape, by.centres().clone()));
    String factors =
        draft.constant(tokens + "#factors", TensorData.floats(shape, by.factors().clone()));
    String centred = draft.add(tokens + "#centred", "Sub", Map.of(), tokens, centres);
    return draft.add(tokens + "#smoothed", "Mul", Map.of(), centred, factors);
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

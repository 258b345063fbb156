package dev.falconer.server.domain;

import java.util.Objects;

/**
 * A variant of a model's candidate graph and what computes it.
 *
 * @param variant as the manifest names it
 */
public record VariantKey(String variant, ExecutedBy by) {
  /** The variant of ONNX's own operators in float32, which the others are held against. */
  public static final String PLAIN = "plain";

  /** Checks that both are there. */
  public VariantKey {
    Objects.requireNonNull(variant, "variant");
    Objects.requireNonNull(by, "by");
  }

  /** Returns "plain" or "packed:native". */
  @Override
  public String toString() {
    return by == ExecutedBy.ONNX_RUNTIME ? variant : variant + ":" + by.label();
  }
}

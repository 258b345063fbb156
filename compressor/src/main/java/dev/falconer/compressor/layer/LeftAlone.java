package dev.falconer.compressor.layer;

/**
 * A node that multiplies by weights and is not changed.
 *
 * @param node name
 * @param operator with its domain when that is not ONNX's own: "com.microsoft.QGemm"
 * @param reason why, as the rest of a sentence about the node
 */
public record LeftAlone(String node, String operator, String reason) {
  @Override
  public String toString() {
    return "%s (%s): %s".formatted(node, operator, reason);
  }
}

package dev.falconer.compressor.onnx;

import java.util.Collections;
import java.util.Map;
import java.util.TreeMap;

/**
 * An ONNX model.
 *
 * @param opsets version by domain; "" is ONNX's own
 * @param metadata free text by key, kept in the file
 */
public record Model(
    Graph graph, int irVersion, Map<String, Long> opsets, Map<String, String> metadata) {
  /** The IR version written, understood by ONNX Runtime 1.29. */
  public static final int IR_VERSION = 10;

  /** Copies the maps in the order of their keys, so that equal models give equal bytes. */
  public Model {
    opsets = Collections.unmodifiableMap(new TreeMap<>(opsets));
    metadata = Collections.unmodifiableMap(new TreeMap<>(metadata));
  }

  /** Returns the model with another graph. */
  public Model withGraph(Graph other) {
    return new Model(other, irVersion, opsets, metadata);
  }

  /** Returns the model with other metadata. */
  public Model withMetadata(Map<String, String> other) {
    return new Model(graph, irVersion, opsets, other);
  }

  /** Returns the version of ONNX's own operators. */
  public long opset() {
    Long version = opsets.get("");
    return version != null ? version : opsets.getOrDefault("ai.onnx", 0L);
  }
}

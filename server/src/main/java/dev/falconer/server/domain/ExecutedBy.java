package dev.falconer.server.domain;

import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;

/** What computes the nodes of a graph. */
public enum ExecutedBy {
  /** ONNX Runtime's own operators alone. */
  ONNX_RUNTIME,
  /** The operators of domain dev.falconer by vectors in Java. */
  JAVA,
  /** The operators of domain dev.falconer by native code. */
  NATIVE;

  /** Returns the value of a label, if there is one. */
  public static Optional<ExecutedBy> of(String label) {
    return Arrays.stream(values()).filter(by -> by.label().equals(label)).findFirst();
  }

  /** Returns the name in flags, metrics and logs: onnxruntime, java or native. */
  public String label() {
    return name().toLowerCase(Locale.ROOT).replace("_", "");
  }
}

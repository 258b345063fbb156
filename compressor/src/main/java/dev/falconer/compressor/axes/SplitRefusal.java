package dev.falconer.compressor.axes;

import dev.falconer.compressor.onnx.Node;
import org.jspecify.annotations.Nullable;

/** Says why a graph is not split: one line naming the node, the axis, the reason and the cure. */
public final class SplitRefusal extends RuntimeException {
  /** Kinds of refusal, printed in lower case with hyphens. */
  public enum Code {
    MIXES_ROWS,
    RESHAPE_MIXES_ROWS,
    BATCH_BAKED,
    TRAINING_MODE,
    CONTROL_FLOW,
    DATA_SHAPE,
    RANDOM,
    NO_CANDIDATE,
    NO_GAIN,
    UNSUPPORTED_OP,
    VERIFY_FAILED;

    /** Returns the word printed. */
    public String text() {
      return name().toLowerCase(java.util.Locale.ROOT).replace('_', '-');
    }
  }

  private static final String STACK_TRACE = "pkg.torch.onnx.stack_trace";

  private final Code code;
  private final String node;
  private final String operator;
  private final int axis;
  private final String reason;
  private final String fix;

  /**
   * Makes a refusal.
   *
   * @param node null when no node is to blame
   * @param axis -1 when no axis is to blame
   */
  public SplitRefusal(Code code, @Nullable Node node, int axis, String reason, String fix) {
    super(line(code, node, axis, reason, fix));
    this.code = code;
    this.node = node == null ? "" : node.name();
    this.operator = node == null ? "" : node.type();
    this.axis = axis;
    this.reason = reason;
    this.fix = fix;
  }

  private static String line(Code code, @Nullable Node node, int axis, String reason, String fix) {
    var text = new StringBuilder(code.text()).append(": ");
    if (node != null) {
      text.append("node \"").append(node.name()).append("\" (").append(node.type()).append(')');
      text.append(axis >= 0 ? ", axis " + axis : "").append(": ");
    }
    text.append(reason).append("; ").append(fix);
    String trace = node == null ? null : node.metadata().get(STACK_TRACE);
    return trace == null ? text.toString() : text + " [" + trace.strip() + "]";
  }

  /** Returns the kind. */
  public Code code() {
    return code;
  }

  /** Returns the node's name, empty when no node is to blame. */
  public String node() {
    return node;
  }

  /** Returns the node's operator, empty when no node is to blame. */
  public String operator() {
    return operator;
  }

  /** Returns the axis, or -1. */
  public int axis() {
    return axis;
  }

  /** Returns what was found. */
  public String reason() {
    return reason;
  }

  /** Returns what to do. */
  public String fix() {
    return fix;
  }
}

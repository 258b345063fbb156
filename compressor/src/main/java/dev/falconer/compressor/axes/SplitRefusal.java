package dev.falconer.compressor.axes;

import dev.falconer.compressor.onnx.Node;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Says why a graph is not split: one line naming the node, the axis, the reason and the cure. */
public final class SplitRefusal extends RuntimeException {
  /** Kinds of refusal, printed in lower case with hyphens. */
  public enum Code {
    /** A result of one candidate depends on another. */
    MIXES_ROWS(""),
    /** The batch axis is cut or joined out of order. */
    RESHAPE_MIXES_ROWS("reshape by x.flatten(1) or x.view(x.size(0), ...), then export again"),
    /** The graph works for one number of candidates only. */
    BATCH_BAKED(
        "torch.onnx.export(..., dynamic_axes={\"<input>\": {0: \"batch\"}}), or with dynamo=True"
            + " dynamic_shapes={\"<input>\": {0: torch.export.Dim(\"batch\")}}, for every input"),
    /** An operator computes statistics of the batch. */
    TRAINING_MODE("model.eval() before torch.onnx.export(...)"),
    /** A branch or loop depends on data. */
    CONTROL_FLOW(
        "torch.onnx.export(..., dynamo=True), or trace the model in place of scripting it"),
    /** A result's shape depends on data. */
    DATA_SHAPE("torch.where(mask, x, 0) in place of x[mask], then export again"),
    /** A result is random. */
    RANDOM("model.eval() before torch.onnx.export(...)"),
    /** No input is the candidates', or an output does not depend on them. */
    NO_CANDIDATE(""),
    /** Splitting saves next to nothing. */
    NO_GAIN(""),
    /** No rule is known for an operator. */
    UNSUPPORTED_OP("torch.onnx.export(..., opset_version=18)"),
    /** The halves did not give the whole graph's scores. */
    VERIFY_FAILED("");

    private final String export;

    Code(String export) {
      this.export = export;
    }

    /**
     * Returns what the model's author could change at the export; empty when nothing there helps.
     */
    public String export() {
      return export;
    }

    /** Returns the word printed. */
    public String text() {
      return name().toLowerCase(java.util.Locale.ROOT).replace('_', '-');
    }
  }

  private static final String STACK_TRACE = "pkg.torch.onnx.stack_trace";
  private static final Pattern FRAME =
      Pattern.compile("File \"([^\"]*)\", line (\\d+)[^\\n]*\\R?([^\\n]*)");
  private static final Pattern LIBRARY = Pattern.compile("(site|dist)-packages");

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
    text.append(oneLine(reason)).append("; ").append(oneLine(fix));
    if (!code.export.isEmpty()) {
      text.append(": ").append(code.export);
    }
    String trace = node == null ? null : node.metadata().get(STACK_TRACE);
    return trace == null ? text.toString() : text + " [" + sourceLine(trace) + "]";
  }

  /**
   * Returns the innermost frame of a Python stack trace that is the model's own, as one line.
   *
   * <pre>
   * File "ranker.py", line 48, in forward
   *   h = self.gru(hist)                      becomes    ranker.py:48: h = self.gru(hist)
   * File ".../site-packages/torch/nn/...
   * </pre>
   */
  private static String sourceLine(String trace) {
    String found = oneLine(trace);
    boolean own = false;
    Matcher frame = FRAME.matcher(trace);
    while (frame.find()) {
      boolean library = LIBRARY.matcher(frame.group(1)).find();
      if (!library || !own) {
        found = frame.group(1) + ":" + frame.group(2) + ": " + frame.group(3).strip();
        own |= !library;
      }
    }
    return found;
  }

  private static String oneLine(String text) {
    return text.strip().replaceAll("\\s*\\R\\s*", " ");
  }

  /** Returns the line printed. */
  @Override
  public String getMessage() {
    return java.util.Objects.requireNonNull(super.getMessage(), "set by the constructor");
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

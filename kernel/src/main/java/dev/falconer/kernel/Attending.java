package dev.falconer.kernel;

import dev.falconer.kernel.Attention.Tokens;
import dev.falconer.packed.RoundedTokens;

/**
 * The attention of a node, and how it finds its keys, values and mask among the inputs 1 to 3.
 *
 * @param tokensFirst whether keys are [.., tokens, heads, width] instead of [.., heads, tokens,
 *     width]
 */
record Attending(String node, Attention attention, AttentionShape shape, boolean tokensFirst) {
  private static final int KEYS = 1;
  private static final int VALUES = 2;
  private static final int MASK = 3;

  /** Returns the attention by a node's attributes; its width is known later. */
  static Attending of(Execution execution, NodeInfo node, int all) {
    long heads = node.integer("heads");
    if (heads < 1 || all % heads != 0) {
      throw new IllegalArgumentException(
          "%s: queries of %d floats for %d heads".formatted(node, all, heads));
    }
    String type = node.text("attention");
    boolean isInt8 = type.equals("int8");
    if (!isInt8 && !type.equals("float32")) {
      throw new IllegalArgumentException(
          "%s: attention \"%s\", want float32 or int8".formatted(node, type));
    }
    AttentionShape shape = shape(node, heads, all / heads, node.real("scale"), isInt8);
    boolean tokensFirst = node.integer("tokens_first") != 0;
    return new Attending(node.toString(), checked(execution, node, shape), shape, tokensFirst);
  }

  /** Returns a shape in ranges. */
  static AttentionShape shape(NodeInfo node, long heads, long width, float scale, boolean isInt8) {
    try {
      return new AttentionShape(Math.toIntExact(heads), Math.toIntExact(width), scale, isInt8);
    } catch (IllegalArgumentException | ArithmeticException e) {
      throw new IllegalArgumentException(node + ": " + e.getMessage(), e);
    }
  }

  /** Returns what attends so. */
  static Attention checked(Execution execution, NodeInfo node, AttentionShape shape) {
    if (!execution.attention().has(shape)) {
      throw new IllegalArgumentException(
          "%s: %s doesn't attend in %s"
              .formatted(node, execution, shape.isInt8() ? "int8" : "float32"));
    }
    return execution.attention();
  }

  /** Returns the tokens of a call; its keys, values and mask fit each other. */
  int tokens(NodeCall call) {
    TensorView keys = call.input(KEYS);
    int tokens = count(keys, KEYS);
    TensorView values = call.input(VALUES);
    if (count(values, VALUES) != tokens || values.isBytes() != keys.isBytes()) {
      throw new IllegalArgumentException(
          "%s: keys %s%s, values %s%s"
              .formatted(node, keys, rounded(keys), values, rounded(values)));
    }
    if (call.has(MASK)) {
      TensorView mask = call.input(MASK);
      if (mask.size() != tokens || (mask.rank() > 0 && mask.dim(-1) != tokens)) {
        throw new IllegalArgumentException(
            "%s: mask %s, want [.., %d]".formatted(node, mask, tokens));
      }
    }
    return tokens;
  }

  private static String rounded(TensorView view) {
    return view.isBytes() ? " rounded" : "";
  }

  /** Returns the elements of a head's token. */
  private int elements(TensorView view) {
    return view.isBytes() ? RoundedTokens.bytes(shape.width()) : shape.width();
  }

  private int count(TensorView view, int index) {
    int rank = view.rank();
    int one = elements(view);
    boolean isFlat = tokensFirst && rank >= 2 && view.dim(-1) == (long) shape.heads() * one;
    boolean isSplit =
        rank >= 3 && view.dim(-1) == one && view.dim(rank - (tokensFirst ? 2 : 3)) == shape.heads();
    long tokens = rank < 2 ? -1 : view.dim(rank - (tokensFirst && !isFlat ? 3 : 2));
    if (!(isFlat || isSplit) || tokens * shape.heads() * one != view.size()) {
      throw new IllegalArgumentException(
          "%s: input %d is%s %s, want %s, all axes before 1"
              .formatted(
                  node,
                  index,
                  rounded(view),
                  view,
                  tokensFirst
                      ? "[.., tokens, %d, %d]".formatted(shape.heads(), one)
                      : "[.., %d, tokens, %d]".formatted(shape.heads(), one)));
    }
    if (view.isBytes() && !shape.isInt8()) {
      throw new IllegalArgumentException(
          "%s: input %d is rounded, attention \"float32\" wants floats".formatted(node, index));
    }
    return Math.toIntExact(tokens);
  }

  /** Returns the bytes of scratch for {@link #prepare}. */
  long bytes(int tokens) {
    return Scratch.aligned(attention.bytes(shape, tokens));
  }

  /** Lays the call's keys and values out. */
  long prepare(NodeCall call, int tokens, Scratch scratch) {
    long state = scratch.take(bytes(tokens));
    attention.prepare(
        shape,
        laid(call.input(KEYS), tokens),
        laid(call.input(VALUES), tokens),
        tokens,
        call.has(MASK) ? call.input(MASK).address() : 0,
        state);
    return state;
  }

  private Tokens laid(TensorView view, int tokens) {
    long one = view.isBytes() ? elements(view) / Float.BYTES : elements(view);
    return new Tokens(
        view.address(),
        tokensFirst ? one : tokens * one,
        tokensFirst ? shape.heads() * one : one,
        view.isBytes());
  }
}

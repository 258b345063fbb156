package dev.falconer.kernel;

import dev.falconer.kernel.Attention.Tokens;

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
    AttentionShape shape;
    try {
      shape = new AttentionShape((int) heads, (int) (all / heads), node.real("scale"), isInt8);
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException(node + ": " + e.getMessage(), e);
    }
    if (!execution.attention().has(shape)) {
      throw new IllegalArgumentException(
          "%s: %s doesn't attend in %s".formatted(node, execution, type));
    }
    boolean tokensFirst = node.integer("tokens_first") != 0;
    return new Attending(node.toString(), execution.attention(), shape, tokensFirst);
  }

  /** Returns the tokens of a call; its keys, values and mask fit each other. */
  int tokens(NodeCall call) {
    TensorView keys = call.input(KEYS);
    int tokens = count(keys, KEYS);
    if (count(call.input(VALUES), VALUES) != tokens) {
      throw new IllegalArgumentException(
          "%s: keys %s, values %s".formatted(node, keys, call.input(VALUES)));
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

  private int count(TensorView view, int index) {
    int rank = view.rank();
    boolean isFlat = tokensFirst && rank >= 2 && view.dim(-1) == shape.all();
    boolean isSplit =
        rank >= 3
            && view.dim(-1) == shape.width()
            && view.dim(rank - (tokensFirst ? 2 : 3)) == shape.heads();
    long tokens = rank < 2 ? -1 : view.dim(rank - (tokensFirst && !isFlat ? 3 : 2));
    if (!(isFlat || isSplit) || tokens * shape.all() != view.size()) {
      throw new IllegalArgumentException(
          "%s: input %d is %s, want %s, all axes before 1"
              .formatted(
                  node,
                  index,
                  view,
                  tokensFirst
                      ? "[.., tokens, %d, %d]".formatted(shape.heads(), shape.width())
                      : "[.., %d, tokens, %d]".formatted(shape.heads(), shape.width())));
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
    long headStride = tokensFirst ? shape.width() : (long) tokens * shape.width();
    long tokenStride = tokensFirst ? shape.all() : shape.width();
    attention.prepare(
        shape,
        new Tokens(call.input(KEYS).address(), headStride, tokenStride),
        new Tokens(call.input(VALUES).address(), headStride, tokenStride),
        tokens,
        call.has(MASK) ? call.input(MASK).address() : 0,
        state);
    return state;
  }
}

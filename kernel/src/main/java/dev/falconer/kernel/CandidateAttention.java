package dev.falconer.kernel;

import java.util.List;

/**
 * Operator CandidateAttention: {@link Attention} alone.
 *
 * <pre>
 * inputs      0 queries float32 [.., heads width]
 *             1 keys, 2 values, 3 mask as of {@link CandidateBlock}
 *             4 own keys, 5 own values float32 [.., heads width], rows as the queries; none or both
 * attributes  heads, scale, tokens_first, attention as of {@link CandidateBlock}; width: of a head
 * output      float32, the queries' shape
 * </pre>
 */
public final class CandidateAttention {
  private static final int OWN_KEYS = 4;
  private static final int OWN_VALUES = 5;
  private static final Operator.Input FLOATS = new Operator.Input(ElementType.FLOAT32, false);
  private static final Operator.Input TOKENS =
      new Operator.Input(ElementType.FLOAT32_OR_UINT8, false);
  private static final Operator.Input MAYBE = new Operator.Input(ElementType.FLOAT32, true);

  private CandidateAttention() {}

  /** Returns the operator, computed by an execution. */
  static Operator by(Execution execution, ThreadLocal<Scratch> scratches) {
    return new Operator(
        "CandidateAttention",
        List.of(FLOATS, TOKENS, TOKENS, MAYBE, MAYBE, MAYBE),
        List.of(ElementType.FLOAT32),
        node -> kernel(execution, scratches, node));
  }

  private static Kernel kernel(Execution execution, ThreadLocal<Scratch> scratches, NodeInfo node) {
    String name = node.toString();
    int all = Math.toIntExact(Math.multiplyExact(node.integer("heads"), node.integer("width")));
    Attending attending = Attending.of(execution, node, all);
    boolean hasOwn = node.has(OWN_KEYS);
    if (hasOwn != node.has(OWN_VALUES)) {
      throw new IllegalArgumentException(name + ": own keys and own values go together");
    }
    return call -> {
      TensorView queries = call.input(0);
      check(name, "queries", queries, all, queries);
      if (hasOwn) {
        check(name, "own keys", call.input(OWN_KEYS), all, queries);
        check(name, "own values", call.input(OWN_VALUES), all, queries);
      }
      int tokens = attending.tokens(call);
      Scratch scratch = scratches.get();
      scratch.begin(attending.bytes(tokens));
      long state = attending.prepare(call, tokens, scratch);
      execution
          .attention()
          .run(
              attending.shape(),
              state,
              tokens,
              queries.address(),
              all,
              Math.toIntExact(queries.rows()),
              hasOwn ? call.input(OWN_KEYS).address() : 0,
              hasOwn ? call.input(OWN_VALUES).address() : 0,
              all,
              call.outputLike(0, queries, all),
              all);
    };
  }

  private static void check(String name, String what, TensorView view, int all, TensorView like) {
    if (view.rank() < 1 || view.dim(-1) != all || view.rows() != like.rows()) {
      throw new IllegalArgumentException(
          "%s: %s are %s, want [.., %d]%s"
              .formatted(name, what, view, all, view == like ? "" : ", rows as queries " + like));
    }
  }
}

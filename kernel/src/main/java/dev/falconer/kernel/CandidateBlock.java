package dev.falconer.kernel;

import dev.falconer.packed.PackedHeader;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Operator CandidateBlock: a transformer layer of candidates, every row by itself.
 *
 * <pre>
 * pre    u = x + attend(norm1(x)) Wo' + bo;            y = u + act(norm2(u) W1' + b1) W2' + b2
 * post   u = norm1(x + attend(x) Wo' + bo);            y = norm2(u + act(u W1' + b1) W2' + b2)
 * attend(z) = {@link Attention} of queries z Wq' + bq
 *
 * inputs       0 x float32 [.., d]
 *              1 keys, 2 values float32 [.., heads, tokens, width], all axes before heads 1;
 *                with tokens_first [.., tokens, heads, width] or [.., tokens, heads width];
 *                or both uint8, of {@link RoundTokens}
 *              3 mask float32 [.., tokens], optional: added to the scores
 *              4 scale, 5 shift of norm1 float32 [d]; the shift is optional
 *              6 Wq packed [heads width, d]; or [3 heads width, d]: queries, own keys, own values
 *              7 bq float32, optional
 *              8 Wo packed [d, heads width], 9 bo float32 [d], optional
 *             10 scale, 11 shift of norm2, as 4 and 5
 *             12 W1 packed [f, d], 13 b1 float32 [f], optional
 *             14 W2 packed [d, f], 15 b2 float32 [d], optional
 *             without 10 to 15 y is u
 * attributes   heads; scale: of the scores; tokens_first: 0 or 1; attention: "float32" or "int8";
 *              norm: "pre" or "post"; epsilon1, epsilon2: of the norms; activation: a name of
 *              {@link Activation}
 * output       y float32, x's shape
 * </pre>
 *
 * <p>Packed weights are uint8 constants, see {@link PackedHeader}; inputs from 4 on are constants.
 */
public final class CandidateBlock {
  /** Rows whose values stay in the second cache from step to step. */
  private static final int ROWS = 64;

  private static final int NORM1 = 4;
  private static final int QUERY = 6;
  private static final int OUTPUT = 8;
  private static final int NORM2 = 10;
  private static final int FIRST = 12;
  private static final int SECOND = 14;

  private CandidateBlock() {}

  /** Returns the operator, computed by an execution. */
  static Operator by(Execution execution, ThreadLocal<Scratch> scratches) {
    var floats = new Operator.Input(ElementType.FLOAT32, false);
    var tokens = new Operator.Input(ElementType.FLOAT32_OR_UINT8, false);
    var maybe = new Operator.Input(ElementType.FLOAT32, true);
    var packed = new Operator.Input(ElementType.UINT8, false);
    var maybePacked = new Operator.Input(ElementType.UINT8, true);
    return new Operator(
        "CandidateBlock",
        List.of(
            floats,
            tokens,
            tokens,
            maybe, // x, keys, values, mask
            floats,
            maybe,
            packed,
            maybe,
            packed,
            maybe, // norm1, queries, output
            maybe,
            maybe,
            maybePacked,
            maybe,
            maybePacked,
            maybe), // norm2, W1, W2
        List.of(ElementType.FLOAT32),
        node -> new Block(execution, scratches, node));
  }

  /** One node. */
  private static final class Block implements Kernel {
    private final String name;
    private final Execution execution;
    private final ThreadLocal<Scratch> scratches;
    private final boolean isPre;
    private final Norm norm1;
    private final Product query;
    private final Attending attending;
    private final Product output;
    private final @Nullable FeedForward feedForward;
    private final int width;

    // Where the values of a chunk of rows begin, behind those normed; and the size of all.
    private final long queriesAt;
    private final long attendedAt;
    private final long sumAt;
    private final long hiddenAt;
    private final long chunk;

    /** What follows the attention. */
    private record FeedForward(Norm norm, Product first, Product second) {}

    Block(Execution execution, ThreadLocal<Scratch> scratches, NodeInfo node) {
      this.name = node.toString();
      this.execution = execution;
      this.scratches = scratches;
      String norm = node.text("norm");
      isPre = norm.equals("pre");
      if (!isPre && !norm.equals("post")) {
        throw new IllegalArgumentException(
            "%s: norm \"%s\", want pre or post".formatted(name, norm));
      }
      query = Product.of(execution, node, QUERY, Activation.NONE);
      output = Product.of(execution, node, OUTPUT, Activation.NONE);
      width = query.in();
      attending = Attending.of(execution, node, output.in());
      int all = attending.shape().all();
      query.want(node, QUERY, query.out() == all ? all : 3 * all, width);
      output.want(node, OUTPUT, width, all);
      norm1 = Norm.of(execution, node, NORM1, width, node.real("epsilon1"));
      feedForward = node.has(FIRST) ? feedForward(execution, node, width) : null;
      queriesAt = Scratch.bytes(ROWS, width);
      attendedAt = queriesAt + Scratch.bytes(ROWS, query.out());
      sumAt = attendedAt + Scratch.bytes(ROWS, all);
      hiddenAt = sumAt + Scratch.bytes(ROWS, width);
      chunk = hiddenAt + (feedForward == null ? 0 : Scratch.bytes(ROWS, feedForward.first.out()));
    }

    private static FeedForward feedForward(Execution execution, NodeInfo node, int width) {
      Norm norm = Norm.of(execution, node, NORM2, width, node.real("epsilon2"));
      Product first = Product.of(execution, node, FIRST, node.activation("activation"));
      Product second = Product.of(execution, node, SECOND, Activation.NONE);
      return new FeedForward(
          norm,
          first.want(node, FIRST, first.out(), width),
          second.want(node, SECOND, width, first.out()));
    }

    @Override
    public void compute(NodeCall call) {
      TensorView x = call.input(0);
      if (x.rank() < 1 || x.dim(-1) != width) {
        throw new IllegalArgumentException(
            "%s: x is %s, want %d columns".formatted(name, x, width));
      }
      int rows = Math.toIntExact(x.rows());
      long from = x.address();
      int tokens = attending.tokens(call);
      Scratch scratch = scratches.get();
      scratch.begin(attending.bytes(tokens) + chunk);
      long state = attending.prepare(call, tokens, scratch);
      long y = call.outputLike(0, x, width);
      long room = scratch.take(chunk);
      for (int row = 0; row < rows; row += ROWS) {
        long offset = (long) Float.BYTES * row * width;
        run(room, state, tokens, from + offset, Math.min(ROWS, rows - row), y + offset);
      }
    }

    private void run(long room, long state, int tokens, long x, int rows, long y) {
      long normed = room;
      long queries = room + queriesAt;
      long attended = room + attendedAt;
      int all = attending.shape().all();
      int pitch = Scratch.pitch(width);
      int queryPitch = Scratch.pitch(query.out());
      if (isPre) {
        norm1.run(x, width, rows, normed, pitch);
        query.run(normed, pitch, rows, queries, queryPitch);
      } else {
        query.run(x, width, rows, queries, queryPitch);
      }
      boolean hasOwn = query.out() > all;
      long own = queries + (long) Float.BYTES * all;
      execution
          .attention()
          .run(
              attending.shape(),
              state,
              tokens,
              queries,
              queryPitch,
              rows,
              hasOwn ? own : 0,
              hasOwn ? own + (long) Float.BYTES * all : 0,
              queryPitch,
              attended,
              Scratch.pitch(all));
      long sum = feedForward == null ? y : room + sumAt;
      int sumPitch = feedForward == null ? width : pitch;
      output.run(attended, Scratch.pitch(all), rows, sum, sumPitch);
      execution.rows().add(x, width, rows, width, sum, sumPitch);
      if (!isPre) {
        norm1.run(sum, sumPitch, rows, sum, sumPitch);
      }
      if (feedForward != null) {
        long source = sum;
        if (isPre) {
          feedForward.norm.run(sum, pitch, rows, normed, pitch);
          source = normed;
        }
        int hiddenPitch = Scratch.pitch(feedForward.first.out());
        long hidden = room + hiddenAt;
        feedForward.first.run(source, pitch, rows, hidden, hiddenPitch);
        feedForward.second.run(hidden, hiddenPitch, rows, y, width);
        execution.rows().add(sum, pitch, rows, width, y, width);
        if (!isPre) {
          feedForward.norm.run(y, width, rows, y, width);
        }
      }
    }
  }
}

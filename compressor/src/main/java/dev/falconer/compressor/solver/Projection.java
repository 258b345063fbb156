package dev.falconer.compressor.solver;

/**
 * Chooses the weights of a pattern whose squares have the largest sum: the nearest matrix of the
 * pattern keeps those. Among equals the first input, then the first output, wins.
 *
 * <p>One instance serves one layer and one thread; it may keep work space, or a start for the next
 * call, between calls. Values and masks lie [in, out] row-major, so that loops over outputs run on
 * consecutive elements; masks are floats, 1 kept and 0 dropped, so that they multiply.
 */
interface Projection {
  /**
   * Fills the mask.
   *
   * @param values [in, out]
   * @param kept [in, out], overwritten
   */
  void project(float[] values, float[] kept);

  /** Returns the projection of a layer's pattern; unstructured zeros count over the layer. */
  static Projection of(Pattern pattern, int out, int in) {
    return of(pattern, out, in, Pattern.Scope.LAYER);
  }

  /**
   * Returns the projection of a layer's pattern.
   *
   * @param scope of unstructured zeros whose pattern leaves it open
   */
  static Projection of(Pattern pattern, int out, int in, Pattern.Scope scope) {
    pattern.checkFits(out, in);
    return switch (pattern) {
      case Pattern.NofM groups -> new Groups(groups, out, in);
      case Pattern.Unstructured zeros ->
          switch (zeros.scope() == Pattern.Scope.DEFAULT ? scope : zeros.scope()) {
            case LAYER, DEFAULT -> new Largest(Math.toIntExact(zeros.keptOf((long) out * in)));
            case ROW -> new Rows(zeros.keptOfRow(in), out, in);
          };
      case Pattern.Panel panel -> new Panels(panel, out, in);
      case Pattern.Block block -> new Blocks(block, out, in);
      case Pattern.Transposable(int kept, int group) ->
          new Transposables(new TransposableMask(in, out, kept, group));
    };
  }

  /** Returns the mask of the pattern for scores [out, in], at least 0 each. */
  static Mask mask(Matrix scores, Pattern pattern, Pattern.Scope scope) {
    int out = scores.rows();
    int in = scores.columns();
    var kept = new float[out * in];
    of(pattern, out, in, scope).project(Floats.transposedScaled(scores), kept);
    return Mask.ofInOut(kept, out, in);
  }

  /** Transposable N:M, exactly; its column prices stay between calls. */
  final class Transposables implements Projection {
    private final TransposableMask masks;
    private float[] squares = {};

    Transposables(TransposableMask masks) {
      this.masks = masks;
    }

    @Override
    public void project(float[] values, float[] kept) {
      if (squares.length != values.length) {
        squares = new float[values.length];
      }
      for (int i = 0; i < values.length; i++) {
        squares[i] = values[i] * values[i];
      }
      masks.project(squares, kept);
    }
  }

  /** The k largest of the whole layer. */
  final class Largest implements Projection {
    private final int k;
    private final TopK top = new TopK();

    Largest(int k) {
      this.k = k;
    }

    @Override
    public void project(float[] values, float[] kept) {
      top.mark(values, kept, 0, values.length, k);
    }
  }

  /** The k largest of every output. */
  final class Rows implements Projection {
    private final int k;
    private final int out;
    private final int in;
    private final TopK top = new TopK();
    private final float[] row;
    private final float[] marks;

    Rows(int k, int out, int in) {
      this.k = k;
      this.out = out;
      this.in = in;
      this.row = new float[in];
      this.marks = new float[in];
    }

    @Override
    public void project(float[] values, float[] kept) {
      for (int o = 0; o < out; o++) {
        for (int i = 0; i < in; i++) {
          row[i] = values[i * out + o];
        }
        top.mark(row, marks, 0, in, k);
        for (int i = 0; i < in; i++) {
          kept[i * out + o] = marks[i];
        }
      }
    }
  }
}

package dev.falconer.compressor.solver;

import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;

/** One sweep of {@link Descent} over all inputs, in blocks; weights lie [in, out]. */
final class DescentSweep {
  private final float[] gram;
  private final Tensor gramTensor;
  private final float[] marks;
  private final Grid grid;
  private final int block;
  private final int out;
  private final int in;

  DescentSweep(float[] gram, Tensor gramTensor, float[] marks, Grid grid, int block) {
    this.gram = gram;
    this.gramTensor = gramTensor;
    this.marks = marks;
    this.grid = grid;
    this.block = block;
    this.out = grid.rows();
    this.in = grid.columns();
  }

  /**
   * Moves the values once over all inputs; returns whether any moved.
   *
   * @param residual G - H V [in, out], spoilt
   * @param values V [in, out], moved
   * @param isRelaxed whether values are not rounded
   */
  boolean run(float[] residual, float[] values, boolean isRelaxed) {
    boolean changed = false;
    Tensor owed = Floats.tensor(residual, in, out);
    for (int from = 0; from < in; from += block) {
      int to = Math.min(in, from + block);
      try (var _ = new PointerScope()) {
        float[] own = Floats.array(owed.narrow(0, from, to - from));
        var moves = new float[own.length];
        for (int j = from; j < to; j++) {
          int at = (j - from) * out;
          pay(own, moves, at, j, from);
          float diagonal = gram[j * in + j];
          float unit = diagonal > 0 ? 1 / diagonal : 0;
          if (isRelaxed) {
            relax(own, values, moves, at, j, unit);
          } else {
            round(own, values, moves, at, j, unit);
          }
        }
        for (float move : moves) {
          changed |= move != 0;
        }
        if (to < in) {
          owed.narrow(0, to, in - to)
              .addmm_(
                  gramTensor.narrow(0, to, in - to).narrow(1, from, to - from),
                  Floats.tensor(moves, to - from, out),
                  new Scalar(1),
                  new Scalar(-1));
        }
      }
    }
    return changed;
  }

  /** Subtracts from input j's residual what the block's earlier moves took of it. */
  private void pay(float[] own, float[] moves, int at, int j, int from) {
    int i = from;
    for (; i + 4 <= j; i += 4) {
      int of = (i - from) * out;
      float h0 = gram[i * in + j];
      float h1 = gram[(i + 1) * in + j];
      float h2 = gram[(i + 2) * in + j];
      float h3 = gram[(i + 3) * in + j];
      subtract4(own, at, moves, of, out, h0, h1, h2, h3);
    }
    for (; i < j; i++) {
      subtract(own, at, moves, (i - from) * out, out, gram[i * in + j]);
    }
  }

  static void subtract4(
      float[] own, int at, float[] moves, int of, int width, float a, float b, float c, float d) {
    for (int o = 0; o < width; o++) {
      own[at + o] -=
          (a * moves[of + o] + b * moves[of + width + o])
              + (c * moves[of + 2 * width + o] + d * moves[of + 3 * width + o]);
    }
  }

  static void subtract(float[] own, int at, float[] moves, int of, int width, float factor) {
    for (int o = 0; o < width; o++) {
      own[at + o] -= factor * moves[of + o];
    }
  }

  private void relax(float[] own, float[] values, float[] moves, int at, int j, float unit) {
    int start = j * out;
    for (int o = 0; o < out; o++) {
      float best = (values[start + o] + own[at + o] * unit) * marks[start + o];
      moves[at + o] = best - values[start + o];
      values[start + o] = best;
    }
  }

  private void round(float[] own, float[] values, float[] moves, int at, int j, float unit) {
    int start = j * out;
    int ofGroup = j / grid.group() * out;
    float[] scales = grid.scales();
    float[] zeros = grid.zeros();
    float last = grid.last();
    for (int o = 0; o < out; o++) {
      float best = values[start + o] + own[at + o] * unit;
      float scale = scales[ofGroup + o];
      float zero = zeros[ofGroup + o];
      float steps = Math.max(-zero, Math.min(last - zero, best / scale));
      float rounded = ((steps + Floats.ROUND) - Floats.ROUND) * scale * marks[start + o];
      moves[at + o] = rounded - values[start + o];
      values[start + o] = rounded;
    }
  }
}

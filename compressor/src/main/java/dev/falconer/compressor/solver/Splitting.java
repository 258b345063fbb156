package dev.falconer.compressor.solver;

import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/**
 * ADMM on min f(B) + I(D), B = D, in float and in the unit-diagonal frame, everything [in, out]:
 *
 * <pre>
 * B = (Hn + rho I)^-1 (G - V + rho D)
 * A = B + V / rho,   D = A where the projection keeps it,   V = rho (A - D)
 * </pre>
 *
 * <p>The inverse is that of a Cholesky factor, anew for every rho: a dozen cost less than one
 * eigendecomposition. V and the next right-hand side are written in one pass.
 */
final class Splitting {
  private final Projection projection;
  private final PenaltySchedule schedule;
  private final float[] target;
  private final float[] right;
  private final float[] b;
  private final float[] a;
  private final float[] dual;
  private final float[] kept;
  private final float[] before;
  private final float[] next;
  private final FloatMemory nextMemory;
  private final FloatMemory product;
  private final ShiftedInverse inverse;
  private int iterations;

  /**
   * A splitting to run once; its tensors belong to the open scope.
   *
   * @param gram Hn [in, in], float
   * @param target Bd [in, out]
   * @param right G = Hn Bd [in, out]
   */
  Splitting(
      Tensor gram, float[] target, float[] right, Projection projection, PenaltySchedule schedule) {
    int in = Math.toIntExact(gram.size(0));
    int length = target.length;
    this.target = target;
    this.right = right;
    this.projection = projection;
    this.schedule = schedule;
    this.b = new float[length];
    this.a = new float[length];
    this.dual = new float[length];
    this.kept = new float[length];
    this.before = new float[length];
    this.next = new float[length];
    this.nextMemory = new FloatMemory(in, length / in);
    this.product = new FloatMemory(in, length / in);
    this.inverse = new ShiftedInverse(gram);
  }

  /** Runs until the support stands still, or so many iterations. */
  Splitting run(int most) {
    float rho = (float) schedule.rho();
    inverse.shift(rho);
    int support = start(rho);
    boolean isUnderWay = !schedule.restarts();
    while (iterations < most) {
      nextMemory.put(next);
      torch.mm_out(product.tensor(), inverse.tensor(), nextMemory.tensor());
      product.get(b);
      iterations++;
      add(b, dual, 1 / rho, a);
      projection.project(a, kept);
      if (iterations % schedule.update() != 0) {
        advance(a, kept, right, rho, rho, dual, next);
        continue;
      }
      double changes = (double) changes(kept, before) / Math.max(1, support);
      System.arraycopy(kept, 0, before, 0, kept.length);
      isUnderWay |= changes > PenaltySchedule.SOME;
      float old = rho;
      if (schedule.isOver(iterations, changes, isUnderWay)) {
        break;
      } else if (isUnderWay) {
        rho = (float) Math.min(PenaltySchedule.LARGEST, rho * schedule.factor(changes));
        advance(a, kept, right, old, rho, dual, next);
      } else {
        rho /= 5;
        if (changes > 0) {
          start(rho);
        } else {
          advance(a, kept, right, old, rho, dual, next);
        }
      }
      if (rho != old) {
        inverse.shift(rho);
      }
    }
    projection.project(b, kept);
    return this;
  }

  /** The last B [in, out], not copied. */
  float[] dense() {
    return b;
  }

  /** The last A [in, out], not copied: D is what the projection keeps of it. */
  float[] shifted() {
    return a;
  }

  /** The marks of its largest elements that the pattern allows [in, out], not copied. */
  float[] kept() {
    return kept;
  }

  int iterations() {
    return iterations;
  }

  /** Begins at B = Bd, D its projection, V = 0; returns the number kept. */
  private int start(float rho) {
    projection.project(target, kept);
    System.arraycopy(kept, 0, before, 0, kept.length);
    int count = 0;
    for (int i = 0; i < target.length; i++) {
      dual[i] = 0;
      next[i] = right[i] + rho * target[i] * kept[i];
      count += (int) kept[i];
    }
    return count;
  }

  private static void add(float[] one, float[] other, float factor, float[] sum) {
    for (int i = 0; i < sum.length; i++) {
      sum[i] = one[i] + other[i] * factor;
    }
  }

  private static void advance(
      float[] a, float[] kept, float[] right, float rho, float later, float[] dual, float[] next) {
    for (int i = 0; i < a.length; i++) {
      float d = a[i] * kept[i];
      float v = rho * (a[i] - d);
      dual[i] = v;
      next[i] = right[i] - v + later * d;
    }
  }

  private static int changes(float[] one, float[] other) {
    int count = 0;
    for (int i = 0; i < one.length; i++) {
      count += one[i] != other[i] ? 1 : 0;
    }
    return count;
  }
}

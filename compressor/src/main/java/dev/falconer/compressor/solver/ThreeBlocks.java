package dev.falconer.compressor.solver;

import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/**
 * ADMM on min f(B + L) + I(D), B = D, L of rank r, in float and in the unit-diagonal frame,
 * everything [in, out]:
 *
 * <pre>
 * B = (Hn + rho I)^-1 (G - Hn L - V + rho D)
 * A = B + V / rho,   D = A where the projection keeps it,   V = rho (A - D)
 * L = (Bd - D) U U',  U the r leading eigenvectors of (Bd - D)' Hn (Bd - D)
 * </pre>
 *
 * <p>Hn L falls out of the search for U: an iteration costs one product more than {@link
 * Splitting}'s by a few thin ones.
 */
final class ThreeBlocks {
  private final Tensor gram;
  private final float[] target;
  private final float[] right;
  private final Projection projection;
  private final JointSplitting solver;
  private final Subspace subspace;
  private final ShiftedInverse inverse;
  private final float[] b;
  private final float[] a;
  private final float[] dual;
  private final float[] kept;
  private final float[] before;
  private final float[] next;
  private final float[] image;
  private final FloatMemory nextMemory;
  private final FloatMemory product;
  private final FloatMemory rest;
  private int iterations;

  /** A splitting to run once; its tensors belong to the open scope. See {@link Splitting}. */
  ThreeBlocks(
      Tensor gram,
      float[] target,
      float[] right,
      Projection projection,
      JointSplitting solver,
      int rank) {
    int in = Math.toIntExact(gram.size(0));
    int length = target.length;
    int out = length / in;
    this.gram = gram;
    this.target = target;
    this.right = right;
    this.projection = projection;
    this.solver = solver;
    this.subspace = new Subspace(gram, out, rank);
    this.inverse = new ShiftedInverse(gram);
    this.b = new float[length];
    this.a = new float[length];
    this.dual = new float[length];
    this.kept = new float[length];
    this.before = new float[length];
    this.next = new float[length];
    this.image = new float[length];
    this.nextMemory = new FloatMemory(in, out);
    this.product = new FloatMemory(in, out);
    this.rest = new FloatMemory(in, out);
  }

  /** Runs until the support stands still, or the solver's number of iterations. */
  void run() {
    PenaltySchedule schedule = solver.schedule();
    float rho = (float) schedule.rho();
    inverse.shift(rho);
    int support = start(rho);
    while (iterations < solver.iterations()) {
      nextMemory.put(next);
      torch.mm_out(product.tensor(), inverse.tensor(), nextMemory.tensor());
      product.get(b);
      iterations++;
      add(b, dual, 1 / rho, a);
      projection.project(a, kept);
      follow(a);
      float old = rho;
      boolean isOver = false;
      if (iterations % schedule.update() == 0) {
        double changes = (double) changes(kept, before) / Math.max(1, support);
        System.arraycopy(kept, 0, before, 0, kept.length);
        isOver = changes == 0 || (iterations > solver.patience() && changes < PenaltySchedule.FEW);
        rho = (float) Math.min(PenaltySchedule.LARGEST, rho * schedule.factor(changes));
      }
      if (isOver) {
        break;
      }
      advance(a, kept, right, image, old, rho, dual, next);
      if (rho != old) {
        inverse.shift(rho);
      }
    }
    projection.project(b, kept);
  }

  int iterations() {
    return iterations;
  }

  /** The marks of the last B's largest elements that the pattern allows; not copied. */
  float[] kept() {
    return kept;
  }

  /** Returns the sparse part after turns of conjugate gradients on the support and refits of L. */
  float[] refitted(int turns, int steps) {
    float[] sparse = b.clone();
    for (int i = 0; i < sparse.length; i++) {
      sparse[i] *= kept[i];
    }
    var left = new float[sparse.length];
    for (int turn = 0; turn < turns; turn++) {
      try (var _ = new PointerScope()) {
        subtract(target, sparse, kept, left);
        rest.put(left);
        subspace.follow(rest.tensor());
        subspace.writeLowRank(rest.tensor(), product.tensor());
        product.get(left);
        for (int i = 0; i < left.length; i++) {
          left[i] = target[i] - left[i];
        }
        sparse = new SupportFit(gram, left, sparse, kept).step(steps).weight();
      }
    }
    return sparse;
  }

  private int start(float rho) {
    projection.project(target, kept);
    System.arraycopy(kept, 0, before, 0, kept.length);
    follow(target);
    follow(target);
    advance(target, kept, right, image, 0, rho, dual, next);
    int count = 0;
    for (float mark : kept) {
      count += (int) mark;
    }
    return count;
  }

  /** Refits L to what D, the values where kept, leaves of the target. */
  private void follow(float[] values) {
    subtract(target, values, kept, image);
    rest.put(image);
    subspace.follow(rest.tensor());
    subspace.writeImage(product.tensor());
    product.get(image);
  }

  private static void subtract(float[] target, float[] values, float[] kept, float[] difference) {
    for (int i = 0; i < difference.length; i++) {
      difference[i] = target[i] - values[i] * kept[i];
    }
  }

  private static void add(float[] one, float[] other, float factor, float[] sum) {
    for (int i = 0; i < sum.length; i++) {
      sum[i] = one[i] + other[i] * factor;
    }
  }

  private static void advance(
      float[] a,
      float[] kept,
      float[] right,
      float[] image,
      float rho,
      float later,
      float[] dual,
      float[] next) {
    for (int i = 0; i < a.length; i++) {
      float d = a[i] * kept[i];
      float v = rho * (a[i] - d);
      dual[i] = v;
      next[i] = (right[i] - image[i]) - v + later * d;
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

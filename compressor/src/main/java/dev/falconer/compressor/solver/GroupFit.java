package dev.falconer.compressor.solver;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import org.bytedeco.javacpp.LongPointer;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.T_TensorTensor_T;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptions;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;

/**
 * The least-squares weights on the groups of inputs that are left, and the inverse of their gram,
 * fp64. With Hi that inverse, B [in, out] the weights and j a group,
 *
 * <pre>
 * cost of dropping j      tr(B_j' Hi_jj^-1 B_j) / 2
 * after dropping s        B -= Hi[:,s] Hi_ss^-1 B_s,   Hi -= Hi[:,s] Hi_ss^-1 Hi[s,:]
 * gain of adding i        tr(g' C^-1 g) / 2,   C = H_ii - H_i. Hi H_.i,   g = G_i - H_i. B
 * </pre>
 *
 * <p>Down-dating drifts: after 64 dropped inputs the inverse is found anew.
 */
final class GroupFit {
  private static final int DRIFT = 64;

  private final int out;
  private final int in;
  private final int group;
  private final Tensor gram;
  private final Tensor right;
  private final double energy;
  private final double[] scale;
  private List<Integer> alive = List.of();
  private Tensor inverse;
  private Tensor weights;
  private int drifted;

  /** A fit to be made first; its tensors belong to the open scope. */
  GroupFit(LayerProblem problem, double damping, int group) {
    var frame = new Frame(problem, damping);
    this.out = frame.out();
    this.in = frame.in();
    this.group = group;
    this.scale = frame.scale();
    this.gram = frame.gramTensor();
    Tensor target = Dense.tensor(frame.target(), in, out);
    this.right = gram.mm(target);
    this.energy = right.mul(target).sum().item_double();
    this.inverse = gram;
    this.weights = target;
  }

  /** The groups left, ascending. */
  List<Integer> alive() {
    return alive;
  }

  /** The groups not left, ascending. */
  List<Integer> absent() {
    var present = new HashSet<>(alive);
    var absent = new ArrayList<Integer>();
    for (int g = 0; g < in / group; g++) {
      if (!present.contains(g)) {
        absent.add(g);
      }
    }
    return absent;
  }

  /** Fits the weights of these groups. */
  void refit(List<Integer> groups) {
    Tensor inputs = inputs(groups);
    Tensor factor = factor(gram.index_select(0, inputs).index_select(1, inputs));
    inverse = torch.cholesky_inverse(factor);
    weights = torch.cholesky_solve(right.index_select(0, inputs), factor, false);
    alive = List.copyOf(groups);
    drifted = 0;
  }

  /** Returns what dropping each of the groups left would cost. */
  double[] costs() {
    try (var _ = new PointerScope()) {
      int left = alive.size();
      Tensor diagonals = blocks(inverse, left);
      Tensor own = weights.view(left, group, out);
      return Dense.array(energies(own, diagonals));
    }
  }

  /** Drops groups, by their positions among those left. */
  void drop(List<Integer> positions) {
    drifted += positions.size() * group;
    var dropped = new HashSet<>(positions);
    var rest = new ArrayList<Integer>();
    var stay = new ArrayList<Integer>();
    for (int p = 0; p < alive.size(); p++) {
      if (!dropped.contains(p)) {
        stay.add(p);
        rest.add(alive.get(p));
      }
    }
    if (drifted > DRIFT) {
      refit(rest);
      return;
    }
    Tensor gone = inputs(positions);
    Tensor left = inputs(stay);
    Tensor rows = inverse.index_select(0, gone);
    Tensor factor = factor(rows.index_select(1, gone));
    Tensor across = rows.index_select(1, left);
    Tensor solved = torch.cholesky_solve(across, factor, false);
    weights = weights.index_select(0, left).sub(solved.t().mm(weights.index_select(0, gone)));
    inverse = inverse.index_select(0, left).index_select(1, left).sub(across.t().mm(solved));
    alive = List.copyOf(rest);
  }

  /** Returns what adding each of the absent groups would gain. */
  double[] gains() {
    try (var _ = new PointerScope()) {
      List<Integer> absent = absent();
      Tensor others = inputs(absent);
      Tensor across = gram.index_select(0, others).index_select(1, inputs(alive));
      Tensor schur =
          gram.index_select(0, others)
              .index_select(1, others)
              .sub(across.mm(inverse).mm(across.t()));
      Tensor lacking = right.index_select(0, others).sub(across.mm(weights));
      return Dense.array(
          energies(lacking.view(absent.size(), group, out), blocks(schur, absent.size())));
    }
  }

  /** Returns half of what the objective is above that of all groups. */
  double increase() {
    return .5 * (energy - right.index_select(0, inputs(alive)).mul(weights).sum().item_double());
  }

  /** Returns the weights [out, in], 0 at dropped inputs. */
  Matrix weight() {
    double[] own = Dense.array(weights);
    var values = new double[out * in];
    for (int a = 0; a < alive.size() * group; a++) {
      int i = alive.get(a / group) * group + a % group;
      double unit = scale[i] == 0 ? 0 : 1 / scale[i];
      for (int o = 0; o < out; o++) {
        values[o * in + i] = own[a * out + o] * unit;
      }
    }
    return Matrix.over(out, in, values);
  }

  /** Returns tr(B_j' D_j^-1 B_j) / 2 by group of B [groups, g, out], D [groups, g, g]. */
  private static Tensor energies(Tensor values, Tensor blocks) {
    Tensor solved = torch.cholesky_solve(values, factor(blocks), false);
    return values.mul(solved).sum(new long[] {1, 2}).mul(new Scalar(.5));
  }

  /** Returns the blocks [groups, g, g] on the diagonal. */
  private Tensor blocks(Tensor square, int groups) {
    return square
        .view(groups, group, groups, group)
        .diagonal(0, 0, 2)
        .permute(2, 0, 1)
        .contiguous();
  }

  private static Tensor factor(Tensor symmetric) {
    T_TensorTensor_T result = torch.linalg_cholesky_ex(symmetric);
    if (result.get1().max().item_int() != 0) {
      throw new IllegalArgumentException("the gram is no X'X: choose a larger damping");
    }
    return result.get0();
  }

  private Tensor inputs(List<Integer> groups) {
    var indices = new long[groups.size() * group];
    for (int i = 0; i < indices.length; i++) {
      indices[i] = (long) groups.get(i / group) * group + i % group;
    }
    var memory = new LongPointer(Math.max(1, indices.length));
    memory.put(indices, 0, indices.length);
    return TensorDevice.current()
        .take(
            torch.from_blob(
                memory, new long[] {indices.length}, new TensorOptions(ScalarType.Long)));
  }
}

package dev.falconer.compressor.solver;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.IntStream;
import org.bytedeco.javacpp.PointerScope;

/**
 * Removes whole groups of consecutive inputs: attention heads before the output projection, hidden
 * neurons before the second map, input channels of a convolution. What produces them can then be
 * removed as well, so that both maps become smaller dense ones. Groups are dropped by what the
 * error rises when one is and all others are fitted again, exactly; then groups are exchanged while
 * that helps. Source: Meng et al. 2024, OSSCAR (arXiv 2403.12983), algorithm 1 and section 3.3.
 *
 * @param damping ridge relative to the mean of the gram's diagonal, above 0
 * @param step groups dropped between two looks at what the rest would cost; 1 is best
 * @param swap groups exchanged at once at first, 0 for none; halved when an exchange does not help
 * @param exchanges at most
 */
public record Osscar(double damping, int step, int swap, int exchanges) {
  /** Checks the ranges. */
  public Osscar {
    if (!(damping > 0) || step < 1 || swap < 0 || exchanges < 0) {
      throw new IllegalArgumentException(
          "osscar of damping %s, step %d, swap %d, %d exchanges: above 0, at least 1, 0, 0"
              .formatted(damping, step, swap, exchanges));
    }
  }

  /**
   * What stays of a weight.
   *
   * @param kept the groups that stay, ascending
   * @param weight V [out, in], fitted, 0 at the inputs of dropped groups
   * @param relativeError of {@link LayerProblem#relativeError}
   * @param increase half of what the damped objective rises, tr((T-V) (H + ridge I) (T-V)') / 2
   */
  public record Kept(List<Integer> kept, Matrix weight, double relativeError, double increase) {
    /** Copies the list. */
    public Kept {
      kept = List.copyOf(kept);
    }
  }

  /** Returns the default: ten groups at a time, exchanges of five. */
  public static Osscar forNeurons() {
    return new Osscar(.01, 10, 5, 30);
  }

  /** Returns the default for heads, of which there are few: two at a time. */
  public static Osscar forHeads() {
    return new Osscar(.01, 2, 5, 30);
  }

  /**
   * Chooses the groups and fits the weight.
   *
   * @param problem whose pattern is not looked at
   * @param group inputs of a group
   * @param keep groups that stay, at least 1
   * @throws IllegalArgumentException when the group does not divide the inputs or keep is out of
   *     range
   */
  public Kept solve(LayerProblem problem, int group, int keep) {
    int in = problem.weight().columns();
    if (group < 1 || in % group != 0) {
      throw new IllegalArgumentException(
          "groups of %d inputs do not divide %d inputs".formatted(group, in));
    }
    int groups = in / group;
    if (keep < 1 || keep > groups) {
      throw new IllegalArgumentException(
          "%d of %d groups cannot stay: 1 to %d can".formatted(keep, groups, groups));
    }
    try (var _ = new PointerScope()) {
      var fit = new GroupFit(problem, damping, group);
      fit.refit(IntStream.range(0, groups).boxed().toList());
      drop(fit, groups - keep);
      fit.refit(fit.alive());
      exchange(fit, Math.min(swap, Math.min(keep - 1, groups - keep)));
      Matrix weight = fit.weight();
      return new Kept(fit.alive(), weight, problem.relativeError(weight), fit.increase());
    }
  }

  private void drop(GroupFit fit, int number) {
    int left = number;
    while (left > 0) {
      int now = Math.min(step, left);
      fit.drop(least(fit.costs(), now));
      left -= now;
    }
  }

  private void exchange(GroupFit fit, int first) {
    int size = first;
    for (int n = 0; n < exchanges && size > 0; n++) {
      List<Integer> before = fit.alive();
      double least = fit.increase();
      fit.drop(least(fit.costs(), size));
      double[] gains = fit.gains();
      List<Integer> absent = fit.absent();
      Set<Integer> next = new TreeSet<>(fit.alive());
      IntStream.range(0, absent.size())
          .boxed()
          .sorted(Comparator.comparingDouble(i -> -gains[i]))
          .limit(size)
          .forEach(i -> next.add(absent.get(i)));
      fit.refit(new ArrayList<>(next));
      if (!(fit.increase() < least * (1 - 1e-9))) { // rounding is no improvement
        fit.refit(before);
        size /= 2;
      }
    }
  }

  /** Returns the positions of the least costs. */
  private static List<Integer> least(double[] costs, int number) {
    return IntStream.range(0, costs.length)
        .boxed()
        .sorted(Comparator.comparingDouble(i -> costs[i]))
        .limit(number)
        .toList();
  }
}

package dev.falconer.compressor.network;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * Picks one option of each item: the least sum of errors whose costs sum to at most a budget. A
 * multiple-choice knapsack, solved exactly.
 *
 * <p>Items are added one by one. Of the partial choices that cost as much and lose as much as
 * another none is kept, nor any whose linear bound, over fractions of the options to come, is above
 * the error of a choice that is known to fit. In the worst case the partial choices still double
 * with every item; for a few hundred layers of a few options there were at most some thousand.
 *
 * @param items options of each item; at least one each
 */
public record Knapsack(List<List<Option>> items) {
  /** Partial choices kept at once, some hundred bytes each. */
  private static final int MAX_OPEN = 1_000_000;

  /**
   * Sums of errors in another order differ by less than this, relative to the largest sum: small
   * ones are found by subtracting from it.
   */
  private static final double ROUNDING = 1e-12;

  /**
   * One thing that an item can be.
   *
   * @param cost of any sign
   * @param error finite, at least 0
   */
  public record Option(long cost, double error) {
    /** Checks the error. */
    public Option {
      if (!(error >= 0) || Double.isInfinite(error)) {
        throw new IllegalArgumentException("error " + error + ": want a finite one from 0 on");
      }
    }
  }

  /**
   * An option of every item.
   *
   * @param options index of each item's option
   * @param cost sum
   * @param error sum
   */
  public record Choice(List<Integer> options, long cost, double error) {
    /** Copies the list. */
    public Choice {
      options = List.copyOf(options);
    }
  }

  /** Sums of a choice. */
  public record Point(long cost, double error) {}

  /** Copies the lists and checks that every item has an option. */
  public Knapsack {
    items = items.stream().map(List::copyOf).toList();
    for (int i = 0; i < items.size(); i++) {
      if (items.get(i).isEmpty()) {
        throw new IllegalArgumentException("item " + i + " has no option");
      }
    }
  }

  /** Returns the choice that costs least, of several the one of least error. */
  public Choice cheapest() {
    return choice(
        items.stream()
            .map(options ->
                IntStream.range(0, options.size())
                    .boxed()
                    .min(
                        Comparator.<Integer>comparingLong(o -> options.get(o).cost)
                            .thenComparingDouble(o -> options.get(o).error))
                    .orElseThrow())
            .toList());
  }

  /**
   * Returns the choice of least error within the budget, of several the cheapest; none when even
   * the cheapest choice costs more.
   *
   * @throws IllegalArgumentException when too many partial choices must be kept
   */
  public Optional<Choice> best(long budget) {
    if (cheapest().cost > budget) {
      return Optional.empty();
    }
    List<Hull> hulls = items.stream().map(Hull::of).toList();
    List<Integer> order =
        IntStream.range(0, items.size())
            .boxed()
            .sorted(Comparator.comparingLong((Integer i) -> hulls.get(i).range()).reversed())
            .toList();
    double rounding =
        ROUNDING
            * items.stream()
                .mapToDouble(each -> each.stream().mapToDouble(Option::error).max().orElse(0))
                .sum();
    double known = Double.POSITIVE_INFINITY;
    List<Partial> open = List.of(new Partial(0, 0, -1, null));
    for (int at = 0; at < order.size(); at++) {
      Relaxation rest =
          Relaxation.of(order.subList(at + 1, order.size()).stream().map(hulls::get).toList());
      var next = new ArrayList<Partial>();
      List<Option> options = items.get(order.get(at));
      for (Partial partial : open) {
        for (int o = 0; o < options.size(); o++) {
          Partial longer = partial.with(o, options.get(o));
          long left = budget - longer.cost;
          if (left >= rest.leastCost()) {
            next.add(longer);
            known = Math.min(known, longer.error + rest.reachable(left));
          }
        }
      }
      open = undominated(next, rest, budget, known + rounding);
      if (open.size() > MAX_OPEN) {
        throw new IllegalArgumentException(
            ("more than %,d partial choices are open after %d of %d layers: "
                    + "give fewer options to choose from")
                .formatted(MAX_OPEN, at + 1, items.size()));
      }
    }
    return Optional.of(choice(open.getLast().options(order)));
  }

  /**
   * Returns the points of the frontier that no weighted sum of cost and error beats, from the
   * cheapest choice to the one of least error; each is the exact optimum of its cost. Other optima
   * can lie between them, above their chords.
   */
  public List<Point> frontier() {
    List<Hull> hulls = items.stream().map(Hull::of).toList();
    long cost = hulls.stream().mapToLong(hull -> hull.cheapest().cost).sum();
    double error = hulls.stream().mapToDouble(hull -> hull.cheapest().error).sum();
    var points = new ArrayList<Point>();
    points.add(new Point(cost, error));
    for (Hull.Segment segment : Hull.sorted(hulls)) {
      cost += segment.cost();
      error -= segment.gain();
      points.add(new Point(cost, Math.max(0, error)));
    }
    return List.copyOf(points);
  }

  private Choice choice(List<Integer> options) {
    long cost = 0;
    double error = 0;
    for (int i = 0; i < options.size(); i++) {
      Option option = items.get(i).get(options.get(i));
      cost += option.cost;
      error += option.error;
    }
    return new Choice(options, cost, error);
  }

  /** Returns by rising cost those that lose less than all cheaper ones, and may beat the known. */
  private static List<Partial> undominated(
      List<Partial> all, Relaxation rest, long budget, double known) {
    all.sort(Comparator.comparingLong(Partial::cost).thenComparingDouble(Partial::error));
    var kept = new ArrayList<Partial>();
    double least = Double.POSITIVE_INFINITY;
    for (Partial partial : all) {
      if (partial.error < least && partial.error + rest.bound(budget - partial.cost) <= known) {
        kept.add(partial);
        least = partial.error;
      }
    }
    return kept;
  }

  /** Options of the first items. */
  private record Partial(long cost, double error, int option, @Nullable Partial before) {
    Partial with(int next, Option chosen) {
      return new Partial(cost + chosen.cost, error + chosen.error, next, this);
    }

    /** Returns the options by item, which were chosen in some order. */
    List<Integer> options(List<Integer> order) {
      var options = new Integer[order.size()];
      Partial at = this;
      for (int i = order.size() - 1; i >= 0; i--) {
        options[order.get(i)] = at.option;
        at = java.util.Objects.requireNonNull(at.before);
      }
      return List.of(options);
    }
  }
}

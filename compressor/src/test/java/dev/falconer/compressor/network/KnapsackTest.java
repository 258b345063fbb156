package dev.falconer.compressor.network;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.falconer.compressor.network.Knapsack.Choice;
import dev.falconer.compressor.network.Knapsack.Option;
import dev.falconer.compressor.network.Knapsack.Point;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;

class KnapsackTest {
  /** Sums of a few doubles, in two orders. */
  private static final double ROUNDING = 1e-12;

  @Test
  void noChoiceWithinTheBudgetHasALowerError() {
    for (int seed = 0; seed < 2000; seed++) {
      var random = new Random(seed);
      Knapsack knapsack = random(random, 1 + random.nextInt(6), 1 + random.nextInt(5));
      long cheapest = knapsack.cheapest().cost();
      long budget = cheapest - 5 + random.nextInt(120);

      Optional<Choice> best = knapsack.best(budget);

      Optional<Choice> wanted =
          all(knapsack).stream()
              .filter(choice -> choice.cost() <= budget)
              .min(
                  java.util.Comparator.comparingDouble(Choice::error)
                      .thenComparingLong(Choice::cost));
      assertEquals(wanted.isPresent(), best.isPresent(), "seed " + seed);
      if (wanted.isPresent()) {
        assertEquals(wanted.get().error(), best.get().error(), ROUNDING, "seed " + seed);
        assertTrue(best.get().cost() <= budget, "seed " + seed);
      }
    }
  }

  @Test
  void costsThatEqualTheGainsAreSearchedThrough() {
    // A subset sum: the linear bound cuts nothing off.
    for (int seed = 0; seed < 50; seed++) {
      var random = new Random(seed);
      var items = new ArrayList<List<Option>>();
      for (int i = 0; i < 12; i++) {
        int weight = 1000 + random.nextInt(9000);
        items.add(List.of(new Option(0, weight), new Option(weight, 0)));
      }
      var knapsack = new Knapsack(items);
      long budget = 20_000;

      Choice best = knapsack.best(budget).orElseThrow();

      double wanted =
          all(knapsack).stream()
              .filter(choice -> choice.cost() <= budget)
              .mapToDouble(Choice::error)
              .min()
              .orElseThrow();
      assertEquals(wanted, best.error(), "seed " + seed);
    }
  }

  @Test
  void errorsOfAnyMagnitudeAreSummed() {
    for (int seed = 0; seed < 500; seed++) {
      var random = new Random(seed);
      var items = new ArrayList<List<Option>>();
      for (int i = 0; i < 5; i++) {
        var item = new ArrayList<Option>();
        for (int o = 0; o < 4; o++) {
          item.add(new Option(random.nextInt(60), Math.exp(10 * random.nextGaussian())));
        }
        items.add(item);
      }
      var knapsack = new Knapsack(items);
      long budget = knapsack.cheapest().cost() + random.nextInt(120);

      Choice best = knapsack.best(budget).orElseThrow();

      double wanted =
          all(knapsack).stream()
              .filter(choice -> choice.cost() <= budget)
              .mapToDouble(Choice::error)
              .min()
              .orElseThrow();
      assertEquals(wanted, best.error(), ROUNDING * wanted, "seed " + seed);
    }
  }

  @Test
  void theFrontierHasTheBestErrorOfEachOfItsCosts() {
    for (int seed = 0; seed < 300; seed++) {
      Knapsack knapsack = random(new Random(seed), 4, 4);

      List<Point> frontier = knapsack.frontier();

      assertEquals(knapsack.cheapest().cost(), frontier.getFirst().cost(), "seed " + seed);
      for (Point point : frontier) {
        double best = knapsack.best(point.cost()).orElseThrow().error();
        assertEquals(best, point.error(), ROUNDING, "seed " + seed + ": " + point);
      }
      double least = all(knapsack).stream().mapToDouble(Choice::error).min().orElseThrow();
      assertEquals(least, frontier.getLast().error(), ROUNDING, "seed " + seed);
    }
  }

  @Test
  void hundredsOfLayersTakeFewPartialChoices() {
    for (int seed = 0; seed < 3; seed++) {
      Knapsack knapsack = large(new Random(seed));
      long least = knapsack.cheapest().cost();

      Choice best = knapsack.best(least / 2).orElseThrow();

      List<Point> frontier = knapsack.frontier();
      Point above = frontier.stream().filter(point -> point.cost() <= least / 2).toList().getLast();
      assertTrue(best.error() <= above.error() * (1 + ROUNDING), "seed " + seed);
      assertTrue(best.error() > .98 * above.error(), "seed " + seed);
    }
  }

  @Test
  void anErrorThatIsNoNumberIsRefused() {
    assertThrows(IllegalArgumentException.class, () -> new Option(1, Double.NaN));
    assertThrows(IllegalArgumentException.class, () -> new Option(1, -1e-9));
  }

  /** 300 layers of five treatments beside staying dense, of costs that all differ. */
  private static Knapsack large(Random random) {
    var items = new ArrayList<List<Option>>();
    for (int i = 0; i < 300; i++) {
      long size = 100_000L + random.nextInt(10_000_000);
      double harm = Math.exp(2 * random.nextGaussian());
      var options = new ArrayList<Option>();
      options.add(new Option(0, 0));
      for (double saved : new double[] {.2, .4, .6, .75, .85}) {
        double noisy = saved * (1 + .1 * random.nextGaussian());
        options.add(
            new Option(
                -(long) (size * noisy), harm * saved * saved * Math.exp(random.nextGaussian())));
      }
      items.add(options);
    }
    return new Knapsack(items);
  }

  private static Knapsack random(Random random, int items, int options) {
    var all = new ArrayList<List<Option>>();
    for (int i = 0; i < items; i++) {
      var item = new ArrayList<Option>();
      for (int o = 0; o < options; o++) {
        // Few values, so that many are equal.
        item.add(new Option(random.nextInt(60) - 30, random.nextInt(20) / 10.0));
      }
      all.add(item);
    }
    return new Knapsack(all);
  }

  private static List<Choice> all(Knapsack knapsack) {
    List<Choice> choices = List.of(new Choice(List.of(), 0, 0));
    for (List<Option> options : knapsack.items()) {
      var longer = new ArrayList<Choice>();
      for (Choice choice : choices) {
        for (int o = 0; o < options.size(); o++) {
          var picked = new ArrayList<>(choice.options());
          picked.add(o);
          longer.add(
              new Choice(
                  picked,
                  choice.cost() + options.get(o).cost(),
                  choice.error() + options.get(o).error()));
        }
      }
      choices = longer;
    }
    return choices;
  }
}

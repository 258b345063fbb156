package dev.falconer.compressor.pipeline;

import dev.falconer.compressor.data.CalibrationExamples;
import dev.falconer.compressor.layer.LinearLayer;
import dev.falconer.compressor.network.Knapsack;
import dev.falconer.compressor.onnx.Runner;
import dev.falconer.compressor.onnx.TensorData;
import dev.falconer.compressor.pipeline.CompressionPlan.Choice;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.IntConsumer;
import java.util.function.LongSupplier;
import java.util.stream.IntStream;

/**
 * Picks one choice of each layer, so that the errors sum to the least within a budget.
 *
 * <p>Errors are of {@link LayerErrors}; those of the outputs add up over layers as long as they are
 * small and independent.
 *
 * @param choices of each layer
 * @param costs of them by layer and choice, relative to the dense model
 */
public record PlanSearch(LayerChoices choices, List<List<Long>> costs) {
  /** Copies the lists. */
  public PlanSearch {
    costs = costs.stream().map(List::copyOf).toList();
  }

  /**
   * Returns a search within bytes of the model's file.
   *
   * @param done hears of the number of layers that are measured
   */
  public static PlanSearch byBytes(LayerChoices choices, IntConsumer done) {
    return new PlanSearch(choices, LayerCosts.bytes(choices, done));
  }

  /**
   * Returns a search within nanoseconds of a call in ONNX Runtime, one thread.
   *
   * @param example inputs of the model
   * @param clock in nanoseconds
   * @param done hears of the number of layers that are measured
   */
  public static PlanSearch byNanos(
      LayerChoices choices, Map<String, TensorData> example, LongSupplier clock, IntConsumer done) {
    return new PlanSearch(choices, LayerCosts.nanos(choices, example, clock, done));
  }

  /**
   * Returns a search within nanoseconds of a call of the served graph, its layers multiplied by the
   * kernels of domain dev.falconer, on one thread; choices that take no less than staying dense are
   * left out.
   *
   * @param clock in nanoseconds
   * @param done hears of the number of layers that are measured
   */
  public static PlanSearch byKernels(
      LayerChoices choices, ServedGraph served, LongSupplier clock, IntConsumer done) {
    return new PlanSearch(choices, LayerCosts.kernels(choices, served, clock, done)).faster();
  }

  /** Returns the search without choices that take no less than staying dense. */
  private PlanSearch faster() {
    var layers = new LinkedHashMap<LinearLayer, List<Choice>>();
    var faster = new ArrayList<List<Long>>();
    choices
        .layers()
        .forEach((layer, all) -> {
          List<Long> own = costs.get(layers.size());
          int dense =
              IntStream.range(0, all.size())
                  .filter(o -> all.get(o).treatment().isEmpty())
                  .findFirst()
                  .orElse(-1);
          List<Integer> kept =
              IntStream.range(0, all.size())
                  .filter(o -> dense < 0 || o == dense || own.get(o) < own.get(dense))
                  .boxed()
                  .toList();
          layers.put(layer, kept.stream().map(all::get).toList());
          faster.add(kept.stream().map(own::get).toList());
        });
    return new PlanSearch(
        new LayerChoices(
            choices.plan(), choices.model(), layers, choices.unmatched(), choices.leftOut()),
        faster);
  }

  /**
   * A choice of a layer.
   *
   * @param what as the plan says it
   * @param cost relative to the dense layer
   * @param error of the network's outputs when only this layer gets it
   */
  public record Measured(String layer, String what, long cost, double error) {}

  /**
   * What was found.
   *
   * @param plan one choice a layer
   * @param cost relative to the dense model
   * @param error sum over the layers
   * @param frontier the best sums of errors by cost, without those above its chords
   * @param measured all choices of all layers
   */
  public record Found(
      ResolvedPlan plan,
      long cost,
      double error,
      List<Knapsack.Point> frontier,
      List<Measured> measured) {
    /** Copies the lists. */
    public Found {
      frontier = List.copyOf(frontier);
      measured = List.copyOf(measured);
    }
  }

  /** Returns the least cost that choices sum to. */
  public long leastCost() {
    return knapsack(unknown()).cheapest().cost();
  }

  /** Returns the plan of least cost; of several choices of a layer that cost as much, the first. */
  public ResolvedPlan cheapest() {
    return choices.resolved(knapsack(unknown()).cheapest().options());
  }

  /**
   * Returns the search with what each choice loses.
   *
   * @param multiplier of the layers
   * @param examples to fit to, the last of them to judge on
   * @param threads on which choices are tried; the result is the same
   * @param done hears of the number of treatments that are tried
   * @throws IllegalArgumentException when a layer can't get a choice, naming both, or the model has
   *     no float output
   */
  public Judged judged(
      Multiplier multiplier,
      CalibrationExamples examples,
      Runner.Factory runners,
      int threads,
      IntConsumer done) {
    return new Judged(
        this, new LayerErrors(choices, multiplier, runners, threads).of(examples, done));
  }

  /**
   * A search that knows what each choice loses.
   *
   * @param errors by layer and choice
   */
  public record Judged(PlanSearch search, List<List<Double>> errors) {
    /** Copies the lists. */
    public Judged {
      errors = errors.stream().map(List::copyOf).toList();
    }

    /** Returns the choices of least error within a budget; the cheapest where none is within it. */
    public Found best(long budget) {
      Knapsack knapsack = search.knapsack(errors);
      Knapsack.Choice best = knapsack.best(budget).orElseGet(knapsack::cheapest);
      return new Found(
          search.choices.resolved(best.options()),
          best.cost(),
          best.error(),
          knapsack.frontier(),
          measured());
    }

    private List<Measured> measured() {
      var measured = new ArrayList<Measured>();
      int i = 0;
      for (Map.Entry<LinearLayer, List<Choice>> entry : search.choices.layers().entrySet()) {
        for (int o = 0; o < entry.getValue().size(); o++) {
          measured.add(
              new Measured(
                  entry.getKey().weight(),
                  entry.getValue().get(o).toString(),
                  search.costs.get(i).get(o),
                  errors.get(i).get(o)));
        }
        i++;
      }
      return measured;
    }
  }

  private List<List<Double>> unknown() {
    return costs.stream().map(each -> Collections.nCopies(each.size(), 0.0)).toList();
  }

  private Knapsack knapsack(List<List<Double>> errors) {
    var items = new ArrayList<List<Knapsack.Option>>();
    for (int i = 0; i < errors.size(); i++) {
      var item = new ArrayList<Knapsack.Option>();
      for (int o = 0; o < errors.get(i).size(); o++) {
        item.add(new Knapsack.Option(costs.get(i).get(o), errors.get(i).get(o)));
      }
      items.add(item);
    }
    return new Knapsack(items);
  }
}

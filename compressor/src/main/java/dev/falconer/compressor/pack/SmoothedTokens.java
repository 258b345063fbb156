package dev.falconer.compressor.pack;

import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;

/**
 * Keys and values of a layer as int8 rounds them with the least error: less their means, times
 * factors that share spread among what is multiplied. Nothing changes but the rounding:
 *
 * <pre>
 * q . k    = (q / f) . ((k - c) f) + q . c        the last is the same for all tokens: no share sees it
 * sum p v  = (sum p ((v - c) f)) / f + c          as shares add up to 1
 * </pre>
 *
 * @param keys [heads width]
 * @param values likewise
 */
record SmoothedTokens(Form.Heads heads, Affine keys, Affine values) {
  /** Least deviation of a feature, of the mean of all. */
  private static final double LEAST = .2;

  /** x becomes (x - centre) factor. */
  @SuppressWarnings("ArrayRecordComponent") // Never compared.
  record Affine(float[] centres, float[] factors) {
    private static Affine of(double[] means, double[] deviations, double[] partners) {
      double[] own = atLeast(deviations);
      double[] other = atLeast(partners);
      var map = new Affine(new float[means.length], new float[means.length]);
      for (int i = 0; i < means.length; i++) {
        map.centres[i] = (float) means[i];
        map.factors[i] = (float) Math.sqrt(other[i] / own[i]);
      }
      return map;
    }

    private static double[] atLeast(double[] spread) {
      double mean = Arrays.stream(spread).average().orElse(0);
      return Arrays.stream(spread)
          .map(each -> mean == 0 ? 1 : Math.max(each, LEAST * mean))
          .toArray();
    }

    private double[] inverse() {
      return IntStream.range(0, factors.length).mapToDouble(i -> 1.0 / factors[i]).toArray();
    }

    /** Returns a product whose outputs, then times a factor, are mapped. */
    private Dense outputs(Dense dense, double factor) {
      double[] shift =
          IntStream.range(0, factors.length).mapToDouble(i -> -centres[i] / factor).toArray();
      double[] rows = IntStream.range(0, factors.length).mapToDouble(i -> factors[i]).toArray();
      return dense.plus(shift).times(rows);
    }
  }

  /** Returns how a layer's keys and values are smoothed, if what they look like is known. */
  static Optional<SmoothedTokens> of(
      Facts facts, Calibration calibration, Piece.Block block, WrittenTokens.Read read) {
    Attention attention = block.attended().attention();
    Optional<Moments> keys = calibration.of(read.inputs().get(0));
    Optional<Moments> values = calibration.of(read.inputs().get(1));
    Optional<Moments> queries = calibration.of(attention.query().value());
    if (keys.isEmpty() || values.isEmpty() || queries.isEmpty()) {
      return Optional.empty();
    }
    // Without any token a row attends to 0, not to a mean.
    boolean addsUp = attention.own().isPresent() || attention.tokens().plus(-1).neverNegative();
    boolean isProjected = !(block.out().weight() instanceof Weight.Identity) && addsUp;
    return Optional.of(
        new SmoothedTokens(
            attention.heads(),
            Affine.of(keys.get().means(), keys.get().deviations(), queries.get().magnitudes()),
            isProjected
                ? Affine.of(
                    values.get().means(),
                    values.get().deviations(),
                    block.out().columns(facts.model().graph()))
                : none(block.out().width())));
  }

  private static Affine none(int features) {
    var ones = new float[features];
    Arrays.fill(ones, 1);
    return new Affine(new float[features], ones);
  }

  /**
   * Returns the products of queries and, if there are such, of rows' own keys and values.
   *
   * @param factors that their outputs are then multiplied by
   */
  List<Dense> projections(List<Dense> before, List<Double> factors) {
    Dense query = before.get(0).times(keys.inverse());
    return before.size() == 1
        ? List.of(query)
        : List.of(
            query,
            keys.outputs(before.get(1), factors.get(1)),
            values.outputs(before.get(2), factors.get(2)));
  }

  /** Returns the product that takes what rows attend to; where there is none, nothing changes. */
  Dense out(Dense dense, Facts facts) {
    return dense.weight() instanceof Weight.Identity
        ? dense
        : dense.plus(dense.of(facts.model().graph(), values.centres)).dividing(values.inverse());
  }

  /** Returns the moments of what rows attend to. */
  Optional<Moments> attended(Optional<Moments> before) {
    return before.map(moments -> moments.mapped(values.centres, values.factors));
  }
}

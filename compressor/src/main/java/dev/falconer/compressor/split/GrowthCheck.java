package dev.falconer.compressor.split;

import dev.falconer.compressor.axes.Roles.Role;
import dev.falconer.compressor.onnx.Model;
import dev.falconer.compressor.onnx.NumericTensor;
import dev.falconer.compressor.onnx.Runner;
import dev.falconer.compressor.onnx.TensorData;
import dev.falconer.compressor.onnx.Tensors;
import dev.falconer.compressor.onnx.ValueInfo;
import dev.falconer.compressor.onnx.ValueInfo.Dim;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;

/** Compares histories encoded in pieces with the same histories encoded at once. */
public final class GrowthCheck {
  /** Largest difference of a state element, relative to max(1, |element|). */
  static final double TOLERANCE = 1e-5;

  /** Cuts of a history of length 1, as shares: in two and in three pieces. */
  private static final double[][] CUTS = {{0.5}, {0.9}, {0.3, 0.7}};

  private final SplitModel split;
  private final Model whole;

  private GrowthCheck(SplitModel split, Model whole) {
    this.split = split;
    this.whole = whole;
  }

  /**
   * Returns the largest difference of a state element over random histories, relative to max(1,
   * |element|); infinite when shapes differ or don't fit each other.
   *
   * @param split whose user graph takes a past
   * @param whole to make histories for
   */
  public static double largestDifference(
      SplitModel split, Model whole, Runner.Factory runners, long seed) {
    return new GrowthCheck(split, whole).largestDifference(runners, seed);
  }

  private double largestDifference(Runner.Factory runners, long seed) {
    var maker = RequestMaker.of(whole.graph(), split);
    var random = new Random(seed);
    double largest = 0;
    try (Runner user = runners.open(split.user())) {
      for (long events : List.of(2L, 3L, Math.max(2, split.historyMax() / 2), split.historyMax())) {
        Map<String, TensorData> history = maker.make(1, events, random);
        Map<String, TensorData> atOnce = user.run(States.fresh(split, history));
        for (double[] cuts : CUTS) {
          largest = Math.max(largest, difference(atOnce, inPieces(user, history, events, cuts)));
        }
      }
    } catch (IllegalArgumentException shapesDoNotFit) {
      return Double.POSITIVE_INFINITY;
    }
    return largest;
  }

  private Map<String, TensorData> inPieces(
      Runner user, Map<String, TensorData> history, long events, double[] cuts) {
    Map<String, TensorData> state = Map.of();
    long from = 0;
    for (int i = 0; i <= cuts.length; i++) {
      long to = i == cuts.length ? events : Math.max(1, Math.round(cuts[i] * events));
      state = user.run(States.after(split, piece(history, from, to), state));
      from = to;
    }
    return state;
  }

  private Map<String, TensorData> piece(Map<String, TensorData> history, long from, long to) {
    var piece = new TreeMap<>(history);
    for (ValueInfo column : split.roles().inputs(whole.graph(), Role.USER)) {
      List<Dim> dims = column.dims();
      TensorData tensor = history.get(column.name());
      if (tensor != null && dims != null && dims.size() > 1 && dims.get(1) instanceof Dim.Symbol) {
        piece.put(column.name(), Tensors.slice(tensor, 1, from, to));
      }
    }
    return piece;
  }

  static double difference(Map<String, TensorData> expected, Map<String, TensorData> got) {
    double largest = 0;
    for (var entry : new LinkedHashMap<>(expected).entrySet()) {
      var want = (NumericTensor) entry.getValue();
      if (!(got.get(entry.getKey()) instanceof NumericTensor have)
          || !want.shape().equals(have.shape())) {
        return Double.POSITIVE_INFINITY;
      }
      for (long i = 0; i < want.shape().size(); i++) {
        double difference = Math.abs(want.at(i) - have.at(i)) / Math.max(1, Math.abs(want.at(i)));
        largest =
            Double.isNaN(difference) ? Double.POSITIVE_INFINITY : Math.max(largest, difference);
      }
    }
    return largest;
  }
}

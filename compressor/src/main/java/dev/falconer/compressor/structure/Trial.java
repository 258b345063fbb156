package dev.falconer.compressor.structure;

import dev.falconer.compressor.layer.Constants;
import dev.falconer.compressor.layer.LinearLayer;
import dev.falconer.compressor.onnx.Model;
import dev.falconer.compressor.onnx.NumericTensor;
import dev.falconer.compressor.onnx.Runner;
import dev.falconer.compressor.onnx.TensorData;
import dev.falconer.compressor.solver.Matrix;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/**
 * Runs a cut model beside the whole one whose consumers do not read what was cut: they must agree.
 * What a graph does with lengths that it computes is only seen so.
 */
public record Trial(Runner.Factory runners) {
  /** Of the largest output; float32 sums in another order differ by some 1e-6. */
  private static final double TOLERANCE = 1e-4;

  /** The same where the model holds weights of 16 bits: a rounding is 5e-4, or 4e-3 in bfloat16. */
  private static final double TOLERANCE_OF_HALVES = .02;

  /**
   * Removes groups for a trial, spread over all.
   *
   * @param removed number of groups by removal
   * @throws IllegalArgumentException naming the layer whose cut gives other outputs or does not run
   */
  public void check(Model model, Map<Removal, Integer> removed, Map<String, TensorData> feed) {
    Map<Removal, List<Integer>> kept = new LinkedHashMap<>();
    removed.forEach((removal, number) -> kept.put(removal, kept(removal, number)));
    String wrong = difference(model, kept, feed);
    if (wrong.isEmpty()) {
      return;
    }
    kept.forEach((removal, groups) -> {
      String own = difference(model, Map.of(removal, groups), feed);
      if (!own.isEmpty()) {
        throw new IllegalArgumentException(
            "layer \"%s\": the graph without some of its %s %s; keep it whole"
                .formatted(removal.consumer().weight(), removal.noun(), own));
      }
    });
    throw new IllegalArgumentException("the graph cut for all layers at once " + wrong);
  }

  private static List<Integer> kept(Removal removal, int removed) {
    int count = removal.groups().count();
    return removal.without(
        IntStream.range(0, removed).mapToObj(i -> (2 * i + 1) * count / (2 * removed)).toList());
  }

  private String difference(
      Model model, Map<Removal, List<Integer>> kept, Map<String, TensorData> feed) {
    Map<String, TensorData> whole = outputs(zeroed(model, kept), feed);
    try {
      return difference(whole, outputs(Cut.apply(model, kept), feed), tolerance(model));
    } catch (IllegalArgumentException e) {
      return "does not run: " + e.getMessage();
    }
  }

  private Map<String, TensorData> outputs(Model model, Map<String, TensorData> feed) {
    try (Runner runner = runners.open(model)) {
      return runner.run(feed);
    }
  }

  /** Returns the model whose consumers' weights are 0 at the groups that do not stay. */
  static Model zeroed(Model model, Map<Removal, List<Integer>> kept) {
    Map<LinearLayer, Matrix> weights = new HashMap<>();
    kept.forEach((removal, groups) -> {
      LinearLayer layer = removal.consumer();
      double[] values = layer.read(model.graph()).toArray();
      for (int i = 0; i < values.length; i++) {
        int channel = i % layer.in() / layer.positions();
        if (!groups.contains(removal.groups().of(channel))) {
          values[i] = 0;
        }
      }
      weights.put(layer, Matrix.over(layer.out(), layer.in(), values));
    });
    return model.withGraph(LinearLayer.written(model.graph(), weights));
  }

  private static double tolerance(Model model) {
    boolean isHalf =
        Constants.of(model.graph()).values().stream()
            .anyMatch(constant -> constant.dtype().isFloat() && constant.dtype().bytes() == 2);
    return isHalf ? TOLERANCE_OF_HALVES : TOLERANCE;
  }

  private static String difference(
      Map<String, TensorData> whole, Map<String, TensorData> cut, double tolerance) {
    for (var entry : whole.entrySet()) {
      if (entry.getValue() instanceof NumericTensor before
          && cut.get(entry.getKey()) instanceof NumericTensor after) {
        if (!before.shape().equals(after.shape())) {
          return "gives \"%s\" as %s, not %s"
              .formatted(entry.getKey(), after.shape(), before.shape());
        }
        if (before.dtype().isFloat() && difference(before, after) > tolerance) {
          return "gives other numbers as \"" + entry.getKey() + "\"";
        }
      }
    }
    return "";
  }

  /** Returns the largest difference, relative to the largest finite element. */
  private static double difference(NumericTensor before, NumericTensor after) {
    double largest = 0;
    double difference = 0;
    for (long i = 0; i < before.shape().size(); i++) {
      double a = before.at(i);
      double b = after.at(i);
      if (Double.compare(a, b) != 0) {
        double own = Math.abs(a - b);
        difference = Double.isNaN(own) ? Double.POSITIVE_INFINITY : Math.max(difference, own);
      }
      largest = Double.isFinite(a) ? Math.max(largest, Math.abs(a)) : largest;
    }
    return difference == 0 ? 0 : difference / largest;
  }
}

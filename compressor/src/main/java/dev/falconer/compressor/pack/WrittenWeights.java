package dev.falconer.compressor.pack;

import dev.falconer.compressor.onnx.NumericTensor;
import dev.falconer.compressor.onnx.Shape;
import dev.falconer.compressor.onnx.TensorData;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Packed weights, biases and norms as constants of a graph. */
final class WrittenWeights {
  /**
   * Rows of weights, one upon the other, each times a factor.
   *
   * @param input tensor they are multiplied with
   */
  private record Stack(List<Rows> rows, String input, PackOptions options) {
    List<String> names() {
      return rows.stream().map(each -> each.weight.name()).distinct().toList();
    }
  }

  private record Rows(Weight weight, int from, int count, double factor) {}

  /** A packed weight; what it adds to a bias. */
  @SuppressWarnings("ArrayRecordComponent") // Never compared.
  private record Written(String name, double[] given, PackReport.Weight report) {}

  private final Facts facts;
  private final PackOptions options;
  private final Calibration calibration;
  private final Draft draft;
  private final Map<Stack, Written> packed = new HashMap<>();
  private final List<PackReport.Weight> reported = new ArrayList<>();

  WrittenWeights(Facts facts, PackOptions options, Calibration calibration, Draft draft) {
    this.facts = facts;
    this.options = options;
    this.calibration = calibration;
    this.draft = draft;
  }

  /** Returns the weights added since it was asked before. */
  List<PackReport.Weight> reported() {
    List<PackReport.Weight> weights = List.copyOf(reported);
    reported.clear();
    return weights;
  }

  /** Appends a packed weight of products stacked, and their biases or "". */
  void add(List<Dense> stacked, List<Double> factors, List<String> inputs) {
    Optional<Moments> rows = calibration.of(stacked.getFirst().read().value());
    add(stacked, factors, rows, options, inputs);
  }

  /** Appends them for rows that look so, packed by own options. */
  void add(
      List<Dense> stacked,
      List<Double> factors,
      Optional<Moments> seen,
      PackOptions own,
      List<String> inputs) {
    var rows = new ArrayList<Rows>();
    for (int i = 0; i < stacked.size(); i++) {
      Dense dense = stacked.get(i);
      rows.add(new Rows(dense.weight(), dense.from(), dense.count(), factors.get(i)));
    }
    var stack = new Stack(List.copyOf(rows), stacked.getFirst().read().value(), own);
    Written written = packed.computeIfAbsent(stack, each -> packed(each, stacked, seen));
    reported.add(written.report);
    inputs.add(written.name);
    inputs.add(bias(stacked, factors, written.given));
  }

  private Written packed(Stack stack, List<Dense> stacked, Optional<Moments> seen) {
    int in = stacked.getFirst().width();
    int out = stacked.stream().mapToInt(Dense::count).sum();
    var weight = new float[Math.multiplyExact(out, in)];
    int at = 0;
    for (int i = 0; i < stacked.size(); i++) {
      float factor = (float) stack.rows.get(i).factor;
      for (float each : weight(stacked.get(i))) {
        weight[at++] = factor * each;
      }
    }
    PackedWeight best = best(stack, stacked, weight, seen);
    String name = draft.constant(String.join("+", stack.names()) + ".packed", best.tensor());
    return new Written(
        name,
        best.given(),
        new PackReport.Weight(
            stack.names(),
            out,
            in,
            best.header().layout(),
            best.header().isInt8(),
            best.density(),
            PackedWeight.time(best.header()),
            best.tensor().bytes().byteSize()));
  }

  private PackedWeight best(
      Stack stack, List<Dense> stacked, float[] weight, Optional<Moments> seen) {
    int in = stacked.getFirst().width();
    int out = weight.length / in;
    boolean isIdentity = stacked.getFirst().weight() instanceof Weight.Identity;
    try {
      return isIdentity
          ? PackedWeight.floats(weight, out, in)
          : PackedWeight.of(weight, out, in, stack.names(), stack.options, seen);
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException(
          "weight "
              + String.join(" + ", stack.names())
              + " of [%d, %d] can't be packed: ".formatted(out, in)
              + e.getMessage(),
          e);
    }
  }

  private float[] weight(Dense dense) {
    return dense.weight().rows(facts.model().graph(), dense.from(), dense.count());
  }

  private String bias(List<Dense> stacked, List<Double> factors, double[] given) {
    boolean isGiven = Arrays.stream(given).anyMatch(each -> each != 0);
    if (stacked.stream().allMatch(dense -> dense.bias().isEmpty()) && !isGiven) {
      return "";
    }
    var bias = new float[stacked.stream().mapToInt(Dense::count).sum()];
    int at = 0;
    for (int i = 0; i < stacked.size(); i++) {
      Dense dense = stacked.get(i);
      for (int o = 0; o < dense.count(); o++, at++) {
        double own = dense.bias().isPresent() ? dense.bias().get().at(o) : 0;
        bias[at] = (float) (factors.get(i) * own + given[at]);
      }
    }
    String names =
        stacked.stream()
            .map(dense -> dense.weight().name())
            .distinct()
            .collect(java.util.stream.Collectors.joining("+"));
    return draft.constant(names + ".bias", TensorData.floats(Shape.of(bias.length), bias));
  }

  /** Appends a norm's scale, and its shift or "". */
  void add(Form.Normed norm, int width, List<String> inputs) {
    inputs.add(norm.scale().isEmpty() ? ones(width) : vector(norm.scale()));
    inputs.add(norm.shift().isEmpty() ? "" : vector(norm.shift()));
  }

  private String ones(int width) {
    var ones = new float[width];
    Arrays.fill(ones, 1);
    return draft.constant("#ones." + width, TensorData.floats(Shape.of(width), ones));
  }

  /** Returns a constant of one axis. */
  private String vector(String name) {
    NumericTensor tensor = facts.floats(name).orElseThrow();
    boolean isOne =
        tensor.shape().rank() == 1 && facts.model().graph().initializers().containsKey(name);
    return isOne
        ? name
        : draft.constant(name + ".vector", tensor.reshaped(Shape.of(tensor.shape().size())));
  }
}

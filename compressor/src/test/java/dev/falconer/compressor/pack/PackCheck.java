package dev.falconer.compressor.pack;

import dev.falconer.compressor.evaluate.OrtRunner;
import dev.falconer.compressor.onnx.Model;
import dev.falconer.compressor.onnx.NumericTensor;
import dev.falconer.compressor.onnx.Runner;
import dev.falconer.compressor.onnx.Shape;
import dev.falconer.compressor.onnx.TensorData;
import dev.falconer.compressor.onnx.ValueInfo;
import dev.falconer.compressor.onnx.ValueInfo.Dim;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.TreeMap;

/** Runs graphs and their packed variants on random requests. */
final class PackCheck {
  /** float32 sums in another order, and activations by other formulas, over a few layers. */
  static final double ROUNDING = 1e-5;

  private static final int IDS = 20;

  private PackCheck() {}

  /**
   * Returns the largest difference of any output's element over some requests; infinite where only
   * one is NaN.
   */
  static double difference(Model plain, Model packed, long seed, int requests) {
    double largest = 0;
    try (Runner a = OrtRunner.open(plain, 1);
        Runner b = OrtRunner.open(packed, 1)) {
      var random = new Random(seed);
      for (int i = 0; i < requests; i++) {
        Map<String, TensorData> feeds =
            feeds(plain, random, i == 0 ? 1 : 2 + random.nextInt(70), 5 + random.nextInt(40));
        Map<String, TensorData> wanted = a.run(feeds);
        Map<String, TensorData> got = b.run(feeds);
        for (String output : wanted.keySet()) {
          largest = Math.max(largest, difference(tensor(wanted, output), tensor(got, output)));
        }
      }
    }
    return largest;
  }

  private static NumericTensor tensor(Map<String, TensorData> tensors, String name) {
    return (NumericTensor) Objects.requireNonNull(tensors.get(name), name);
  }

  /** Returns the largest difference of two elements; infinite where only one is NaN. */
  static double difference(NumericTensor a, NumericTensor b) {
    if (!a.shape().equals(b.shape())) {
      return Double.POSITIVE_INFINITY;
    }
    double largest = 0;
    for (long i = 0; i < a.shape().size(); i++) {
      double difference = Math.abs(a.at(i) - b.at(i));
      boolean isOneNaN = Double.isNaN(a.at(i)) != Double.isNaN(b.at(i));
      largest = Math.max(largest, isOneNaN ? Double.POSITIVE_INFINITY : difference);
    }
    return largest;
  }

  /** Returns numbers for a graph's inputs: Gaussian floats, small ids, mixed truths. */
  static Map<String, TensorData> feeds(Model model, Random random, int rows, int events) {
    var feeds = new TreeMap<String, TensorData>();
    for (ValueInfo input : model.graph().inputs()) {
      long[] dims =
          Objects.requireNonNull(input.dims()).stream()
              .mapToLong(dim -> length(dim, rows, events))
              .toArray();
      feeds.put(input.name(), feed(input, Shape.of(dims), random));
    }
    return feeds;
  }

  /**
   * Rows are called candidates or batch; of "history+1" a history of some events makes one more.
   */
  private static long length(Dim dim, int rows, int events) {
    return switch (dim) {
      case Dim.Fixed(long length) -> length;
      case Dim.Symbol(String name) when List.of("candidates", "batch").contains(name) -> rows;
      case Dim.Symbol(String name) when name.endsWith("+1") -> events + 1;
      case Dim.Symbol _, Dim.Unknown _ -> events;
    };
  }

  private static TensorData feed(ValueInfo input, Shape shape, Random random) {
    int size = (int) shape.size();
    boolean isMask = input.name().contains("mask");
    return switch (input.dtype()) {
      case FLOAT32 -> {
        var values = new float[size];
        for (int i = 0; i < size; i++) {
          boolean isHidden = isMask && i % 3 == 1;
          values[i] = isHidden ? Float.NEGATIVE_INFINITY : (float) random.nextGaussian();
        }
        yield TensorData.floats(shape, values);
      }
      case INT64 -> {
        var values = new long[size];
        for (int i = 0; i < size; i++) {
          values[i] = random.nextInt(IDS);
        }
        yield TensorData.longs(shape, values);
      }
      case BOOL -> {
        var values = new boolean[size];
        for (int i = 0; i < size; i++) {
          values[i] = i % 3 == 1;
        }
        yield TensorData.bools(shape, values);
      }
      default -> throw new IllegalArgumentException("no numbers for " + input);
    };
  }
}

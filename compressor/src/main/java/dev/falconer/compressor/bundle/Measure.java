package dev.falconer.compressor.bundle;

import dev.falconer.compressor.onnx.NumericTensor;
import dev.falconer.compressor.onnx.Runner;
import dev.falconer.compressor.onnx.Shape;
import dev.falconer.compressor.onnx.StringTensor;
import dev.falconer.compressor.onnx.TensorData;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.LongSupplier;

/** Times candidate graphs side by side, so that the manifest can say how to call which. */
final class Measure {
  /** Calls per graph and size; interleaved, the median counts. */
  private static final int ROUNDS = 15;

  private static final int[] BATCHES = {32, 64, 128, 256, 512};

  /** A smaller batch is taken when it costs at most this much more per candidate. */
  private static final double CLOSE = 1.03;

  private final LongSupplier nanos;

  Measure(LongSupplier nanos) {
    this.nanos = nanos;
  }

  /**
   * Returns the smallest batch whose time per candidate is within {@link #CLOSE} of the best: small
   * batches share cores better.
   *
   * @param feeds of the candidate graph with some candidates, repeated to the sizes tried
   * @param rows input name to the axis of its candidates
   */
  int microBatch(Runner graph, Map<String, TensorData> feeds, Map<String, Integer> rows) {
    var perCandidate = new double[BATCHES.length];
    for (int i = 0; i < BATCHES.length; i++) {
      perCandidate[i] = medians(List.of(graph), resized(feeds, rows, BATCHES[i]))[0] / BATCHES[i];
    }
    double best = Arrays.stream(perCandidate).min().orElseThrow();
    for (int i = 0; i < BATCHES.length; i++) {
      if (perCandidate[i] <= CLOSE * best) {
        return BATCHES[i];
      }
    }
    throw new IllegalStateException("the smallest is among them");
  }

  /** Returns the first graph's time over each graph's, at a number of candidates. */
  List<Double> speedups(
      List<Runner> graphs, Map<String, TensorData> feeds, Map<String, Integer> rows, int batch) {
    double[] medians = medians(graphs, resized(feeds, rows, batch));
    return Arrays.stream(medians).mapToObj(time -> medians[0] / time).toList();
  }

  private double[] medians(List<Runner> graphs, Map<String, TensorData> feeds) {
    var times = new ArrayList<double[]>();
    graphs.forEach(_ -> times.add(new double[ROUNDS]));
    for (int round = -2; round < ROUNDS; round++) {
      for (int g = 0; g < graphs.size(); g++) {
        long start = nanos.getAsLong();
        graphs.get(g).run(feeds);
        if (round >= 0) {
          times.get(g)[round] = nanos.getAsLong() - start;
        }
      }
    }
    return times.stream().mapToDouble(Measure::median).toArray();
  }

  private static double median(double[] values) {
    Arrays.sort(values);
    return values[values.length / 2];
  }

  /** Returns the feeds with the candidates' rows repeated until there are {@code count}. */
  static Map<String, TensorData> resized(
      Map<String, TensorData> feeds, Map<String, Integer> rows, int count) {
    var resized = new HashMap<>(feeds);
    rows.forEach(
        (name, axis) -> resized.computeIfPresent(name, (_, tensor) -> repeat(tensor, axis, count)));
    return resized;
  }

  private static TensorData repeat(TensorData tensor, int axis, int count) {
    long[] dims = tensor.shape().dims();
    int have = Math.toIntExact(dims[axis]);
    int perRow = Math.toIntExact(tensor.shape().size() / have);
    dims[axis] = count;
    Shape shape = Shape.of(dims);
    return switch (tensor) {
      case StringTensor strings -> {
        var values = new ArrayList<String>();
        for (int i = 0; i < count * perRow; i++) {
          values.add(strings.values().get(i % (have * perRow)));
        }
        yield new StringTensor(shape, values);
      }
      case NumericTensor numbers -> {
        NumericTensor all = NumericTensor.allocate(numbers.dtype(), shape);
        long bytes = (long) perRow * numbers.dtype().bytes();
        for (int i = 0; i < count; i++) {
          all.bytes()
              .asSlice(i * bytes, bytes)
              .copyFrom(numbers.bytes().asSlice(i % have * bytes, bytes));
        }
        yield all;
      }
    };
  }
}

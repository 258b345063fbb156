package dev.falconer.compressor.interpret;

import dev.falconer.compressor.onnx.DType;
import java.util.Arrays;
import java.util.stream.DoubleStream;
import java.util.stream.IntStream;

/** Operators that work along axes. */
final class Sums {
  private Sums() {}

  static NdArray reduce(Call call) {
    NdArray in = call.in(0);
    long[] axes = call.integers("axes", 1, call.type().equals("ReduceSum") ? 13 : 18);
    boolean none = axes == null || axes.length == 0;
    if (none && call.node().intAttribute("noop_with_empty_axes", 0) == 1) {
      return in;
    }
    var reduced = new boolean[in.rank()];
    Arrays.fill(reduced, none);
    if (axes != null) {
      for (long axis : axes) {
        reduced[call.axis(axis, in.rank())] = true;
      }
    }
    int[] kept = IntStream.range(0, in.rank()).filter(i -> !reduced[i]).toArray();
    int[] gone = IntStream.range(0, in.rank()).filter(i -> reduced[i]).toArray();
    NdArray rows =
        Moves.transposed(in, IntStream.concat(Arrays.stream(kept), Arrays.stream(gone)).toArray());
    int count = Arrays.stream(gone).map(i -> in.dims[i]).reduce(1, (a, b) -> a * b);
    int[] dims =
        call.node().intAttribute("keepdims", 1) == 1
            ? IntStream.range(0, in.rank()).map(i -> reduced[i] ? 1 : in.dims[i]).toArray()
            : Arrays.stream(kept).map(i -> in.dims[i]).toArray();
    NdArray out = NdArray.zeros(in.dtype, dims);
    for (int i = 0; i < out.data.length; i++) {
      out.data[i] = reduce(call, rows.data, i * count, count);
    }
    return out;
  }

  private static double reduce(Call call, double[] data, int from, int count) {
    return switch (call.type()) {
      case "ReduceSum" -> plainSum(data, from, count);
      case "ReduceMean" -> plainSum(data, from, count) / count;
      default -> reduce(call, Arrays.stream(data, from, from + count));
    };
  }

  private static double reduce(Call call, DoubleStream elements) {
    return switch (call.type()) {
      case "ReduceL1" -> elements.map(Math::abs).sum();
      case "ReduceL2" -> Math.sqrt(elements.map(x -> x * x).sum());
      case "ReduceSumSquare" -> elements.map(x -> x * x).sum();
      case "ReduceLogSumExp" -> Math.log(elements.map(Math::exp).sum());
      case "ReduceMax" -> elements.max().orElseThrow(() -> call.refused("reduces nothing"));
      case "ReduceMin" -> elements.min().orElseThrow(() -> call.refused("reduces nothing"));
      case "ReduceProd" -> elements.reduce(1, (a, b) -> a * b);
      default -> throw call.refused("is no reduction here");
    };
  }

  private static double plainSum(double[] data, int from, int count) {
    double sum = 0;
    for (int i = from; i < from + count; i++) {
      sum += data[i];
    }
    return sum;
  }

  static NdArray softmax(Call call) {
    NdArray in = call.in(0);
    boolean flattens = call.opset() < 13;
    int axis = call.axis(flattens ? 1 : -1);
    int end = flattens ? in.rank() : axis + 1;
    int length = in.extent(axis, end);
    int inner = in.extent(end, in.rank());
    boolean log = call.type().equals("LogSoftmax");
    NdArray out = NdArray.zeros(in.dtype, in.dims);
    for (int i = 0; length > 0 && i < in.data.length / length; i++) {
      int base = i / inner * length * inner + i % inner;
      double max = Double.NEGATIVE_INFINITY;
      for (int k = 0; k < length; k++) {
        max = Math.max(max, in.data[base + k * inner]);
      }
      double sum = 0;
      for (int k = 0; k < length; k++) {
        sum += Math.exp(in.data[base + k * inner] - max);
      }
      for (int k = 0; k < length; k++) {
        double shifted = in.data[base + k * inner] - max;
        out.data[base + k * inner] = log ? shifted - Math.log(sum) : Math.exp(shifted) / sum;
      }
    }
    return out;
  }

  static NdArray layerNorm(Call call) {
    NdArray in = call.in(0);
    int axis = call.axis(-1);
    int length = in.extent(axis, in.rank());
    int[] tail = Arrays.copyOfRange(in.dims, axis, in.rank());
    NdArray scale = call.in(1).broadcast(tail);
    NdArray bias = call.has(2) ? call.in(2).broadcast(tail) : NdArray.zeros(in.dtype, tail);
    double epsilon = call.node().floatAttribute("epsilon", 1e-5f);
    NdArray out = NdArray.zeros(in.dtype, in.dims);
    for (int from = 0; from < in.data.length; from += length) {
      double mean = plainSum(in.data, from, length) / length;
      double variance = 0;
      for (int i = 0; i < length; i++) {
        variance += (in.data[from + i] - mean) * (in.data[from + i] - mean) / length;
      }
      for (int i = 0; i < length; i++) {
        out.data[from + i] =
            (in.data[from + i] - mean) / Math.sqrt(variance + epsilon) * scale.data[i]
                + bias.data[i];
      }
    }
    return out;
  }

  static NdArray batchNorm(Call call) {
    NdArray in = call.in(0);
    if (call.node().intAttribute("training_mode", 0) == 1) {
      throw call.refused("trains");
    }
    double epsilon = call.node().floatAttribute("epsilon", 1e-5f);
    int inner = in.extent(2, in.rank());
    NdArray out = NdArray.zeros(in.dtype, in.dims);
    for (int i = 0; i < out.data.length; i++) {
      int channel = i / inner % in.dims[1];
      double deviation = Math.sqrt(call.in(4).data[channel] + epsilon);
      out.data[i] =
          (in.data[i] - call.in(3).data[channel]) / deviation * call.in(1).data[channel]
              + call.in(2).data[channel];
    }
    return out;
  }

  static NdArray cumSum(Call call) {
    NdArray in = call.in(0);
    int axis = call.axis(call.in(1).longs()[0], in.rank());
    int inner = in.extent(axis + 1, in.rank());
    NdArray out = new NdArray(in.dtype, in.dims, in.data.clone());
    for (int i = 0; i < out.data.length; i++) {
      if (i / inner % in.dims[axis] > 0) {
        out.data[i] += out.data[i - inner];
      }
    }
    return out;
  }

  static NdArray argMax(Call call) {
    NdArray in = call.in(0);
    int axis = call.axis(0);
    int length = in.dims[axis];
    int inner = in.extent(axis + 1, in.rank());
    boolean largest = call.type().equals("ArgMax");
    boolean keep = call.node().intAttribute("keepdims", 1) == 1;
    int[] dims =
        IntStream.range(0, in.rank())
            .filter(i -> keep || i != axis)
            .map(i -> i == axis ? 1 : in.dims[i])
            .toArray();
    NdArray out = NdArray.zeros(DType.INT64, dims);
    if (length == 0 && out.data.length > 0) {
      throw call.refused("compares nothing");
    }
    for (int i = 0; i < out.data.length; i++) {
      int base = i / inner * length * inner + i % inner;
      int best = 0;
      for (int k = 1; k < length; k++) {
        double challenger = in.data[base + k * inner];
        double champion = in.data[base + best * inner];
        best = (largest ? challenger > champion : challenger < champion) ? k : best;
      }
      out.data[i] = best;
    }
    return out;
  }
}

package dev.falconer.compressor.interpret;

import dev.falconer.compressor.onnx.DType;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;

/** Operators that join tensors along an axis or take parts of one. */
final class Picks {
  private Picks() {}

  static NdArray concat(Call call) {
    var parts = IntStream.range(0, call.operands().size()).mapToObj(call::in).toList();
    return joined(parts, call.axis(0));
  }

  static NdArray joined(List<NdArray> parts, int axis) {
    NdArray first = parts.getFirst();
    int[] dims = first.dims.clone();
    dims[axis] = 0;
    for (NdArray part : parts) {
      int[] others = part.dims.clone();
      dims[axis] += others[axis];
      if (others.length == dims.length) {
        others[axis] = dims[axis];
      }
      if (!Arrays.equals(others, dims) || part.dtype != first.dtype) {
        throw new IllegalArgumentException(
            "joins " + part.dtype + Arrays.toString(part.dims) + " to " + Arrays.toString(dims));
      }
    }
    NdArray out = NdArray.zeros(first.dtype, dims);
    int outer = first.extent(0, axis);
    int at = 0;
    for (int i = 0; i < outer; i++) {
      for (NdArray part : parts) {
        int block = part.extent(axis, part.rank());
        System.arraycopy(part.data, i * block, out.data, at, block);
        at += block;
      }
    }
    return out;
  }

  static NdArray slice(Call call) {
    NdArray out = call.in(0);
    long[] starts = call.integers("starts", 1, 10);
    long[] ends = call.integers("ends", 2, 10);
    long[] axes = call.integers("axes", 3, 10);
    if (starts == null || ends == null) {
      throw call.refused("lacks bounds");
    }
    for (int i = 0; i < starts.length; i++) {
      int axis = axes == null ? i : call.axis(axes[i], out.rank());
      out = slice(out, axis, starts[i], ends[i], call.has(4) ? call.in(4).longs()[i] : 1);
    }
    return out;
  }

  private static NdArray slice(NdArray in, int axis, long start, long end, long step) {
    int length = in.dims[axis];
    long from = start < 0 ? start + length : start;
    long to = end < 0 ? Math.max(end, Long.MIN_VALUE + length) + length : end;
    from = step > 0 ? Math.clamp(from, 0, length) : Math.clamp(from, 0, Math.max(0, length - 1));
    to = step > 0 ? Math.clamp(to, 0, length) : Math.clamp(to, -1, Math.max(0, length - 1));
    long count = length == 0 ? 0 : Math.max(0, Math.ceilDiv(to - from, step));
    int[] dims = in.dims.clone();
    dims[axis] = Math.toIntExact(count);
    int[] strides = in.strides();
    int first = Math.toIntExact(from * strides[axis]);
    strides[axis] = Math.toIntExact(strides[axis] * step);
    return in.strided(dims, first, strides);
  }

  static List<NdArray> split(Call call) {
    NdArray in = call.in(0);
    int axis = call.axis(0);
    int count = call.node().outputs().size();
    long[] sizes = call.integers("split", 1, 13);
    if (sizes == null) {
      sizes = new long[count];
      Arrays.fill(sizes, Math.ceilDiv(in.dims[axis], count));
      sizes[count - 1] = in.dims[axis] - sizes[0] * (count - 1);
    }
    var parts = new ArrayList<NdArray>();
    long from = 0;
    for (long size : sizes) {
      parts.add(slice(in, axis, from, from + size, 1));
      from += size;
    }
    if (from != in.dims[axis]) {
      throw call.refused("splits " + in.dims[axis] + " into " + Arrays.toString(sizes));
    }
    return parts;
  }

  static NdArray gather(Call call) {
    NdArray data = call.in(0);
    NdArray indices = call.in(1);
    int axis = call.axis(0);
    int outer = data.extent(0, axis);
    int block = data.extent(axis + 1, data.rank());
    int[] dims =
        IntStream.concat(
                IntStream.concat(Arrays.stream(data.dims, 0, axis), Arrays.stream(indices.dims)),
                Arrays.stream(data.dims, axis + 1, data.rank()))
            .toArray();
    NdArray out = NdArray.zeros(data.dtype, dims);
    int at = 0;
    for (int i = 0; i < outer; i++) {
      for (double given : indices.data) {
        int index = index(call, given, data.dims[axis]);
        System.arraycopy(data.data, (i * data.dims[axis] + index) * block, out.data, at, block);
        at += block;
      }
    }
    return out;
  }

  private static int index(Call call, double given, int length) {
    int index = (int) (given < 0 ? given + length : given);
    if (index < 0 || index >= length) {
      throw call.refused("reads element " + (long) given + " of " + length);
    }
    return index;
  }

  static NdArray gatherElements(Call call) {
    NdArray data = call.in(0);
    NdArray indices = call.in(1);
    int axis = call.axis(0);
    int[] strides = data.strides();
    int[] own = indices.strides();
    NdArray out = NdArray.zeros(data.dtype, indices.dims);
    for (int i = 0; i < out.data.length; i++) {
      int from = 0;
      for (int k = 0; k < indices.rank(); k++) {
        int at = i / own[k] % indices.dims[k];
        from += strides[k] * (k == axis ? index(call, indices.data[i], data.dims[k]) : at);
      }
      out.data[i] = data.data[from];
    }
    return out;
  }

  /** Takes indices of one number each, for each element of the batch axes or for all. */
  static NdArray gatherNd(Call call) {
    NdArray data = call.in(0);
    NdArray indices = call.in(1);
    int batch = Math.toIntExact(call.node().intAttribute("batch_dims", 0));
    if (indices.dims[indices.rank() - 1] != 1) {
      throw call.refused("takes more than one number for an index");
    }
    int[] dims =
        IntStream.concat(
                Arrays.stream(indices.dims, 0, indices.rank() - 1),
                Arrays.stream(data.dims, batch + 1, data.rank()))
            .toArray();
    int block = data.extent(batch + 1, data.rank());
    int each = indices.extent(batch, indices.rank());
    NdArray out = NdArray.zeros(data.dtype, dims);
    for (int i = 0; i < indices.data.length; i++) {
      int group = batch == 0 ? 0 : i / each;
      int index = index(call, indices.data[i], data.dims[batch]);
      int from = (group * data.dims[batch] + index) * block;
      System.arraycopy(data.data, from, out.data, i * block, block);
    }
    return out;
  }

  static NdArray trilu(Call call) {
    NdArray in = call.in(0);
    long shift = call.has(1) ? call.in(1).longs()[0] : 0;
    boolean upper = call.node().intAttribute("upper", 1) == 1;
    int columns = in.dims[in.rank() - 1];
    int rows = in.dims[in.rank() - 2];
    NdArray out = NdArray.zeros(in.dtype, in.dims);
    for (int i = 0; i < out.data.length; i++) {
      int distance = i % columns - i / columns % rows;
      out.data[i] = (upper ? distance >= shift : distance <= shift) ? in.data[i] : 0;
    }
    return out;
  }

  static List<NdArray> topK(Call call) {
    NdArray in = call.in(0);
    if (call.opset() < 10) {
      throw call.refused("has its count as an attribute");
    }
    int axis = call.axis(-1);
    int count = Math.toIntExact(call.in(1).longs()[0]);
    int length = in.dims[axis];
    if (count > length) {
      throw call.refused("takes " + count + " of " + length);
    }
    boolean largest = call.node().intAttribute("largest", 1) == 1;
    int[] dims = in.dims.clone();
    dims[axis] = count;
    NdArray values = NdArray.zeros(in.dtype, dims);
    NdArray indices = NdArray.zeros(DType.INT64, dims);
    int inner = in.extent(axis + 1, in.rank());
    for (int o = 0; o < in.extent(0, axis); o++) {
      for (int i = 0; i < inner; i++) {
        int base = o * length * inner + i;
        int[] order =
            IntStream.range(0, length)
                .boxed()
                .sorted((a, b) -> {
                  double x = in.data[base + a * inner];
                  double y = in.data[base + b * inner];
                  return largest ? Double.compare(y, x) : Double.compare(x, y);
                })
                .mapToInt(Integer::intValue)
                .toArray();
        for (int k = 0; k < count; k++) {
          int at = (o * count + k) * inner + i;
          values.data[at] = in.data[base + order[k] * inner];
          indices.data[at] = order[k];
        }
      }
    }
    return List.of(values, indices);
  }
}

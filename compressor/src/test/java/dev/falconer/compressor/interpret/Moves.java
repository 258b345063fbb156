package dev.falconer.compressor.interpret;

import dev.falconer.compressor.onnx.Attribute;
import dev.falconer.compressor.onnx.DType;
import dev.falconer.compressor.onnx.TensorData;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;

/** Operators that move, regroup, repeat or make elements. */
final class Moves {
  private Moves() {}

  static NdArray reshape(Call call) {
    NdArray in = call.in(0);
    long[] target = call.in(1).longs();
    boolean keepZero = call.node().intAttribute("allowzero", 0) == 1;
    var dims = new int[target.length];
    int free = -1;
    int product = 1;
    for (int i = 0; i < dims.length; i++) {
      if (target[i] == -1) {
        free = i;
        continue;
      }
      dims[i] = target[i] == 0 && !keepZero ? in.dims[i] : Math.toIntExact(target[i]);
      product *= dims[i];
    }
    if (free >= 0) {
      if (product == 0 || in.data.length % product != 0) {
        throw call.refused(
            "reshapes " + Arrays.toString(in.dims) + " to " + Arrays.toString(target));
      }
      dims[free] = in.data.length / product;
    }
    if (NdArray.size(dims) != in.data.length) {
      throw call.refused("reshapes " + Arrays.toString(in.dims) + " to " + Arrays.toString(target));
    }
    return in.reshaped(dims);
  }

  static NdArray flatten(Call call) {
    NdArray in = call.in(0);
    long given = call.node().intAttribute("axis", 1);
    int axis = Math.toIntExact(given < 0 ? given + in.rank() : given);
    return in.reshaped(in.extent(0, axis), in.extent(axis, in.rank()));
  }

  static NdArray squeeze(Call call) {
    NdArray in = call.in(0);
    long[] axes = call.integers("axes", 1, 13);
    var dropped = new boolean[in.rank()];
    if (axes == null) {
      for (int i = 0; i < dropped.length; i++) {
        dropped[i] = in.dims[i] == 1;
      }
    } else {
      for (long axis : axes) {
        dropped[call.axis(axis, in.rank())] = true;
      }
    }
    var dims = new ArrayList<Integer>();
    for (int i = 0; i < dropped.length; i++) {
      if (!dropped[i]) {
        dims.add(in.dims[i]);
      } else if (in.dims[i] != 1) {
        throw call.refused("squeezes axis " + i + " of " + Arrays.toString(in.dims));
      }
    }
    return in.reshaped(array(dims));
  }

  static NdArray unsqueeze(Call call) {
    NdArray in = call.in(0);
    long[] axes = call.integers("axes", 1, 13);
    if (axes == null) {
      throw call.refused("lacks axes");
    }
    int rank = in.rank() + axes.length;
    var added = new boolean[rank];
    for (long axis : axes) {
      added[call.axis(axis, rank)] = true;
    }
    var dims = new int[rank];
    int next = 0;
    for (int i = 0; i < rank; i++) {
      dims[i] = added[i] ? 1 : in.dims[next++];
    }
    return in.reshaped(dims);
  }

  private static int[] array(List<Integer> values) {
    return values.stream().mapToInt(Integer::intValue).toArray();
  }

  static NdArray transpose(Call call) {
    NdArray in = call.in(0);
    var permutation = new int[in.rank()];
    boolean given = call.node().attributes().containsKey("perm");
    long[] perm = call.node().intsAttribute("perm");
    Arrays.setAll(permutation, i -> given ? (int) perm[i] : in.rank() - 1 - i);
    return transposed(in, permutation);
  }

  static NdArray transposed(NdArray in, int... permutation) {
    int[] own = in.strides();
    var dims = new int[in.rank()];
    var strides = new int[in.rank()];
    for (int i = 0; i < dims.length; i++) {
      dims[i] = in.dims[permutation[i]];
      strides[i] = own[permutation[i]];
    }
    return in.strided(dims, 0, strides);
  }

  static NdArray expand(Call call) {
    int[] wanted = dims(call.in(1));
    return call.in(0).broadcast(NdArray.joined(call.in(0).dims, wanted));
  }

  private static int[] dims(NdArray shape) {
    return Arrays.stream(shape.longs()).mapToInt(Math::toIntExact).toArray();
  }

  static NdArray tile(Call call) {
    NdArray out = call.in(0);
    int[] repeats = dims(call.in(1));
    for (int axis = 0; axis < repeats.length; axis++) {
      int[] dims = out.dims.clone();
      dims[axis] *= repeats[axis];
      out =
          repeats[axis] == 0
              ? NdArray.zeros(out.dtype, dims)
              : Picks.joined(Collections.nCopies(repeats[axis], out), axis);
    }
    return out;
  }

  /** Puts a constant around. */
  static NdArray pad(Call call) {
    NdArray out = call.in(0);
    long[] pads = call.integers("pads", 1, 11);
    if (pads == null || !call.node().textAttribute("mode", "constant").equals("constant")) {
      throw call.refused("does not pad with a constant");
    }
    for (int axis = 0; axis < out.rank(); axis++) {
      int[] before = out.dims.clone();
      int[] after = out.dims.clone();
      before[axis] = Math.toIntExact(pads[axis]);
      after[axis] = Math.toIntExact(pads[out.rank() + axis]);
      NdArray left = NdArray.zeros(out.dtype, before);
      NdArray right = NdArray.zeros(out.dtype, after);
      Arrays.fill(left.data, call.has(2) ? call.in(2).data[0] : 0);
      Arrays.fill(right.data, call.has(2) ? call.in(2).data[0] : 0);
      out = Picks.joined(List.of(left, out, right), axis);
    }
    return out;
  }

  static NdArray shape(Call call) {
    NdArray in = call.in(0);
    if (call.type().equals("Size")) {
      return new NdArray(DType.INT64, new int[0], new double[] {in.data.length});
    }
    boolean bounded = !call.node().attributes().isEmpty();
    if (bounded && call.opset() < 15) {
      throw call.refused("has bounds");
    }
    int start = clamped(call.node().intAttribute("start", 0), in.rank());
    int end = clamped(call.node().intAttribute("end", in.rank()), in.rank());
    return NdArray.longs(Arrays.copyOfRange(in.dims, start, Math.max(start, end)));
  }

  private static int clamped(long index, int rank) {
    return Math.clamp(index < 0 ? index + rank : index, 0, rank);
  }

  static NdArray range(Call call) {
    double start = call.in(0).data[0];
    double step = call.in(2).data[0];
    int count = (int) Math.max(0, Math.ceil((call.in(1).data[0] - start) / step));
    NdArray out = NdArray.zeros(call.in(0).dtype, count);
    Arrays.setAll(out.data, i -> start + i * step);
    return out;
  }

  static NdArray constantOfShape(Call call) {
    boolean given = call.node().attributes().get("value") instanceof Attribute.TensorAttr;
    NdArray value = given ? constant(call) : NdArray.zeros(DType.FLOAT32, 1);
    NdArray out = NdArray.zeros(value.dtype, dims(call.in(0)));
    Arrays.fill(out.data, value.data[0]);
    return out;
  }

  static NdArray constant(Call call) {
    if (call.node().attributes().get("value") instanceof Attribute.TensorAttr(TensorData value)) {
      return NdArray.of(value);
    }
    throw call.refused("has no value");
  }
}

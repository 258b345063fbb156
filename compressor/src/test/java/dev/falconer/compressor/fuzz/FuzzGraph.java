package dev.falconer.compressor.fuzz;

import dev.falconer.compressor.axes.Layout;
import dev.falconer.compressor.axes.Roles;
import dev.falconer.compressor.axes.Roles.Role;
import dev.falconer.compressor.onnx.DType;
import dev.falconer.compressor.onnx.Model;
import dev.falconer.compressor.onnx.NumericTensor;
import dev.falconer.compressor.onnx.Shape;
import dev.falconer.compressor.onnx.TensorData;
import dev.falconer.compressor.onnx.ValueInfo;
import dev.falconer.compressor.onnx.ValueInfo.Dim.Fixed;
import dev.falconer.compressor.onnx.ValueInfo.Dim.Symbol;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;

/**
 * A random ranking graph, row-wise or grouped.
 *
 * @param planted whether the generator put in an operator across rows; whether a score depends on
 *     another row is for the reader to see
 */
public record FuzzGraph(long seed, Model model, Roles roles, boolean planted) {
  /** Rows of every table that ids index. */
  static final int IDS = 6;

  /** Returns the graph of a seed. */
  public static FuzzGraph of(long seed) {
    return new Generator(seed).graph();
  }

  /**
   * Returns random columns of one request: one row of the user's and the context's, the candidates'
   * rows.
   *
   * @param events of the first history
   * @param others of the second one, where it has a length of its own
   */
  public Map<String, TensorData> request(int candidates, int events, int others, Random random) {
    var request = new TreeMap<String, TensorData>();
    for (ValueInfo input : model.graph().inputs()) {
      Role role = roles.of(input.name());
      long[] lengths = new long[input.dims().size()];
      for (int i = 0; i < lengths.length; i++) {
        lengths[i] =
            i == rowAxis() && role == Role.CANDIDATE
                ? candidates
                : i == 0
                    ? 1
                    : switch (input.dims().get(i)) {
                      case Fixed(long length) -> length;
                      case Symbol(String name) -> name.startsWith("k") ? others : events;
                      case ValueInfo.Dim.Unknown _ -> throw new IllegalStateException();
                    };
      }
      request.put(input.name(), column(input, role, Shape.of(lengths), events, random));
    }
    return request;
  }

  private static NumericTensor column(
      ValueInfo input, Role role, Shape shape, int events, Random random) {
    int size = Math.toIntExact(shape.size());
    if (role == Role.LENGTH) {
      return TensorData.longs(shape, random.longs(size, events, events + 1L).toArray());
    }
    return input.dtype() == DType.INT64
        ? TensorData.longs(shape, random.longs(size, 0, IDS).toArray())
        : TensorData.doubles(shape, random.doubles(size).map(x -> 4 * x - 2).toArray());
  }

  /** Returns what the whole graph reads: the user's and the context's row for every candidate. */
  public Map<String, TensorData> rows(Map<String, TensorData> request) {
    if (rowAxis() == 1) {
      return request;
    }
    long count = candidates(request);
    var rows = new LinkedHashMap<String, TensorData>();
    request.forEach((name, tensor) ->
        rows.put(
            name,
            roles.of(name) == Role.CANDIDATE ? tensor : repeated((NumericTensor) tensor, count)));
    return rows;
  }

  /** Returns the number of candidates in a request. */
  public long candidates(Map<String, TensorData> request) {
    String column = roles.inputs(model.graph(), Role.CANDIDATE).getFirst().name();
    return request.get(column).shape().dim(rowAxis());
  }

  /** Returns the request with one of its candidates alone. */
  public Map<String, TensorData> alone(Map<String, TensorData> request, long row) {
    var alone = new LinkedHashMap<String, TensorData>();
    request.forEach((name, tensor) ->
        alone.put(
            name,
            roles.of(name) == Role.CANDIDATE
                ? row((NumericTensor) tensor, row, rowAxis())
                : tensor));
    return alone;
  }

  private static NumericTensor repeated(NumericTensor one, long count) {
    long[] dims = one.shape().dims();
    dims[0] = count;
    NumericTensor all = NumericTensor.allocate(one.dtype(), Shape.of(dims));
    long bytes = one.bytes().byteSize();
    for (long i = 0; i < count; i++) {
      all.bytes().asSlice(i * bytes, bytes).copyFrom(one.bytes());
    }
    return all;
  }

  /** Returns the candidates' axis of their columns and of the outputs; one stands before it. */
  public int rowAxis() {
    return Layout.of(model.graph(), roles).rowAxis();
  }

  /** Returns one row of a tensor along an axis that only axes of one stand before. */
  public static NumericTensor row(NumericTensor all, long row, int axis) {
    long[] dims = all.shape().dims();
    long bytes = dims[axis] == 0 ? 0 : all.bytes().byteSize() / dims[axis];
    dims[axis] = 1;
    return NumericTensor.copied(
        all.dtype(), Shape.of(dims), all.bytes().asSlice(row * bytes, bytes));
  }
}

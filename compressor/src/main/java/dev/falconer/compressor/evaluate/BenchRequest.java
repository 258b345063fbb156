package dev.falconer.compressor.evaluate;

import dev.falconer.compressor.onnx.NumericTensor;
import dev.falconer.compressor.onnx.Shape;
import dev.falconer.compressor.onnx.StringTensor;
import dev.falconer.compressor.onnx.TensorData;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;

/**
 * One user's request in a whole graph's form: history columns [1, n, ..], candidate columns [1, m,
 * ..], the others [1, ..].
 *
 * @param feeds by input name
 * @param candidateColumns names of those with a row per candidate
 */
public record BenchRequest(Map<String, TensorData> feeds, Set<String> candidateColumns) {
  /** Copies the map and checks the leading axis. */
  public BenchRequest {
    feeds = Map.copyOf(feeds);
    candidateColumns = Set.copyOf(candidateColumns);
    feeds.forEach((name, tensor) -> {
      if (tensor.shape().rank() == 0 || tensor.shape().dim(0) != 1) {
        throw new IllegalArgumentException(
            "column \"%s\" of one user is %s".formatted(name, tensor.shape()));
      }
    });
  }

  /**
   * Returns the request with n events and m candidates by repeating its own in order.
   *
   * @param historyColumns names of those with a row per event
   * @param lengthColumn name of the number of events; may be absent from the feeds
   */
  public BenchRequest resized(Set<String> historyColumns, String lengthColumn, int n, int m) {
    var resized = new HashMap<String, TensorData>();
    feeds.forEach((name, tensor) -> {
      if (candidateColumns.contains(name)) {
        resized.put(name, rows(tensor, 0, m));
      } else if (historyColumns.contains(name)) {
        resized.put(name, rows(tensor, 0, n));
      } else {
        resized.put(name, tensor);
      }
    });
    resized.computeIfPresent(lengthColumn, (_, _) -> TensorData.vector(n));
    return new BenchRequest(resized, candidateColumns);
  }

  /** Returns all but the candidates. */
  Map<String, TensorData> user() {
    var user = new HashMap<>(feeds);
    user.keySet().removeAll(candidateColumns);
    return user;
  }

  /** Returns everything with the candidates from, from+1, ... alone. */
  Map<String, TensorData> candidates(int from, int count) {
    var some = new HashMap<>(feeds);
    some.replaceAll(
        (name, tensor) -> candidateColumns.contains(name) ? rows(tensor, from, count) : tensor);
    return some;
  }

  /**
   * Returns the same as a batch of one candidate a row, in the ranks that the graph declares: all
   * else is repeated.
   */
  Map<String, TensorData> repeated(int from, int count, OrtRunner whole) {
    var batch = new HashMap<String, TensorData>();
    feeds.forEach((name, tensor) -> {
      long[] dims = tensor.shape().dims();
      dims[0] = count;
      if (candidateColumns.contains(name)) {
        boolean isFlat = whole.declared(name).length < dims.length;
        dims[1] = count;
        Shape shape =
            isFlat
                ? Shape.of(java.util.Arrays.copyOfRange(dims, 1, dims.length))
                : Shape.of(oneEach(dims, count));
        batch.put(name, reshaped(rows(tensor, from, count), shape));
      } else {
        var flat = new long[dims.length + 1];
        flat[0] = 1;
        flat[1] = 1;
        System.arraycopy(dims, 1, flat, 2, dims.length - 1);
        batch.put(name, reshaped(rows(reshaped(tensor, Shape.of(flat)), 0, count), Shape.of(dims)));
      }
    });
    return batch;
  }

  private static long[] oneEach(long[] dims, int count) {
    long[] rows = dims.clone();
    rows[0] = count;
    rows[1] = 1;
    return rows;
  }

  /**
   * Returns the feeds that a graph reads in the ranks that it declares; inputs that the request
   * lacks, the past of a state, become empty.
   */
  Map<String, TensorData> fitted(Map<String, TensorData> some, OrtRunner graph) {
    var fitted = new HashMap<String, TensorData>();
    for (String input : graph.inputNames()) {
      TensorData tensor = some.get(input);
      if (tensor != null) {
        long[] dims = tensor.shape().dims();
        boolean isFlat = graph.declared(input).length < dims.length;
        fitted.put(
            input,
            isFlat
                ? reshaped(tensor, Shape.of(java.util.Arrays.copyOfRange(dims, 1, dims.length)))
                : tensor);
      } else if (input.startsWith("past.")) {
        long[] dims = graph.declared(input);
        for (int i = 0; i < dims.length; i++) {
          dims[i] = Math.max(0, dims[i]);
        }
        fitted.put(input, TensorData.floats(Shape.of(dims)));
      }
    }
    return fitted;
  }

  /** Returns [1, count, ..]: rows from, from+1, ... of axis 1, from the start again at its end. */
  private static TensorData rows(TensorData tensor, int from, int count) {
    long[] dims = tensor.shape().dims();
    int have = (int) dims[1];
    int perRow = (int) (tensor.shape().size() / have);
    dims[1] = count;
    return switch (tensor) {
      case StringTensor strings -> {
        var values = new ArrayList<String>();
        for (int i = 0; i < count; i++) {
          int row = (from + i) % have;
          values.addAll(strings.values().subList(row * perRow, (row + 1) * perRow));
        }
        yield new StringTensor(Shape.of(dims), values);
      }
      case NumericTensor numbers -> {
        NumericTensor all = NumericTensor.allocate(numbers.dtype(), Shape.of(dims));
        long bytes = (long) perRow * numbers.dtype().bytes();
        for (int i = 0; i < count; i++) {
          all.bytes()
              .asSlice(i * bytes, bytes)
              .copyFrom(numbers.bytes().asSlice((from + i) % have * bytes, bytes));
        }
        yield all;
      }
    };
  }

  private static TensorData reshaped(TensorData tensor, Shape shape) {
    return switch (tensor) {
      case StringTensor strings -> new StringTensor(shape, strings.values());
      case NumericTensor numbers -> numbers.reshaped(shape);
    };
  }
}

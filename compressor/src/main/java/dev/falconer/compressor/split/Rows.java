package dev.falconer.compressor.split;

import dev.falconer.compressor.axes.Roles.Role;
import dev.falconer.compressor.onnx.Graph;
import dev.falconer.compressor.onnx.NumericTensor;
import dev.falconer.compressor.onnx.TensorData;
import dev.falconer.compressor.onnx.Tensors;
import dev.falconer.compressor.onnx.ValueInfo;
import dev.falconer.compressor.onnx.ValueInfo.Dim;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Cuts a user's request into what the whole graph reads. A request has one row of the user's and
 * the context's columns, and the candidates' along the layout's row axis.
 */
final class Rows {
  private final Graph whole;
  private final SplitModel split;

  Rows(Graph whole, SplitModel split) {
    this.whole = whole;
    this.split = split;
  }

  /** Returns the axis of the candidates in their columns and in the outputs. */
  int axis() {
    return split.layout().rowAxis();
  }

  /** Returns the number of candidates. */
  long count(Map<String, TensorData> request) {
    String column = split.roles().inputs(whole, Role.CANDIDATE).getFirst().name();
    return get(request, column).shape().dim(axis());
  }

  /** Returns the request with one of its candidates. */
  Map<String, TensorData> one(Map<String, TensorData> request, long row) {
    var one = new TreeMap<>(request);
    for (ValueInfo column : split.roles().inputs(whole, Role.CANDIDATE)) {
      one.put(column.name(), Tensors.slice(get(request, column.name()), axis(), row, row + 1));
    }
    return one;
  }

  /**
   * Returns what the whole graph reads: in the row-wise form the user's row beside each candidate.
   */
  Map<String, TensorData> feeds(Map<String, TensorData> request) {
    return WholeFeeds.of(whole, split.roles(), split.layout(), request);
  }

  /** Returns what a row-wise graph reads for one candidate that stands in the batch twice. */
  Map<String, TensorData> twice(Map<String, TensorData> one) {
    var pair = new TreeMap<>(one);
    for (ValueInfo column : split.roles().inputs(whole, Role.CANDIDATE)) {
      pair.put(column.name(), Tensors.repeat(get(one, column.name()), 2));
    }
    return feeds(pair);
  }

  /** Returns the request with its padded history cut to its length, as the halves read it. */
  Map<String, TensorData> trimmed(Map<String, TensorData> request) {
    List<ValueInfo> lengths = split.roles().inputs(whole, Role.LENGTH);
    if (lengths.isEmpty()) {
      return request;
    }
    long events = ((NumericTensor) get(request, lengths.getFirst().name())).longAt(0);
    var trimmed = new TreeMap<>(request);
    for (ValueInfo column : split.roles().inputs(whole, Role.USER)) {
      TensorData tensor = get(request, column.name());
      List<Dim> dims = column.dims();
      if (tensor.shape().rank() > 1
          && dims != null
          && !(dims.get(1) instanceof Dim.Fixed)
          && tensor.shape().dim(1) > events) {
        trimmed.put(column.name(), Tensors.slice(tensor, 1, 0, events));
      }
    }
    return trimmed;
  }

  static TensorData get(Map<String, TensorData> tensors, String name) {
    TensorData tensor = tensors.get(name);
    if (tensor == null) {
      throw new IllegalArgumentException(
          "no tensor \"" + name + "\"; there are " + tensors.keySet());
    }
    return tensor;
  }
}

package dev.falconer.compressor.data;

import dev.falconer.compressor.onnx.Graph;
import dev.falconer.compressor.onnx.TensorData;
import dev.falconer.compressor.onnx.Tensors;
import dev.falconer.compressor.onnx.ValueInfo;
import dev.falconer.compressor.onnx.ValueInfo.Dim;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;

/**
 * Examples of a model's inputs: most to calibrate on, the last eighth to judge on.
 *
 * @param calibration batches of inputs by name
 * @param heldOut batches that no layer is fitted to; empty when there is a single batch
 */
public record CalibrationExamples(
    List<Map<String, TensorData>> calibration, List<Map<String, TensorData>> heldOut) {
  private static final int ROWS = 64;
  private static final int HELD_OUT_OF = 8;

  /** Copies the lists. */
  public CalibrationExamples {
    calibration = List.copyOf(calibration);
    heldOut = List.copyOf(heldOut);
    if (calibration.isEmpty()) {
      throw new IllegalArgumentException("no examples to calibrate on");
    }
  }

  /** Returns the batches to judge on: those calibrated on when there is a single one. */
  public List<Map<String, TensorData>> judged() {
    return heldOut.isEmpty() ? calibration : heldOut;
  }

  /** Returns the batch of most numbers, of several the first: a bundle's requests differ. */
  public static Map<String, TensorData> largest(List<Map<String, TensorData>> batches) {
    Map<String, TensorData> largest = batches.getFirst();
    for (Map<String, TensorData> batch : batches) {
      largest = size(batch) > size(largest) ? batch : largest;
    }
    return largest;
  }

  private static long size(Map<String, TensorData> batch) {
    return batch.values().stream().mapToLong(tensor -> tensor.shape().size()).sum();
  }

  /** Returns the batches, the last eighth of them held out. */
  public static CalibrationExamples of(List<Map<String, TensorData>> batches) {
    int heldOut = batches.size() < 2 ? 0 : Math.ceilDiv(batches.size(), HELD_OUT_OF);
    int from = batches.size() - heldOut;
    return new CalibrationExamples(batches.subList(0, from), batches.subList(from, batches.size()));
  }

  /**
   * Cuts arrays with a row per example into batches: of the model's own size where that is fixed.
   *
   * @param arrays by input name, all of one number of rows
   * @throws IllegalArgumentException naming the input that is missing or does not fit
   */
  public static CalibrationExamples of(Graph graph, Map<String, TensorData> arrays) {
    long rows = -1;
    OptionalLong fixed = OptionalLong.empty();
    for (ValueInfo input : graph.inputs()) {
      TensorData array = arrays.get(input.name());
      if (array == null) {
        throw new IllegalArgumentException(
            "the examples lack input \"%s\" of the model; they hold %s"
                .formatted(input.name(), arrays.keySet()));
      }
      if (array.dtype() != input.dtype()) {
        throw new IllegalArgumentException(
            "input \"%s\" is %s, the examples hold %s"
                .formatted(input.name(), input.dtype(), array.dtype()));
      }
      if (array.shape().rank() == 0 || (rows >= 0 && array.shape().dim(0) != rows)) {
        throw new IllegalArgumentException(
            "input \"%s\" is %s, others have %d rows".formatted(input.name(), array.shape(), rows));
      }
      rows = array.shape().dim(0);
      fixed = fixed.isPresent() ? fixed : fixedBatch(input);
    }
    long batch = fixed.orElse(ROWS);
    if (rows < fixed.orElse(1)) {
      throw new IllegalArgumentException(
          "%d examples; the model takes %d at a time".formatted(rows, fixed.orElse(1)));
    }
    var batches = new ArrayList<Map<String, TensorData>>();
    for (long from = 0; from < rows; from += batch) {
      long to = Math.min(rows, from + batch);
      if (fixed.isEmpty() || to - from == batch) {
        var example = new LinkedHashMap<String, TensorData>();
        for (ValueInfo input : graph.inputs()) {
          TensorData array = java.util.Objects.requireNonNull(arrays.get(input.name()));
          example.put(input.name(), Tensors.slice(array, 0, from, to));
        }
        batches.add(example);
      }
    }
    return of(batches);
  }

  private static OptionalLong fixedBatch(ValueInfo input) {
    List<Dim> dims = input.dims();
    return dims != null && !dims.isEmpty() && dims.getFirst() instanceof Dim.Fixed(long length)
        ? OptionalLong.of(length)
        : OptionalLong.empty();
  }
}

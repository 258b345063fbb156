package dev.falconer.compressor.evaluate;

import dev.falconer.compressor.onnx.NumericTensor;
import dev.falconer.compressor.onnx.Runner;
import dev.falconer.compressor.onnx.TensorData;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * How far a model's float outputs are from another's on the same examples.
 *
 * @param relative ||other - model||^2 / ||model||^2 over all elements of an output
 * @param largest absolute difference of an element
 */
public record OutputError(double relative, double largest) {
  /**
   * Returns the errors by output.
   *
   * @param model whose outputs are right
   * @param other of the same inputs and outputs
   */
  public static Map<String, OutputError> of(
      Runner model, Runner other, List<Map<String, TensorData>> examples) {
    var sums = new LinkedHashMap<String, double[]>();
    for (Map<String, TensorData> example : examples) {
      Map<String, TensorData> right = model.run(example);
      Map<String, TensorData> got = other.run(example);
      right.forEach((name, value) -> {
        if (value instanceof NumericTensor numbers && numbers.dtype().isFloat()) {
          add(name, numbers, got.get(name), sums.computeIfAbsent(name, _ -> new double[3]));
        }
      });
    }
    var errors = new LinkedHashMap<String, OutputError>();
    sums.forEach((name, sum) ->
        errors.put(name, new OutputError(sum[0] == 0 ? 0 : sum[0] / sum[1], sum[2])));
    return errors;
  }

  private static void add(
      String name,
      NumericTensor right,
      @org.jspecify.annotations.Nullable TensorData got,
      double[] sum) {
    if (!(got instanceof NumericTensor other) || !other.shape().equals(right.shape())) {
      throw new IllegalArgumentException(
          "output \"%s\" is %s, of the other model %s"
              .formatted(name, right.shape(), got == null ? "missing" : got.shape()));
    }
    double[] x = right.toDoubles();
    double[] y = other.toDoubles();
    for (int i = 0; i < x.length; i++) {
      double difference = y[i] - x[i];
      sum[0] += difference * difference;
      sum[1] += x[i] * x[i];
      sum[2] = Double.isNaN(difference) ? Double.NaN : Math.max(sum[2], Math.abs(difference));
    }
  }
}

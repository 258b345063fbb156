package dev.falconer.compressor.evaluate;

import ai.onnxruntime.OrtException;
import dev.falconer.compressor.evaluate.OrtRunner.Prepared;
import dev.falconer.compressor.onnx.TensorData;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.LongSupplier;

/**
 * Times models on one example, turn by turn, so that a busy moment hits all of them; medians count.
 *
 * @param nanos a clock
 */
public record SideBySide(LongSupplier nanos) {
  private static final int WARM = 5;
  private static final int ROUNDS = 41;

  /** Returns the milliseconds of a call of each model. */
  public List<Double> millis(List<OrtRunner> models, Map<String, TensorData> example) {
    var times = new double[models.size()][ROUNDS];
    for (int round = -WARM; round < ROUNDS; round++) {
      for (int i = 0; i < times.length; i++) {
        double millis = once(models.get(i), example);
        if (round >= 0) {
          times[i][round] = millis;
        }
      }
    }
    return Arrays.stream(times).map(SideBySide::median).toList();
  }

  private double once(OrtRunner model, Map<String, TensorData> example) {
    Set<String> outputs = model.outputNames();
    try (Prepared prepared = model.prepare(example)) {
      long start = nanos.getAsLong();
      prepared.run(outputs).close();
      return (nanos.getAsLong() - start) / 1e6;
    } catch (OrtException e) {
      throw new IllegalArgumentException(e.getMessage(), e);
    }
  }

  private static double median(double[] times) {
    Arrays.sort(times);
    return times[times.length / 2];
  }
}

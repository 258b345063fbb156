package dev.falconer.compressor.evaluate;

import ai.onnxruntime.OrtException;
import dev.falconer.compressor.evaluate.OrtRunner.Prepared;
import dev.falconer.compressor.onnx.TensorData;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.IntUnaryOperator;
import java.util.function.LongSupplier;

/**
 * Times models on one example, turn by turn, so that a busy moment hits all of them; medians count.
 *
 * @param nanos a clock
 */
public record SideBySide(LongSupplier nanos) {
  private static final int WARM = 5;
  private static final int ROUNDS = 41;

  /** Ranks among the rounds between which a median lies with 95 %: binomial, 41 rounds. */
  private static final int LOW = 13;

  private static final int HIGH = ROUNDS - 1 - LOW;

  /**
   * A model's time.
   *
   * @param millis median of a call
   * @param speedup median over the rounds of the time of the model that it is compared with over
   *     its own; 1 for the first
   * @param low end of the speedup's 95 % interval
   * @param high end of it
   */
  public record Time(double millis, double speedup, double low, double high) {}

  /** Returns the time of each model, compared with the one before. */
  public List<Time> of(List<OrtRunner> models, Map<String, TensorData> example) {
    return of(models, example, i -> Math.max(0, i - 1));
  }

  /** Returns the time of each model, compared with the first. */
  public List<Time> againstFirst(List<OrtRunner> models, Map<String, TensorData> example) {
    return of(models, example, _ -> 0);
  }

  private List<Time> of(
      List<OrtRunner> models, Map<String, TensorData> example, IntUnaryOperator other) {
    var times = new double[models.size()][ROUNDS];
    for (int round = -WARM; round < ROUNDS; round++) {
      for (int turn = 0; turn < times.length; turn++) {
        // Every other round backwards: what stands behind a pause takes longer.
        int i = round % 2 == 0 ? turn : times.length - 1 - turn;
        double millis = once(models.get(i), example);
        if (round >= 0) {
          times[i][round] = millis;
        }
      }
    }
    var results = new ArrayList<Time>();
    for (int i = 0; i < times.length; i++) {
      var ratios = new double[ROUNDS];
      for (int round = 0; round < ROUNDS; round++) {
        ratios[round] = times[other.applyAsInt(i)][round] / times[i][round];
      }
      Arrays.sort(ratios);
      double[] sorted = times[i].clone();
      Arrays.sort(sorted);
      results.add(new Time(sorted[ROUNDS / 2], ratios[ROUNDS / 2], ratios[LOW], ratios[HIGH]));
    }
    return List.copyOf(results);
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
}

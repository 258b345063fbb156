package dev.falconer.compressor.text;

import dev.falconer.compressor.onnx.NumericTensor;
import dev.falconer.compressor.onnx.Runner;
import dev.falconer.compressor.onnx.Shape;
import dev.falconer.compressor.onnx.TensorData;
import dev.falconer.compressor.zoo.Decoder;
import java.util.Map;

/** What a model of text loses on windows of it. */
final class Perplexity {
  private static final int BATCH = 8;

  /** In nats a token, by window. */
  private final double[] losses;

  private Perplexity(double[] losses) {
    this.losses = losses;
  }

  /**
   * How much more one model loses than another.
   *
   * @param nats a token: about the share by which the perplexity is higher
   * @param error its standard error over windows, paired
   */
  record Difference(double nats, double error) {
    /** Returns whether chance explains it: less than two standard errors. */
    boolean isNoise() {
      return Math.abs(nats) < 2 * error;
    }
  }

  /**
   * Returns the perplexity of a model.
   *
   * @param windows [n, context + 1]: each token but the last is read, each but the first predicted
   */
  static Perplexity of(Runner model, NumericTensor windows) {
    int count = (int) windows.shape().dim(0);
    int context = (int) windows.shape().dim(1) - 1;
    long[] tokens = windows.toLongs();
    var losses = new double[count];
    for (int from = 0; from < count; from += BATCH) {
      int taken = Math.min(BATCH, count - from);
      var read = new long[taken * context];
      for (int i = 0; i < read.length; i++) {
        read[i] = tokens[(from + i / context) * (context + 1) + i % context];
      }
      var feed = TensorData.longs(Shape.of(taken, context), read);
      var logits = (NumericTensor) model.run(Map.of(Decoder.TOKENS, feed)).get(Decoder.LOGITS);
      float[] values = logits.toFloats();
      int vocabulary = values.length / read.length;
      for (int i = 0; i < read.length; i++) {
        int window = from + i / context;
        int next = (int) tokens[window * (context + 1) + i % context + 1];
        losses[window] += loss(values, i * vocabulary, vocabulary, next) / context;
      }
    }
    return new Perplexity(losses);
  }

  /** Returns -log softmax of one row. */
  private static double loss(float[] logits, int from, int vocabulary, int next) {
    float largest = Float.NEGATIVE_INFINITY;
    for (int i = from; i < from + vocabulary; i++) {
      largest = Math.max(largest, logits[i]);
    }
    double sum = 0;
    for (int i = from; i < from + vocabulary; i++) {
      sum += Math.exp(logits[i] - largest);
    }
    return Math.log(sum) + largest - logits[from + next];
  }

  /** Returns exp of the mean loss of a token. */
  double value() {
    return Math.exp(java.util.Arrays.stream(losses).average().orElseThrow());
  }

  /** Returns how much more this model loses on the same windows. */
  Difference over(Perplexity other) {
    int n = losses.length;
    double sum = 0;
    double squares = 0;
    for (int i = 0; i < n; i++) {
      double more = losses[i] - other.losses[i];
      sum += more;
      squares += more * more;
    }
    double mean = sum / n;
    double variance = Math.max(0, squares / n - mean * mean) * n / (n - 1);
    return new Difference(mean, Math.sqrt(variance / n));
  }
}

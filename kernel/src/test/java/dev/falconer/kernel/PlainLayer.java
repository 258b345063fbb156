package dev.falconer.kernel;

import java.util.Random;

/**
 * A transformer layer of candidates in double precision, as CandidateBlock's description has it.
 */
record PlainLayer(
    int rows,
    int width,
    int heads,
    int head,
    int tokens,
    int hidden,
    boolean isPre,
    boolean hasOwn,
    boolean hasMask,
    boolean hasBias,
    Activation activation,
    long seed) {
  static final float EPSILON = 1e-5f;
  static final float SCALE = .3f;

  int all() {
    return heads * head;
  }

  /** Returns the numbers of a tensor; which tells tensors apart. */
  float[] values(int which, int count) {
    var random = new Random(seed * 100 + which);
    var values = new float[count];
    for (int i = 0; i < count; i++) {
      values[i] = (float) random.nextGaussian() * (which >= 6 ? .3f : 1);
    }
    return values;
  }

  float[] x() {
    return values(0, rows * width);
  }

  /** Returns keys [heads, tokens, head]. */
  float[] keys() {
    return values(1, all() * tokens);
  }

  /** Returns values likewise. */
  float[] values() {
    return values(2, all() * tokens);
  }

  /** Returns [tokens], every third token hidden. */
  float[] mask() {
    float[] mask = values(3, tokens);
    for (int t = 1; t < tokens; t += 3) {
      mask[t] = Float.NEGATIVE_INFINITY;
    }
    return mask;
  }

  /** Returns the layer's results [rows, width]. */
  double[][] results() {
    float[] query = values(6, (hasOwn ? 3 : 1) * all() * width);
    float[] output = values(8, width * all());
    float[] first = values(12, hidden * width);
    float[] second = values(14, width * hidden);
    var results = new double[rows][];
    for (int r = 0; r < rows; r++) {
      double[] x = new double[width];
      for (int i = 0; i < width; i++) {
        x[i] = x()[r * width + i];
      }
      double[] q = product(query, 7, isPre ? norm(x, 4) : x);
      double[] u = sum(x, product(output, 9, attended(q)));
      u = isPre ? u : norm(u, 4);
      if (hidden > 0) {
        double[] h = product(first, 13, isPre ? norm(u, 10) : u);
        for (int i = 0; i < hidden; i++) {
          h[i] = activated(h[i]);
        }
        double[] y = sum(u, product(second, 15, h));
        u = isPre ? y : norm(y, 10);
      }
      results[r] = u;
    }
    return results;
  }

  /** Returns what queries, with own keys and values behind them, attend to. */
  double[] attended(double[] q) {
    var attended = new double[all()];
    for (int h = 0; h < heads; h++) {
      int count = tokens + (hasOwn ? 1 : 0);
      var scores = new double[count];
      double most = Double.NEGATIVE_INFINITY;
      for (int t = 0; t < count; t++) {
        for (int i = 0; i < head; i++) {
          double key = t < tokens ? keys()[(h * tokens + t) * head + i] : q[all() + h * head + i];
          scores[t] += SCALE * q[h * head + i] * key;
        }
        scores[t] += hasMask && t < tokens ? mask()[t] : 0;
        most = Math.max(most, scores[t]);
      }
      double total = 0;
      for (int t = 0; t < count; t++) {
        scores[t] = Math.exp(scores[t] - most);
        total += scores[t];
      }
      for (int t = 0; t < count; t++) {
        for (int i = 0; i < head; i++) {
          double value =
              t < tokens ? values()[(h * tokens + t) * head + i] : q[2 * all() + h * head + i];
          attended[h * head + i] += scores[t] / total * value;
        }
      }
    }
    return attended;
  }

  private double activated(double x) {
    return switch (activation) {
      case NONE -> x;
      case RELU -> Math.max(0, x);
      case GELU -> x / 2 * (1 + ScalarRows.erf(x / Math.sqrt(2)));
      case GELU_TANH -> x / 2 * (1 + Math.tanh(Math.sqrt(2 / Math.PI) * (x + .044715 * x * x * x)));
      case SILU -> x / (1 + Math.exp(-x));
      case SIGMOID -> 1 / (1 + Math.exp(-x));
      case TANH -> Math.tanh(x);
    };
  }

  private double[] norm(double[] x, int which) {
    double mean = 0;
    for (double value : x) {
      mean += value / width;
    }
    double squares = 0;
    for (double value : x) {
      squares += (value - mean) * (value - mean) / width;
    }
    float[] scale = values(which, width);
    float[] shift = values(which + 1, width);
    var result = new double[width];
    for (int i = 0; i < width; i++) {
      result[i] = (x[i] - mean) / Math.sqrt(squares + EPSILON) * scale[i];
      result[i] += hasBias ? shift[i] : 0;
    }
    return result;
  }

  private double[] product(float[] weight, int bias, double[] x) {
    int out = weight.length / x.length;
    if (bias == 9) { // own keys and values are not attended
      out = width;
    }
    float[] biases = values(bias, out);
    var y = new double[out];
    int in = weight.length / out;
    for (int o = 0; o < out; o++) {
      for (int i = 0; i < in; i++) {
        y[o] += weight[o * in + i] * x[i];
      }
      y[o] += hasBias ? biases[o] : 0;
    }
    return y;
  }

  private static double[] sum(double[] a, double[] b) {
    var sum = new double[a.length];
    for (int i = 0; i < a.length; i++) {
      sum[i] = a[i] + b[i];
    }
    return sum;
  }
}

package dev.falconer.kernel;

/**
 * Writes functions of a vector. The rational functions are those of Eigen, generic_fast_erf_float
 * and generic_fast_tanh_float: the error function within 3.4e-7, tanh within 3e-7 of itself.
 */
final class FunctionCode {
  private static final float LOG2_E = 1.442695f;

  /** Added to a number it rounds it to an integer, which then is in the lowest bits. */
  private static final float ROUND = 0x1.8p23f;

  /** Likewise; what is in the lowest bits then is a power's exponent as floats have it. */
  private static final float ROUND_POWER = ROUND + 127;

  private static final int EXPONENT = 23;
  private static final int ONE = Float.floatToRawIntBits(1);

  /** 2^f = 1 + f (..), least worst error 9.2e-8 for |f| at most 1/2, with floats 1.7e-7. */
  private static final float[] POWER = {
    1, 0.693147f, 0.24022242f, 0.055507336f, 0.009671513f, 0.0013264727f
  };

  /** e^x is a float from here on. */
  private static final float LEAST_EXPONENT = -87;

  /** Where x s(x) vanishes beside x: for erf at -4 sqrt 2, for the tanh form, for SiLU. */
  private static final float LEAST_GELU = -5.656854f;

  private static final float LEAST_GELU_TANH = -10;
  private static final float LEAST_SIGMOID = -88;

  /** Its error function, and all above, is 1. */
  private static final float MOST_ERF = 4;

  private static final float[] ERF_OVER = {
    -1.6096033e-2f,
    -2.9546e-3f,
    -7.3499064e-4f,
    -5.6925062e-5f,
    -2.101024e-6f,
    2.7706815e-8f,
    -2.7261424e-10f
  };
  private static final float[] ERF_UNDER = {
    -1.4264739e-2f, -7.3733293e-3f, -1.682827e-3f, -2.1337405e-4f, -1.45660715e-5f
  };

  /** Its tanh, and all above, is 1. */
  private static final float MOST_TANH = 7.9f;

  private static final float[] TANH_OVER = {
    4.8935246e-3f,
    6.3726195e-4f,
    1.48572235e-5f,
    5.1222973e-8f,
    -8.604672e-11f,
    2.000188e-13f,
    -2.7607684e-16f
  };
  private static final float[] TANH_UNDER = {
    4.893525e-3f, 2.2684347e-3f, 1.1853471e-4f, 1.1982584e-6f
  };

  private final VectorCode code;

  FunctionCode(VectorCode code) {
    this.code = code;
  }

  /** Pushes the activation of a variable. */
  void push(Activation activation, int x) {
    switch (activation) {
      case NONE -> code.load(x);
      case RELU -> code.load(x).whereBelow(x, 0, 0);
      case GELU -> gelu(x);
      case GELU_TANH -> geluTanh(x);
      case SILU -> {
        int share = sigmoid(x);
        code.load(x).load(share).times().whereBelow(x, LEAST_SIGMOID, 0);
      }
      case SIGMOID -> {
        int share = sigmoid(x);
        code.load(share).whereBelow(x, LEAST_SIGMOID, 0);
      }
      case TANH -> {
        int ratio = ratio(x, TANH_OVER, TANH_UNDER);
        code.load(x).load(ratio).times();
        code.whereAbove(x, MOST_TANH, 1).whereBelow(x, -MOST_TANH, -1);
      }
    }
  }

  private void gelu(int x) {
    int z = code.vector();
    code.load(x).number((float) Math.sqrt(.5)).times().store(z);
    code.load(z).whereAbove(z, MOST_ERF, MOST_ERF).store(z);
    int ratio = ratio(z, ERF_OVER, ERF_UNDER);
    code.load(z).number(.5f).times().load(ratio).number(.5f).multiplyAdd();
    code.load(x).times().whereBelow(x, LEAST_GELU, 0);
  }

  /** By x/2 (1 + tanh u) = x sigmoid(2 u). */
  private void geluTanh(int x) {
    float by = (float) Math.sqrt(8 / Math.PI);
    int u = code.vector();
    code.load(x).load(x).times().number(.044715f * by).number(by).multiplyAdd();
    code.load(x).times().store(u);
    int share = sigmoid(u);
    code.load(x).load(share).times().whereBelow(x, LEAST_GELU_TANH, 0);
  }

  /** Returns 1 / (1 + e^-x); anything where that is below 1e-38. */
  private int sigmoid(int x) {
    int y = code.vector();
    code.number(0).load(x).minus().store(y);
    code.load(y).whereBelow(y, LEAST_EXPONENT, LEAST_EXPONENT).store(y);
    exponential(y, y);
    code.number(1).load(y).number(1).plus().over().store(y);
    return y;
  }

  /** Returns a ratio of polynomials of the square, the constant first. */
  private int ratio(int x, float[] over, float[] under) {
    int square = code.vector();
    int result = code.vector();
    code.load(x).load(x).times().store(square);
    polynomial(square, over);
    polynomial(square, under);
    code.over().store(result);
    return result;
  }

  /** Pushes a polynomial, the constant first. */
  private void polynomial(int x, float[] coefficients) {
    code.number(coefficients[coefficients.length - 1]);
    for (int i = coefficients.length - 2; i >= 0; i--) {
      code.load(x).number(coefficients[i]).multiplyAdd();
    }
  }

  /** Computes e^x, x from -87 to 88.7: anything beyond; NaN of NaN. */
  private void exponential(int x, int to) {
    int rounded = code.vector();
    int part = code.vector();
    code.load(x).number(LOG2_E).number(ROUND).multiplyAdd().store(rounded);
    code.load(x).number(LOG2_E).number(ROUND).load(rounded).minus().multiplyAdd().store(part);
    polynomial(part, POWER);
    code.load(rounded).asInts().shiftLeft(EXPONENT).plusInt(ONE).asFloats().times().store(to);
  }

  /** Returns the bits that {@link #rounded(int, int)} gives a number in every lane. */
  static int rounded(float x) {
    return Float.floatToRawIntBits(x + ROUND_POWER);
  }

  /** Rounds to an integer, larger ones having larger bits. */
  void rounded(int x, int to) {
    code.load(x).number(ROUND_POWER).plus().store(to);
  }

  /** Pushes 2^x by its rounded x, up to 127: anything beyond; 0 below -126; NaN of NaN. */
  void power(int x, int rounded) {
    int part = code.vector();
    code.load(x).load(rounded).number(ROUND_POWER).minus().minus().store(part);
    polynomial(part, POWER);
    code.load(rounded).asInts().shiftLeft(EXPONENT).asFloats().times();
    code.whereBelow(rounded, ROUND_POWER - 126, 0);
  }
}

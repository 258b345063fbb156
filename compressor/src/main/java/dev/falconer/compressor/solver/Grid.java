package dev.falconer.compressor.solver;

/**
 * The values that quantised weights [out, in] can have: scale (code - zero) for codes 0 to 2^bits -
 * 1, with one scale and one zero for every output and group of consecutive inputs. Zero itself is
 * always one of them, so that a pruned weight stays zero. Scales are float32 values. Immutable.
 */
public final class Grid {
  private final int bits;
  private final int out;
  private final int in;
  private final int group;
  private final int groups;
  private final float[] scales;
  private final float[] zeros;

  /** Takes scales and zeros [groups, out] row-major, owned from now on. */
  Grid(int bits, int out, int in, int group, float[] scales, float[] zeros) {
    this.bits = bits;
    this.out = out;
    this.in = in;
    this.group = group;
    this.groups = Math.ceilDiv(in, group);
    this.scales = scales;
    this.zeros = zeros;
    if (scales.length != groups * out || zeros.length != scales.length) {
      throw new IllegalArgumentException(
          "%d scales and %d zeros for %d groups of %d outputs"
              .formatted(scales.length, zeros.length, groups, out));
    }
  }

  /**
   * Returns the grid of given scales and zeros.
   *
   * @param scales [groups, out], row-major, above 0
   * @param zeros codes of the value 0, [groups, out]
   */
  public static Grid of(int bits, int out, int in, int group, float[] scales, float[] zeros) {
    return new Grid(bits, out, in, group, scales.clone(), zeros.clone());
  }

  /** Returns the bits of a code. */
  public int bits() {
    return bits;
  }

  /** Returns the number of outputs. */
  public int rows() {
    return out;
  }

  /** Returns the number of inputs. */
  public int columns() {
    return in;
  }

  /** Returns the number of consecutive inputs that share a scale; all inputs if per output. */
  public int group() {
    return group;
  }

  /** Returns the number of groups of an output. */
  public int groups() {
    return groups;
  }

  /** Returns the scale of an output's group, above 0. */
  public float scale(int row, int ofGroup) {
    return scales[ofGroup * out + row];
  }

  /** Returns the code of the value 0 in an output's group, 0 to 2^bits - 1. */
  public int zero(int row, int ofGroup) {
    return (int) zeros[ofGroup * out + row];
  }

  /** Returns the code, 0 to 2^bits - 1, nearest to a value of a weight. */
  public int code(int row, int column, double value) {
    int at = column / group * out + row;
    double code = Math.rint(value / scales[at]) + zeros[at];
    return (int) Math.max(0, Math.min(last(), code));
  }

  /** Returns the value of a code of a weight. */
  public double value(int row, int column, int code) {
    int at = column / group * out + row;
    return (double) scales[at] * (code - zeros[at]);
  }

  /** Returns the nearest matrix [out, in] on the grid. */
  public Matrix rounded(Matrix weight) {
    if (weight.rows() != out || weight.columns() != in) {
      throw new IllegalArgumentException("a grid of [%d, %d] on %s".formatted(out, in, weight));
    }
    var values = new double[out * in];
    for (int r = 0; r < out; r++) {
      for (int c = 0; c < in; c++) {
        values[r * in + c] = value(r, c, code(r, c, weight.at(r, c)));
      }
    }
    return Matrix.over(out, in, values);
  }

  /** Returns scales [groups, out], not copied. */
  float[] scales() {
    return scales;
  }

  /** Returns zeros [groups, out], not copied. */
  float[] zeros() {
    return zeros;
  }

  /** Returns the largest code. */
  int last() {
    return (1 << bits) - 1;
  }

  /** Returns the grid of some outputs. */
  public Grid ofRows(int... rows) {
    int all = rows();
    var ownScales = new float[groups() * rows.length];
    var ownZeros = new float[ownScales.length];
    for (int g = 0; g < groups(); g++) {
      for (int r = 0; r < rows.length; r++) {
        ownScales[g * rows.length + r] = scales[g * all + rows[r]];
        ownZeros[g * rows.length + r] = zeros[g * all + rows[r]];
      }
    }
    return of(bits(), rows.length, columns(), group(), ownScales, ownZeros);
  }

  @Override
  public String toString() {
    return "grid of %d bits for [%d, %d], %d inputs a scale".formatted(bits, out, in, group);
  }
}

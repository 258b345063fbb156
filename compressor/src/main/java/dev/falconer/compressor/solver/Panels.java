package dev.falconer.compressor.solver;

/** Consecutive outputs that share k inputs: those whose squares over the panel sum highest. */
final class Panels implements Projection {
  private final int width;
  private final int k;
  private final int out;
  private final int in;
  private final TopK top = new TopK();
  private final float[] energy;
  private final float[] marks;

  Panels(int width, int k, int out, int in) {
    this.width = width;
    this.k = k;
    this.out = out;
    this.in = in;
    this.energy = new float[in];
    this.marks = new float[in];
  }

  @Override
  public void project(float[] values, float[] kept) {
    for (int left = 0; left < out; left += width) {
      int right = Math.min(out, left + width);
      for (int i = 0; i < in; i++) {
        float sum = 0;
        for (int o = i * out + left; o < i * out + right; o++) {
          sum += values[o] * values[o];
        }
        energy[i] = sum;
      }
      top.mark(energy, marks, 0, in, k);
      for (int i = 0; i < in; i++) {
        java.util.Arrays.fill(kept, i * out + left, i * out + right, marks[i]);
      }
    }
  }
}

package dev.falconer.compressor.solver;

import java.util.Arrays;

/** Consecutive outputs that share k groups of inputs: those whose squares sum highest. */
final class Panels implements Projection {
  private final int width;
  private final int group;
  private final int k;
  private final int out;
  private final int in;
  private final TopK top = new TopK();
  private final float[] energy;
  private final float[] marks;

  Panels(Pattern.Panel pattern, int out, int in) {
    this.width = pattern.width();
    this.group = pattern.group();
    this.k = pattern.keptOf(in);
    this.out = out;
    this.in = in;
    this.energy = new float[Math.ceilDiv(in, group)];
    this.marks = new float[energy.length];
  }

  @Override
  public void project(float[] values, float[] kept) {
    for (int left = 0; left < out; left += width) {
      int right = Math.min(out, left + width);
      Arrays.fill(energy, 0);
      for (int i = 0; i < in; i++) {
        float sum = 0;
        for (int o = i * out + left; o < i * out + right; o++) {
          sum += values[o] * values[o];
        }
        energy[i / group] += sum;
      }
      top.mark(energy, marks, 0, energy.length, k);
      for (int i = 0; i < in; i++) {
        Arrays.fill(kept, i * out + left, i * out + right, marks[i / group]);
      }
    }
  }
}

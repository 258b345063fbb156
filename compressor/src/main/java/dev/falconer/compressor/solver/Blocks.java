package dev.falconer.compressor.solver;

import java.util.Arrays;

/** Blocks of outputs x inputs, those of the layer whose squares sum highest. */
final class Blocks implements Projection {
  private final Pattern.Block block;
  private final int out;
  private final int across;
  private final TopK top = new TopK();
  private final float[] energy;
  private final float[] marks;

  Blocks(Pattern.Block block, int out, int in) {
    this.block = block;
    this.out = out;
    this.across = out / block.rows();
    this.energy = new float[in / block.columns() * across];
    this.marks = new float[energy.length];
  }

  @Override
  public void project(float[] values, float[] kept) {
    Arrays.fill(energy, 0);
    for (int i = 0; i < values.length; i++) {
      energy[blockOf(i)] += values[i] * values[i];
    }
    top.mark(energy, marks, 0, energy.length, block.keptOf(energy.length));
    for (int i = 0; i < values.length; i++) {
      kept[i] = marks[blockOf(i)];
    }
  }

  private int blockOf(int element) {
    return element / out / block.columns() * across + element % out / block.rows();
  }
}

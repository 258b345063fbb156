package dev.falconer.kernel.bench;

/**
 * A product's shape.
 *
 * @param m rows
 * @param k inputs
 * @param n outputs
 */
record Shape(int m, int k, int n) {
  @Override
  public String toString() {
    return "m=%d k=%d n=%d".formatted(m, k, n);
  }
}

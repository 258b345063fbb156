package dev.falconer.kernel;

import static dev.falconer.kernel.AllMemory.ALL;
import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT_UNALIGNED;

import dev.falconer.packed.PackedHeader;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/**
 * One thread's memory beside a product's tensors; it grows to what the largest product needs.
 *
 * <pre>
 * biases   float32 [panels 16]        zeros where there are none
 * rows     float32 [block, lines 16]  lines odd and >= groups: rows fall on all sets of a cache
 * results  float32 [block, 16]        of a last panel with fewer than 16 outputs
 * </pre>
 */
final class RowScratch {
  private static final int LINE = PackedHeader.BYTES;

  private MemorySegment memory = MemorySegment.NULL;
  private long rows;
  private long results;

  /** Makes room for a weight's product with blocks of so many rows; the content is arbitrary. */
  void prepare(PackedHeader weight, int block) {
    long biases = (long) LINE * weight.panels();
    long each = rowBytes(weight);
    long bytes = biases + block * (each + LINE);
    if (bytes > memory.byteSize()) {
      memory = Arena.ofAuto().allocate(bytes, LINE);
    }
    rows = memory.address() + biases;
    results = rows + block * each;
  }

  /** Returns the address of the biases, copied from an address or 0. */
  long biases(PackedHeader weight, long bias) {
    long to = memory.address();
    long own = bias == 0 ? 0 : (long) Float.BYTES * weight.out();
    copy(bias, to, own);
    zero(to + own, (long) LINE * weight.panels() - own);
    return to;
  }

  /** Returns the bytes from a copied row to the next. */
  static int rowBytes(PackedHeader weight) {
    return Math.multiplyExact(weight.groups() | 1, LINE);
  }

  /** Returns the address of rows, copied; zeros follow to a multiple of 16 inputs. */
  long rows(PackedHeader weight, long x, int xBytes, int count) {
    long own = (long) Float.BYTES * weight.in();
    int apart = rowBytes(weight);
    for (int r = 0; r < count; r++) {
      long to = rows + (long) r * apart;
      copy(x + (long) r * xBytes, to, own);
      zero(to + own, (long) LINE * weight.groups() - own);
    }
    return rows;
  }

  /** Returns the address of the last panel's results. */
  long results() {
    return results;
  }

  /** Copies the last panel's results to a tensor's rows. */
  void give(PackedHeader weight, long y, int yBytes, int count) {
    long before = (long) LINE * (weight.panels() - 1);
    long own = (long) Float.BYTES * weight.out() - before;
    for (int r = 0; r < count; r++) {
      copy(results + (long) r * LINE, y + (long) r * yBytes + before, own);
    }
  }

  private static void copy(long from, long to, long bytes) {
    MemorySegment.copy(ALL, JAVA_BYTE, from, ALL, JAVA_BYTE, to, bytes);
  }

  private static void zero(long at, long bytes) {
    for (long i = 0; i < bytes; i += Float.BYTES) {
      ALL.set(JAVA_INT_UNALIGNED, at + i, 0);
    }
  }
}

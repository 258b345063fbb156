package dev.falconer.compressor.cli;

import dev.falconer.compressor.layer.LinearLayer;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.OptionalLong;

/**
 * About how much memory a piece of work takes beyond the models.
 *
 * @param heap bytes of Java's memory
 * @param outside bytes of libtorch's
 */
record MemoryNeed(long heap, long outside) {
  /** Arrays of the weight's and of the gram's size that a solver holds at most, of 8 bytes. */
  private static final int WEIGHTS = 12;

  private static final int GRAMS = 5;

  /**
   * The same in libtorch. Source: on a layer of 1536 x 1536 alps, hassle-free-alps and gptq+cd took
   * 27 to 30 such arrays in all.
   */
  private static final int WEIGHTS_OUTSIDE = 7;

  private static final int GRAMS_OUTSIDE = 6;

  /**
   * Returns what solving takes.
   *
   * @param weights elements of the weight
   * @param grams elements of the gram
   */
  static MemoryNeed solving(long weights, long grams) {
    return new MemoryNeed(
        Double.BYTES * (WEIGHTS * weights + GRAMS * grams),
        Double.BYTES * (WEIGHTS_OUTSIDE * weights + GRAMS_OUTSIDE * grams));
  }

  /**
   * Returns what calibrating and solving take.
   *
   * @param groups of layers that are solved at once
   * @param tries how often at once each of them may be solved
   * @param threads that solve
   * @param sums bytes of a group's sums, which lie in libtorch and then in Java
   */
  static MemoryNeed compressing(List<List<LinearLayer>> groups, int tries, int threads, long sums) {
    long heap = 0;
    long outside = 0;
    for (List<LinearLayer> group : groups) {
      List<MemoryNeed> largest =
          group.stream()
              .map(layer -> solving(layer.multiplyAdds(), (long) layer.in() * layer.in()))
              .sorted(Comparator.comparingLong(MemoryNeed::heap).reversed())
              .flatMap(need -> Collections.nCopies(tries, need).stream())
              .limit(threads)
              .toList();
      heap = Math.max(heap, largest.stream().mapToLong(MemoryNeed::heap).sum());
      outside = Math.max(outside, largest.stream().mapToLong(MemoryNeed::outside).sum());
    }
    return new MemoryNeed(sums + heap, Math.max(sums, outside));
  }

  /**
   * Checks that there is so much.
   *
   * @param what needs it
   * @param heapLimit bytes that Java may take
   * @param available bytes that the machine has left, Java's limit not regarded; none if unknown
   * @throws IllegalArgumentException with what is needed, what there is, and what to do
   */
  void check(String what, long heapLimit, OptionalLong available) {
    if (heap > heapLimit) {
      throw new IllegalArgumentException(
          "%s takes about %,d MB of Java's memory, there are %,d: set FALCONER_JAVA_OPTS=-Xmx%dg"
              .formatted(what, heap >> 20, heapLimit >> 20, (heap >> 30) + 1));
    }
    long all = heap + outside;
    if (available.isPresent() && all > available.getAsLong()) {
      throw new IllegalArgumentException(
          ("%s takes about %,d MB of memory, of which %,d MB are libtorch's, and the machine or its"
                  + " control group has %,d MB left: free some, or use a larger one")
              .formatted(what, all >> 20, outside >> 20, available.getAsLong() >> 20));
    }
  }
}

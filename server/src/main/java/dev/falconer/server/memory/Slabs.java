package dev.falconer.server.memory;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicLong;

/**
 * A pool of native memory that requests borrow for their columns and scores. Sizes are powers of
 * two; a slab comes back when its request ends and is used again as it is, neither zeroed nor
 * freed.
 *
 * <p>Slabs belong to the garbage collector: one that is never closed is lost to the pool, not
 * leaked. At most {@code maxIdleBytes} are kept.
 */
public final class Slabs {
  private static final int SMALLEST_SHIFT = 14;
  private static final int CLASSES = 64 - SMALLEST_SHIFT;

  private final ConcurrentLinkedQueue<MemorySegment>[] idle;
  private final AtomicLong idleBytes = new AtomicLong();
  private final long maxIdleBytes;

  /** Creates an empty pool. */
  @SuppressWarnings({"unchecked", "rawtypes"})
  public Slabs(long maxIdleBytes) {
    this.maxIdleBytes = maxIdleBytes;
    this.idle = new ConcurrentLinkedQueue[CLASSES];
    for (int i = 0; i < CLASSES; i++) {
      idle[i] = new ConcurrentLinkedQueue<>();
    }
  }

  /** Returns a slab of at least that size, content arbitrary. The caller closes it. */
  public Slab borrow(long bytes) {
    int shift = Math.max(SMALLEST_SHIFT, 64 - Long.numberOfLeadingZeros(Math.max(bytes, 1) - 1));
    var memory = idle[shift - SMALLEST_SHIFT].poll();
    if (memory == null) {
      memory = Arena.ofAuto().allocate(1L << shift, NativeMemory.ALIGNMENT);
    } else {
      idleBytes.addAndGet(-memory.byteSize());
    }
    return new Slab(memory);
  }

  private void giveBack(MemorySegment memory) {
    if (idleBytes.addAndGet(memory.byteSize()) > maxIdleBytes) {
      idleBytes.addAndGet(-memory.byteSize());
      return;
    }
    idle[Long.numberOfTrailingZeros(memory.byteSize()) - SMALLEST_SHIFT].add(memory);
  }

  /** Memory on loan to one request. Used by one thread at a time. */
  public final class Slab implements AutoCloseable {
    private final MemorySegment memory;
    private long taken;
    private boolean closed;

    private Slab(MemorySegment memory) {
      this.memory = memory;
    }

    /** Returns the next bytes of the slab, aligned to 64. */
    public MemorySegment take(long bytes) {
      var part = memory.asSlice(taken, bytes);
      taken += NativeMemory.aligned(bytes);
      return part;
    }

    /** Gives the slab back. What was taken from it is no longer valid. */
    @Override
    public void close() {
      if (!closed) {
        closed = true;
        giveBack(memory);
      }
    }
  }
}

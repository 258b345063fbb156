package dev.falconer.server.state;

import dev.falconer.server.domain.StateSpec;
import dev.falconer.server.domain.StateTensors;
import dev.falconer.server.memory.NativeMemory;
import dev.falconer.server.memory.References;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;

/**
 * An encoded history in one block of native memory, exactly as long as its tensors need. Written
 * before anybody else sees it, never after. The cache and each request that reads it hold a
 * reference; the memory goes with the last.
 */
final class UserState {
  private final StateTensors tensors;
  private final long bytes;
  private final HistoryChain.Hash hash;
  private final References references;

  private UserState(
      StateTensors tensors, long bytes, HistoryChain.Hash hash, References references) {
    this.tensors = tensors;
    this.bytes = bytes;
    this.hash = hash;
    this.references = references;
  }

  /** Returns a state with room for that many events, content arbitrary; the caller's reference. */
  static UserState allocate(
      NativeMemory memory, List<StateSpec> layout, int events, HistoryChain.Hash hash) {
    long total = 0;
    for (var tensor : layout) {
      total = Math.addExact(total, NativeMemory.aligned(tensor.bytes(events)));
    }
    MemorySegment block = memory.allocate(total);
    var segments = new ArrayList<MemorySegment>(layout.size());
    long at = 0;
    for (var tensor : layout) {
      segments.add(block.asSlice(at, tensor.bytes(events)));
      at += NativeMemory.aligned(tensor.bytes(events));
    }
    return new UserState(
        new StateTensors(events, List.copyOf(segments)),
        total,
        hash,
        new References(() -> memory.free(block)));
  }

  StateTensors tensors() {
    return tensors;
  }

  int events() {
    return tensors.events();
  }

  long bytes() {
    return bytes;
  }

  HistoryChain.Hash hash() {
    return hash;
  }

  boolean tryRetain() {
    return references.tryRetain();
  }

  void release() {
    references.release();
  }
}

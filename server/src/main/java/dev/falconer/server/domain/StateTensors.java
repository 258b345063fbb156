package dev.falconer.server.domain;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.List;

/**
 * The tensors of a user state in the order of {@link ModelSpec#state}, in native memory aligned to
 * 64 bytes, each of exactly its size. Valid while the lease or scope that gave it is open.
 *
 * @param events history events encoded in it
 */
public record StateTensors(int events, List<MemorySegment> segments) {
  private static final long ALIGNMENT = 64;

  /** Returns memory of an arena for the state of that many events of a model. */
  public static StateTensors allocate(Arena arena, ModelSpec spec, int events) {
    return new StateTensors(
        events,
        spec.state().stream()
            .map(tensor -> arena.allocate(tensor.bytes(events), ALIGNMENT))
            .toList());
  }
}

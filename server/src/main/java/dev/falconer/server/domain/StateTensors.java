package dev.falconer.server.domain;

import java.lang.foreign.MemorySegment;
import java.util.List;

/**
 * The tensors of a user state in the order of {@link ModelSpec#state}, in native memory aligned to
 * 64 bytes, each of exactly its size. Valid while the lease or scope that gave it is open.
 *
 * @param events history events encoded in it
 */
public record StateTensors(int events, List<MemorySegment> segments) {}

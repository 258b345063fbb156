package dev.falconer.server.domain;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.List;

/** Scores of a request's candidates: float32 [m, tasks], little-endian, on the heap. */
public final class Scores {
  private final List<String> tasks;
  private final byte[] bytes;

  private Scores(List<String> tasks, byte[] bytes) {
    this.tasks = tasks;
    this.bytes = bytes;
  }

  /** Returns a copy of native scores [m, tasks]. */
  public static Scores copyOf(List<String> tasks, MemorySegment scores) {
    return new Scores(tasks, scores.toArray(ValueLayout.JAVA_BYTE));
  }

  /** Returns the names of the tasks. */
  public List<String> tasks() {
    return tasks;
  }

  /** Returns the bytes, not to be changed. */
  public byte[] bytes() {
    return bytes;
  }
}

package dev.falconer.compressor.structure;

/**
 * Says that an axis of a value is made of the groups.
 *
 * @param axis counted from the front
 */
public record Mark(int axis, Groups groups) {
  /** Returns the same groups along another axis. */
  Mark along(int other) {
    return new Mark(other, groups);
  }
}

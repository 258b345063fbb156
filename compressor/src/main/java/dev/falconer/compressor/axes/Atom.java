package dev.falconer.compressor.axes;

/**
 * The smallest piece of an axis: the candidates' rows, a history length, or an integer.
 *
 * @param length rows, {@code n}, {@code n+1}, 64, ...; never 1
 * @param row whether it counts the candidates
 * @param varies whether elements along it can differ; false where a value was only repeated
 */
public record Atom(Poly length, boolean row, boolean varies) {
  Atom with(boolean nowVaries) {
    return varies == nowVaries ? this : new Atom(length, row, nowVaries);
  }

  boolean sameLength(Atom other) {
    return row == other.row && length.equals(other.length);
  }

  @Override
  public String toString() {
    return length + (varies ? "" : "~");
  }
}

package dev.falconer.compressor.structure;

/** Says why the groups cannot be removed, by the node that is in the way. */
final class Refused extends IllegalArgumentException {
  private static final long serialVersionUID = 1;

  Refused(String reason) {
    super(reason);
  }
}

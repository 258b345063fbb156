package dev.falconer.compressor.learn;

/** A training was asked to stop and did, after a whole step. */
public final class TrainingStopped extends RuntimeException {
  private static final long serialVersionUID = 1L;

  TrainingStopped(String message) {
    super(message);
  }
}

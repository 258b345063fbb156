package dev.falconer.bundle;

/** A bundle that can't be trusted or read. The message names the file and what is wrong with it. */
public final class BundleException extends RuntimeException {
  /** Returns an exception with a message for the operator. */
  public BundleException(String message) {
    super(message);
  }

  /** Returns an exception with a message for the operator and its cause. */
  public BundleException(String message, Throwable cause) {
    super(message, cause);
  }
}

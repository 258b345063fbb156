package dev.falconer.server.engine;

/** A graph that can't be served, or that failed to run. The message names the file. */
public final class GraphException extends RuntimeException {
  /** Creates the exception with a text for the operator. */
  public GraphException(String message) {
    super(message);
  }

  /** Creates the exception with a text for the operator and its cause. */
  public GraphException(String message, Throwable cause) {
    super(message, cause);
  }
}

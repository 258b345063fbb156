package dev.falconer.compressor.data;

import java.io.IOException;

/** A log or its mapping can't be used; the message names the file, key or line and what to do. */
public final class LogException extends IOException {
  private static final long serialVersionUID = 1;

  /** Returns an exception with the message to show. */
  public LogException(String message) {
    super(message);
  }

  LogException(String message, Throwable cause) {
    super(message, cause);
  }
}

package dev.falconer.loadtest.process;

import java.util.List;

/** A started program failed; carries its exit code and last lines. */
public final class ChildException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final int code;

  /** Says which command ended with which code, and what it wrote last. */
  public ChildException(String command, int code, List<String> lastLines) {
    super("'%s' ended with code %d:%n%s".formatted(command, code, String.join("\n", lastLines)));
    this.code = code;
  }

  /** Returns the exit code. */
  public int code() {
    return code;
  }
}

package dev.falconer.server.domain;

/** A request that ends without an answer: a closed code, and a text for whoever sent it. */
public final class RequestException extends RuntimeException {
  private final ErrorCode code;

  /** Creates the failure. No stack trace: the text says what is wrong with the request. */
  public RequestException(ErrorCode code, String message) {
    super(message, null, false, false);
    this.code = code;
  }

  /** Creates the failure with its cause. */
  public RequestException(ErrorCode code, String message, Throwable cause) {
    super(message, cause);
    this.code = code;
  }

  /** Returns the failure of a request that cannot succeed as sent. */
  public static RequestException invalid(String message) {
    return new RequestException(ErrorCode.INVALID_REQUEST, message);
  }

  /** Returns what kind of failure this is. */
  public ErrorCode code() {
    return code;
  }

  /** Returns the text for the client. */
  public String text() {
    return String.valueOf(getMessage());
  }
}

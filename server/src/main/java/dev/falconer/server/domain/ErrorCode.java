package dev.falconer.server.domain;

/** Every way in which a request can fail. */
public enum ErrorCode {
  /** The request itself is wrong; sending it again cannot help. */
  INVALID_REQUEST,
  /** No such model, or not in this version. */
  UNKNOWN_MODEL,
  /** More requests at once than the server takes. */
  OVERLOADED,
  /** The message is longer than the server takes. */
  TOO_LARGE,
  /** The deadline passed before the answer was ready. */
  DEADLINE_PASSED,
  /** The client went away. */
  CANCELLED,
  /** The server is stopping; another one will answer. */
  STOPPING,
  /** The model failed on a request that fits its inputs. */
  MODEL_FAILED
}

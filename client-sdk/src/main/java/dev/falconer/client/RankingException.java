package dev.falconer.client;

import io.grpc.Status;
import io.grpc.StatusRuntimeException;

/**
 * A call that gave no answer. The code says who must act: INVALID_ARGUMENT and NOT_FOUND the
 * caller, RESOURCE_EXHAUSTED (overload, or a message over the limit) and DEADLINE_EXCEEDED whoever
 * sizes the service, UNAVAILABLE whoever runs it; retries have been made by then.
 */
public final class RankingException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final Status.Code code;

  RankingException(Status.Code code, String message, Throwable cause) {
    super(message, cause);
    this.code = code;
  }

  RankingException(Status.Code code, String message) {
    super(message);
    this.code = code;
  }

  static RankingException of(String target, StatusRuntimeException failure) {
    var status = failure.getStatus();
    var description = status.getDescription();
    return new RankingException(
        status.getCode(),
        "%s from %s: %s"
            .formatted(
                status.getCode(), target, description == null ? "no description" : description),
        failure);
  }

  /** Returns the gRPC status code. */
  public Status.Code code() {
    return code;
  }
}

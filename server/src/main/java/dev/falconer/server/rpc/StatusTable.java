package dev.falconer.server.rpc;

import dev.falconer.server.domain.ErrorCode;
import io.grpc.Status;

/** The one place where failures become gRPC statuses. */
final class StatusTable {
  private StatusTable() {}

  static Status.Code code(ErrorCode code) {
    return switch (code) {
      case INVALID_REQUEST -> Status.Code.INVALID_ARGUMENT;
      case UNKNOWN_MODEL -> Status.Code.NOT_FOUND;
      case OVERLOADED, TOO_LARGE -> Status.Code.RESOURCE_EXHAUSTED;
      case DEADLINE_PASSED -> Status.Code.DEADLINE_EXCEEDED;
      case CANCELLED -> Status.Code.CANCELLED;
      case STOPPING -> Status.Code.UNAVAILABLE;
      case MODEL_FAILED -> Status.Code.INTERNAL;
    };
  }
}

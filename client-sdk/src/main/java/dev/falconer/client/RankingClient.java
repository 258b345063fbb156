package dev.falconer.client;

import com.google.protobuf.MessageLite;
import dev.falconer.v1.RankingGrpc;
import dev.falconer.v1.WarmReply;
import io.grpc.CallOptions;
import io.grpc.ManagedChannel;
import io.grpc.MethodDescriptor;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.ClientCalls;
import io.grpc.stub.StreamObserver;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;

/**
 * A client of one ranking server, or of all behind one name. Immutable, safe for many threads; make
 * one and keep it: it holds the connection.
 *
 * <pre>{@code
 * try (var client = RankingClient.builder("localhost:8001").build()) {
 *   Ranking slate = client.rank(request);
 *   long best = slate.longItemIds()[0];
 * }
 * }</pre>
 *
 * <p>Every call has a deadline, and UNAVAILABLE alone is retried, with backoff, inside that
 * deadline; ranking changes nothing that a second attempt could spoil. Failures are {@link
 * RankingException}s.
 */
public final class RankingClient implements AutoCloseable {
  private static final Duration CLOSE_GRACE = Duration.ofSeconds(5);

  private final String target;
  private final ManagedChannel channel;
  private final EventLoop eventLoop;
  private final Duration deadline;
  private final int maxMessageBytes;
  private final Reconnect reconnect;

  RankingClient(
      String target,
      ManagedChannel channel,
      EventLoop eventLoop,
      Duration deadline,
      int maxMessageBytes,
      Reconnect reconnect) {
    this.target = target;
    this.channel = channel;
    this.eventLoop = eventLoop;
    this.deadline = deadline;
    this.maxMessageBytes = maxMessageBytes;
    this.reconnect = reconnect;
  }

  /** Returns a builder of a client of {@code host:port} or any gRPC target ("dns:///..."). */
  public static RankingClientBuilder builder(String target) {
    return new RankingClientBuilder(target);
  }

  /** Returns the slate, within the client's deadline. */
  public Ranking rank(RankingRequest request) {
    return rank(request, deadline);
  }

  /** Returns the slate, within the deadline given. */
  public Ranking rank(RankingRequest request, Duration within) {
    var reply = block(RankingGrpc.getRankMethod(), request.toProto(), within);
    return new Ranking(reply, request.candidates());
  }

  /** Returns the slate to come; cancelling the future cancels the call. */
  public CompletableFuture<Ranking> rankAsync(RankingRequest request) {
    return rankAsync(request, deadline);
  }

  /** Returns the slate to come, within the deadline given. */
  public CompletableFuture<Ranking> rankAsync(RankingRequest request, Duration within) {
    return start(
        RankingGrpc.getRankMethod(),
        request.toProto(),
        within,
        reply -> new Ranking(reply, request.candidates()));
  }

  /**
   * Encodes the user's history ahead of the ranking call, while the candidates are still being
   * retrieved. Of the request it reads model, version, user and history.
   */
  public Warmed warm(RankingRequest request) {
    return warmed(block(RankingGrpc.getWarmMethod(), request.toWarmProto(), deadline));
  }

  /** Encodes the user's history ahead of the ranking call, as {@link #warm}. */
  public CompletableFuture<Warmed> warmAsync(RankingRequest request) {
    return start(
        RankingGrpc.getWarmMethod(), request.toWarmProto(), deadline, RankingClient::warmed);
  }

  /** Lets calls in flight end, for at most five seconds, and closes the connection. */
  @Override
  public void close() {
    channel.shutdown();
    try {
      if (!channel.awaitTermination(CLOSE_GRACE.toMillis(), TimeUnit.MILLISECONDS)) {
        channel.shutdownNow();
      }
    } catch (InterruptedException _) {
      channel.shutdownNow();
      Thread.currentThread().interrupt();
    } finally {
      eventLoop.close();
    }
  }

  private <Q extends MessageLite, R> R block(
      MethodDescriptor<Q, R> method, Q request, Duration within) {
    checkSize(request);
    // Answered on the connection's thread, which wakes the caller once, at the end.
    var options = options(within).withExecutor(Runnable::run);
    var reply = ClientCalls.futureUnaryCall(channel.newCall(method, options), request);
    try {
      return reply.get();
    } catch (InterruptedException e) {
      reply.cancel(true);
      Thread.currentThread().interrupt();
      throw failed(
          Status.CANCELLED.withDescription("interrupted").withCause(e).asRuntimeException());
    } catch (ExecutionException e) {
      throw failed(Status.fromThrowable(e.getCause()).asRuntimeException());
    }
  }

  private <Q extends MessageLite, R, T> CompletableFuture<T> start(
      MethodDescriptor<Q, R> method, Q request, Duration within, Function<R, T> answer) {
    var future = new CompletableFuture<T>();
    try {
      checkSize(request);
    } catch (RankingException tooLarge) {
      future.completeExceptionally(tooLarge);
      return future;
    }
    var call = channel.newCall(method, options(within));
    var _ =
        future.whenComplete((_, _) -> {
          if (future.isCancelled()) {
            call.cancel("cancelled by the caller", null);
          }
        });
    ClientCalls.asyncUnaryCall(call, request, new Completing<>(future, answer));
    return future;
  }

  /** Completes a future with a unary call's reply. */
  private final class Completing<R, T> implements StreamObserver<R> {
    private final CompletableFuture<T> future;
    private final Function<R, T> answer;

    Completing(CompletableFuture<T> future, Function<R, T> answer) {
      this.future = future;
      this.answer = answer;
    }

    @Override
    public void onNext(R reply) {
      try {
        future.complete(answer.apply(reply));
      } catch (RankingException malformed) {
        future.completeExceptionally(malformed);
      }
    }

    @Override
    public void onError(Throwable failure) {
      future.completeExceptionally(failed(Status.fromThrowable(failure).asRuntimeException()));
    }

    @Override
    public void onCompleted() {
      // A unary call that ends without a reply comes to onError.
    }
  }

  private RankingException failed(StatusRuntimeException failure) {
    if (failure.getStatus().getCode() == Status.Code.UNAVAILABLE) {
      reconnect.soon(channel);
    }
    return RankingException.of(target, failure);
  }

  private static CallOptions options(Duration within) {
    return CallOptions.DEFAULT.withDeadlineAfter(within.toNanos(), TimeUnit.NANOSECONDS);
  }

  private void checkSize(MessageLite request) {
    if (request.getSerializedSize() > maxMessageBytes) {
      throw new RankingException(
          Status.Code.RESOURCE_EXHAUSTED,
          "the request takes %d bytes, the limit is %d: raise maxMessageBytes here and the server's limit, or send ids instead of features"
              .formatted(request.getSerializedSize(), maxMessageBytes));
    }
  }

  private static Warmed warmed(WarmReply reply) {
    return new Warmed(
        reply.getVersion(),
        Ranking.State.of(reply.getState()),
        reply.getStateReason(),
        reply.getStateBytes(),
        Ranking.Micros.of(reply.getMicros()));
  }
}

package dev.falconer.client;

import com.google.protobuf.ByteString;
import dev.falconer.v1.RankReply;
import dev.falconer.v1.RankRequest;
import dev.falconer.v1.RankingGrpc;
import dev.falconer.v1.StateOutcome;
import dev.falconer.v1.Timings;
import dev.falconer.v1.WarmReply;
import dev.falconer.v1.WarmRequest;
import io.grpc.Server;
import io.grpc.Status;
import io.grpc.netty.shaded.io.grpc.netty.NettyServerBuilder;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;

/** A ranking server on a real port that scores candidate i with i / 8 and fails as told. */
final class FakeRanking extends RankingGrpc.RankingImplBase implements AutoCloseable {
  final Queue<RankRequest> ranked = new ConcurrentLinkedQueue<>();
  final Queue<WarmRequest> warmed = new ConcurrentLinkedQueue<>();
  final Queue<Status> failures = new ConcurrentLinkedQueue<>();
  final CountDownLatch arrived = new CountDownLatch(1);
  final CountDownLatch cancelled = new CountDownLatch(1);
  volatile boolean silent;
  volatile int candidates = 3;

  private final Server server;

  FakeRanking() throws IOException {
    this(0);
  }

  FakeRanking(int port) throws IOException {
    server =
        NettyServerBuilder.forPort(port)
            .maxInboundMessageSize(16 << 20)
            .addService(this)
            .build()
            .start();
  }

  int port() {
    return server.getPort();
  }

  String target() {
    return "localhost:" + port();
  }

  @Override
  public void rank(RankRequest request, StreamObserver<RankReply> observer) {
    ranked.add(request);
    ((ServerCallStreamObserver<RankReply>) observer).setOnCancelHandler(cancelled::countDown);
    arrived.countDown();
    if (silent) {
      return;
    }
    var failure = failures.poll();
    if (failure != null) {
      observer.onError(failure.asRuntimeException());
      return;
    }
    observer.onNext(reply(request));
    observer.onCompleted();
  }

  @Override
  public void warm(WarmRequest request, StreamObserver<WarmReply> observer) {
    warmed.add(request);
    observer.onNext(
        WarmReply.newBuilder()
            .setVersion("3")
            .setState(StateOutcome.EXTEND)
            .setStateReason("2 new events")
            .setStateBytes(4096)
            .build());
    observer.onCompleted();
  }

  private RankReply reply(RankRequest request) {
    var scores = ByteBuffer.allocate(candidates * 2 * 4).order(ByteOrder.LITTLE_ENDIAN);
    for (int i = 0; i < candidates; i++) {
      scores.putFloat(i / 8f).putFloat(1 - i / 8f);
    }
    return RankReply.newBuilder()
        .setVersion("3")
        .addAllTasks(List.of("click", "like"))
        .setScores(ByteString.copyFrom(scores.flip()))
        .addAllOrder(List.of(2, 0))
        .addAllValues(List.of(.25f, 0f))
        .setInt64Ids(request.getInt64Ids())
        .setState(StateOutcome.HIT)
        .setStateReason("same history")
        .setMicros(Timings.newBuilder().setDecode(1).setState(2).setScore(3).setTotal(7))
        .build();
  }

  @Override
  public void close() {
    server.shutdownNow();
    try {
      server.awaitTermination();
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted while the fake server stopped", interrupted);
    }
  }
}

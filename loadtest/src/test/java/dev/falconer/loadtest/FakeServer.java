package dev.falconer.loadtest;

import com.google.protobuf.ByteString;
import dev.falconer.v1.Column;
import dev.falconer.v1.DataType;
import dev.falconer.v1.Mode;
import dev.falconer.v1.RankReply;
import dev.falconer.v1.RankRequest;
import dev.falconer.v1.RankingGrpc;
import dev.falconer.v1.StateOutcome;
import dev.falconer.v1.Timings;
import io.grpc.Server;
import io.grpc.Status;
import io.grpc.netty.shaded.io.grpc.netty.NettyServerBuilder;
import io.grpc.stub.StreamObserver;
import java.io.IOException;
import java.nio.ByteOrder;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.function.Predicate;

/** A server that answers at once, tells states by the history's bytes, and refuses as told. */
public final class FakeServer extends RankingGrpc.RankingImplBase implements AutoCloseable {
  /** A deadline that a busy machine keeps. */
  public static final Duration PATIENT = Duration.ofMinutes(1);

  private final Map<String, ByteString> histories = new ConcurrentHashMap<>();
  private final Queue<RankRequest> requests = new ConcurrentLinkedQueue<>();
  private final Predicate<RankRequest> refused;
  private final Server server;

  /** Starts on a free port; refused requests are answered RESOURCE_EXHAUSTED. */
  public FakeServer(Predicate<RankRequest> refused) throws IOException {
    this.refused = refused;
    this.server =
        NettyServerBuilder.forPort(0)
            .maxInboundMessageSize(16 << 20)
            .addService(this)
            .build()
            .start();
  }

  /** Returns where it listens. */
  public String target() {
    return "localhost:" + server.getPort();
  }

  /** Returns the requests in the order they came. */
  public List<RankRequest> requests() {
    return List.copyOf(requests);
  }

  @Override
  public void rank(RankRequest request, StreamObserver<RankReply> observer) {
    requests.add(request);
    if (refused.test(request)) {
      observer.onError(Status.RESOURCE_EXHAUSTED.asRuntimeException());
      return;
    }
    int m = rows(request.getCandidate(0));
    var reply =
        RankReply.newBuilder()
            .setVersion("1")
            .addTasks("click")
            .setScores(ByteString.copyFrom(new byte[4 * m]))
            .setState(outcome(request))
            .setMicros(
                Timings.newBuilder()
                    .setDecode(5)
                    .setState(20)
                    .setEncode(15)
                    .setScore(30)
                    .setTotal(60));
    int slate = request.getTopK() == 0 ? m : Math.min(m, request.getTopK());
    for (int i = 0; i < slate; i++) {
      reply.addOrder(i).addValues(0);
    }
    switch (request.getItemIdsCase()) {
      case INT64_IDS -> reply.setInt64Ids(request.getInt64Ids());
      case STRING_IDS -> reply.setStringIds(request.getStringIds());
      case ITEMIDS_NOT_SET -> {}
    }
    observer.onNext(reply.build());
    observer.onCompleted();
  }

  private StateOutcome outcome(RankRequest request) {
    if (request.getMode() != Mode.CACHE) {
      return request.getMode() == Mode.WHOLE ? StateOutcome.NO_STATE : StateOutcome.BYPASSED;
    }
    var history = request.getHistory(0).getData();
    var before = histories.put(request.getUserKey(), history);
    if (before == null || !history.startsWith(before)) {
      return StateOutcome.MISS;
    }
    return history.equals(before) ? StateOutcome.HIT : StateOutcome.EXTEND;
  }

  private static int rows(Column column) {
    if (column.getDtype() != DataType.STRING) {
      return column.getData().size() / Long.BYTES;
    }
    var bytes = column.getData().asReadOnlyByteBuffer().order(ByteOrder.LITTLE_ENDIAN);
    int rows = 0;
    while (bytes.hasRemaining()) {
      int length = bytes.getInt();
      bytes.position(bytes.position() + length);
      rows++;
    }
    return rows;
  }

  @Override
  public void close() {
    server.shutdownNow();
  }
}

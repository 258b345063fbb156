package dev.falconer.server.rpc;

import dev.falconer.v1.RankingGrpc;
import io.grpc.Server;
import io.grpc.health.v1.HealthCheckResponse.ServingStatus;
import io.grpc.netty.shaded.io.grpc.netty.NettyServerBuilder;
import io.grpc.protobuf.services.HealthStatusManager;
import io.grpc.protobuf.services.ProtoReflectionServiceV1;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.TimeUnit;

/** The listening port with the ranking, health and reflection services. */
public final class GrpcServer {
  /** A call that a client began before it heard of the shutdown arrives within a few of these. */
  private static final int QUIET_CHECKS = 10;

  private static final long CHECK_MILLIS = 10;

  private final RankingService ranking;
  private final HealthStatusManager health = new HealthStatusManager();
  private final Server server;

  /** Starts listening on the port, 0 for any. Requests must be answerable from now on. */
  public GrpcServer(int port, int maxMessageBytes, RankingService ranking) throws IOException {
    this.ranking = ranking;
    server =
        NettyServerBuilder.forPort(port)
            .maxInboundMessageSize(maxMessageBytes)
            // Handlers hand over to the pool, or answer in a moment: a thread in between would cost
            // more than they do.
            .directExecutor()
            .permitKeepAliveTime(10, TimeUnit.SECONDS)
            .permitKeepAliveWithoutCalls(true)
            .addService(ranking.bind())
            .addService(health.getHealthService())
            .addService(ProtoReflectionServiceV1.newInstance())
            .build()
            .start();
    health.setStatus(HealthStatusManager.SERVICE_NAME_ALL_SERVICES, ServingStatus.SERVING);
    health.setStatus(RankingGrpc.SERVICE_NAME, ServingStatus.SERVING);
  }

  /** Returns the port it listens on. */
  public int port() {
    return server.getPort();
  }

  /**
   * Says NOT_SERVING at once, takes no new calls, and waits for the ranking calls in flight.
   * Returns whether all ended in time; those that didn't are cancelled. Streams that never end by
   * themselves, health watches above all, are not waited for.
   */
  public boolean drain(Duration timeout) throws InterruptedException {
    health.enterTerminalState();
    server.shutdown();
    long end = System.nanoTime() + timeout.toNanos();
    int quietChecks = 0;
    while (quietChecks < QUIET_CHECKS && System.nanoTime() < end) {
      if (server.awaitTermination(CHECK_MILLIS, TimeUnit.MILLISECONDS)) {
        return true;
      }
      quietChecks = ranking.openCalls() == 0 ? quietChecks + 1 : 0;
    }
    boolean ended = ranking.openCalls() == 0;
    server.shutdownNow();
    server.awaitTermination(1, TimeUnit.SECONDS);
    return ended;
  }
}

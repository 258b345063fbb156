package dev.falconer.server.rpc;

import dev.falconer.v1.RankingGrpc;
import io.grpc.Server;
import io.grpc.ServerServiceDefinition;
import io.grpc.health.v1.HealthCheckResponse.ServingStatus;
import io.grpc.netty.shaded.io.grpc.netty.NettyServerBuilder;
import io.grpc.protobuf.services.HealthStatusManager;
import io.grpc.protobuf.services.ProtoReflectionServiceV1;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.TimeUnit;

/** The listening port with the ranking, health and reflection services. */
public final class GrpcServer {
  private final HealthStatusManager health = new HealthStatusManager();
  private final Server server;

  /** Starts listening on the port, 0 for any. Requests must be answerable from now on. */
  public GrpcServer(int port, int maxMessageBytes, RankingService ranking) throws IOException {
    ServerServiceDefinition service = ranking.bind();
    server =
        NettyServerBuilder.forPort(port)
            .maxInboundMessageSize(maxMessageBytes)
            // Handlers only hand over to the pool: a thread in between would cost more than it
            // does.
            .directExecutor()
            .addService(service)
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
   * Says NOT_SERVING at once, takes no new calls, and waits for those in flight. Returns whether
   * all ended in time; those that didn't are cancelled.
   */
  public boolean drain(Duration timeout) throws InterruptedException {
    health.enterTerminalState();
    server.shutdown();
    boolean ended = server.awaitTermination(timeout.toNanos(), TimeUnit.NANOSECONDS);
    if (!ended) {
      server.shutdownNow();
    }
    return ended;
  }
}

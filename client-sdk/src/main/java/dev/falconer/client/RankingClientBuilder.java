package dev.falconer.client;

import dev.falconer.v1.RankingGrpc;
import io.grpc.ChannelCredentials;
import io.grpc.InsecureChannelCredentials;
import io.grpc.TlsChannelCredentials;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** Collects the settings of a {@link RankingClient}. */
public final class RankingClientBuilder {
  private static final int MEBIBYTE = 1 << 20;

  private final String target;
  private ChannelCredentials credentials = InsecureChannelCredentials.create();
  private Duration deadline = Duration.ofSeconds(1);
  private int maxMessageBytes = 16 * MEBIBYTE;
  private int maxAttempts = 4;
  private Duration keepAlive = Duration.ofMinutes(2);

  RankingClientBuilder(String target) {
    this.target = target;
  }

  /** Talks in plain text: the default. */
  public RankingClientBuilder plaintext() {
    credentials = InsecureChannelCredentials.create();
    return this;
  }

  /** Talks TLS and trusts the platform's certificates. */
  public RankingClientBuilder tls() {
    credentials = TlsChannelCredentials.create();
    return this;
  }

  /** Talks TLS and trusts the certificates of a PEM file. */
  public RankingClientBuilder tls(Path trustedCertificates) throws IOException {
    credentials =
        TlsChannelCredentials.newBuilder().trustManager(trustedCertificates.toFile()).build();
    return this;
  }

  /** Sets the deadline of calls that give none; 1 second without it. */
  public RankingClientBuilder deadline(Duration deadline) {
    this.deadline = positive("deadline", deadline);
    return this;
  }

  /** Sets the most bytes of a request and of a reply; 16 MiB without it. */
  public RankingClientBuilder maxMessageBytes(int bytes) {
    if (bytes < 1) {
      throw new IllegalArgumentException("maxMessageBytes is %d".formatted(bytes));
    }
    this.maxMessageBytes = bytes;
    return this;
  }

  /**
   * Sets how often a call is tried at most when the answer is UNAVAILABLE: 1 to 5, 4 without it.
   * When many calls fail, retries stop until enough succeed again.
   */
  public RankingClientBuilder maxAttempts(int attempts) {
    if (attempts < 1 || attempts > 5) {
      throw new IllegalArgumentException("maxAttempts is %d; 1 to 5".formatted(attempts));
    }
    this.maxAttempts = attempts;
    return this;
  }

  /** Sets after how long without a byte a waiting call probes the connection; 2 minutes. */
  public RankingClientBuilder keepAlive(Duration time) {
    this.keepAlive = positive("keepAlive", time);
    return this;
  }

  /** Returns the client; it connects with the first call. */
  public RankingClient build() {
    var eventLoop = new EventLoop();
    var builder =
        NettyChannelBuilder.forTarget(target, credentials)
            .maxInboundMessageSize(maxMessageBytes)
            .keepAliveTime(keepAlive.toNanos(), TimeUnit.NANOSECONDS)
            // A request larger than this is not kept for a second attempt.
            .perRpcBufferLimit(maxMessageBytes)
            .retryBufferSize(4L * maxMessageBytes);
    eventLoop.install(builder);
    if (maxAttempts > 1) {
      builder.enableRetry().defaultServiceConfig(serviceConfig(maxAttempts));
    } else {
      builder.disableRetry();
    }
    return new RankingClient(
        target,
        builder.build(),
        eventLoop,
        deadline,
        maxMessageBytes,
        new Reconnect(System::nanoTime));
  }

  /** gRPC's service config, as JSON values: retries of UNAVAILABLE only, throttled. */
  private static Map<String, Object> serviceConfig(int maxAttempts) {
    return Map.of(
        "methodConfig",
        List.of(
            Map.of(
                "name",
                List.of(Map.of("service", RankingGrpc.SERVICE_NAME)),
                "retryPolicy",
                Map.of(
                    "maxAttempts",
                    (double) maxAttempts,
                    "initialBackoff",
                    "0.02s",
                    "maxBackoff",
                    "0.5s",
                    "backoffMultiplier",
                    2.0,
                    "retryableStatusCodes",
                    List.of("UNAVAILABLE")))),
        "retryThrottling",
        Map.of("maxTokens", 20.0, "tokenRatio", 0.1));
  }

  private static Duration positive(String name, Duration duration) {
    if (duration.isNegative() || duration.isZero()) {
      throw new IllegalArgumentException("%s is %s".formatted(name, duration));
    }
    return duration;
  }
}

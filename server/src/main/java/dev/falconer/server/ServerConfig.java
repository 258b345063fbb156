package dev.falconer.server;

import java.nio.file.Path;
import java.time.Duration;
import java.util.OptionalInt;

/**
 * How a server runs. {@link #of} gives the defaults.
 *
 * @param grpcPort 0 for any
 * @param metricsPort 0 for any, -1 for none
 * @param repositoryPoll how often to look for new versions; zero for never
 * @param threads that compute, at most one ONNX Runtime run each
 * @param stateCacheBytes of user states kept
 * @param stateExpiry after which a state that wasn't written again is dropped
 * @param variants which of them are served
 * @param microBatch candidates per call, instead of the manifest's
 * @param maxMessageBytes of a request
 * @param maxCandidates of a request
 * @param maxConcurrent requests queued or running
 * @param exitTimeout for requests in flight when the server stops
 */
public record ServerConfig(
    Path modelRepository,
    int grpcPort,
    int metricsPort,
    Duration repositoryPoll,
    int threads,
    long stateCacheBytes,
    Duration stateExpiry,
    VariantConfig variants,
    OptionalInt microBatch,
    int maxMessageBytes,
    int maxCandidates,
    int maxConcurrent,
    Duration exitTimeout) {
  /** Checks the ranges; the message names the flag. */
  public ServerConfig {
    modelRepository = modelRepository.toAbsolutePath().normalize();
    require(grpcPort >= 0 && grpcPort <= 65535, "--grpc-port", grpcPort, "0 to 65535");
    require(
        metricsPort >= -1 && metricsPort <= 65535, "--metrics-port", metricsPort, "-1 to 65535");
    require(!repositoryPoll.isNegative(), "--repository-poll-secs", repositoryPoll, "at least 0");
    require(threads >= 1, "--threads", threads, "at least 1");
    require(stateCacheBytes >= 0, "--state-cache-bytes", stateCacheBytes, "at least 0");
    require(stateExpiry.isPositive(), "--state-expiry-secs", stateExpiry, "at least 1");
    require(microBatch.orElse(1) >= 1, "--micro-batch", microBatch, "at least 1");
    require(maxMessageBytes >= 1024, "--max-message-bytes", maxMessageBytes, "at least 1024");
    require(maxCandidates >= 1, "--max-candidates", maxCandidates, "at least 1");
    require(maxConcurrent >= 1, "--max-concurrent", maxConcurrent, "at least 1");
    require(!exitTimeout.isNegative(), "--exit-timeout-secs", exitTimeout, "at least 0");
  }

  private static void require(boolean holds, String flag, Object got, String want) {
    if (!holds) {
      throw new IllegalArgumentException(flag + ": got " + got + ", want " + want);
    }
  }

  /** Returns the defaults for a repository; the state cache takes a quarter of the memory. */
  public static ServerConfig of(Path modelRepository) {
    return new ServerConfig(
        modelRepository,
        8001,
        8002,
        Duration.ZERO,
        Runtime.getRuntime().availableProcessors(),
        PhysicalMemory.bytes() / 4,
        Duration.ofHours(1),
        VariantConfig.of(System.getenv()),
        OptionalInt.empty(),
        16 << 20,
        4096,
        512,
        Duration.ofSeconds(30));
  }

  /** Returns these with other variants. */
  public ServerConfig withVariants(VariantConfig other) {
    return new ServerConfig(
        modelRepository,
        grpcPort,
        metricsPort,
        repositoryPoll,
        threads,
        stateCacheBytes,
        stateExpiry,
        other,
        microBatch,
        maxMessageBytes,
        maxCandidates,
        maxConcurrent,
        exitTimeout);
  }

  /** Returns these with other ports. */
  public ServerConfig withPorts(int grpc, int metrics) {
    return new ServerConfig(
        modelRepository,
        grpc,
        metrics,
        repositoryPoll,
        threads,
        stateCacheBytes,
        stateExpiry,
        variants,
        microBatch,
        maxMessageBytes,
        maxCandidates,
        maxConcurrent,
        exitTimeout);
  }
}

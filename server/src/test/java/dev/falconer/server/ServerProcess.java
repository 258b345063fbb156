package dev.falconer.server;

import dev.falconer.server.fixture.MetricsReader;
import io.grpc.ManagedChannel;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;

/** The program {@code falconer serve} in a process of its own. */
final class ServerProcess implements AutoCloseable {
  private final Process process;
  private final ManagedChannel channel;
  private final int metricsPort;

  ServerProcess(Path repository) throws IOException {
    var builder =
        new ProcessBuilder(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "-Xss16m",
            "--enable-native-access=ALL-UNNAMED",
            "--add-modules=jdk.incubator.vector",
            Main.class.getName(),
            "serve",
            "--model-repository",
            repository.toString(),
            "--grpc-port",
            "0",
            "--metrics-port",
            "0");
    builder.environment().put("CLASSPATH", System.getProperty("java.class.path"));
    builder.environment().put("ORT_DISABLE_TELEMETRY", "1");
    builder.redirectErrorStream(true);
    process = builder.start();
    BufferedReader out = process.inputReader();
    int port = portOf(out, "listening on 0.0.0.0:");
    metricsPort = portOf(out, "metrics on http://0.0.0.0:");
    channel = NettyChannelBuilder.forAddress("localhost", port).usePlaintext().build();
  }

  private static int portOf(BufferedReader out, String start) throws IOException {
    var said = new StringBuilder();
    for (String line = out.readLine(); line != null; line = out.readLine()) {
      if (line.startsWith(start)) {
        return Integer.parseInt(line.substring(start.length()).replace("/metrics", ""));
      }
      said.append(line).append('\n');
    }
    throw new IllegalStateException("the program ended and said: " + said);
  }

  ManagedChannel channel() {
    return channel;
  }

  void awaitInFlight() throws IOException {
    MetricsReader.awaitInFlight(metricsPort);
  }

  void terminate() {
    process.destroy();
  }

  int exitStatus() throws InterruptedException {
    if (!process.waitFor(60, TimeUnit.SECONDS)) {
      throw new AssertionError("still running after 60 s");
    }
    return process.exitValue();
  }

  @Override
  public void close() {
    channel.shutdownNow();
    process.destroyForcibly();
  }
}

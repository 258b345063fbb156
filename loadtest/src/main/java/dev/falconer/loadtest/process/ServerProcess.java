package dev.falconer.loadtest.process;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/** {@code falconer serve} as a child process on free ports, up when {@link #start} returns. */
public final class ServerProcess implements AutoCloseable {
  private static final Duration START_LIMIT = Duration.ofMinutes(2);
  private static final Duration POLL = Duration.ofMillis(100);
  private static final int CONNECT_MILLIS = 1_000;

  private final Child child;
  private final List<String> command;
  private final int port;

  private ServerProcess(Child child, List<String> command, int port) {
    this.child = child;
    this.command = command;
    this.port = port;
  }

  /** Returns the command that serves a repository on ports that are free now. */
  public static List<String> command(Path repository, int port, int metricsPort, String... more) {
    var command =
        new ArrayList<>(
            List.of(
                "serve",
                "--model-repository",
                repository.toString(),
                "--grpc-port",
                Integer.toString(port),
                "--metrics-port",
                Integer.toString(metricsPort)));
    command.addAll(List.of(more));
    return List.copyOf(command);
  }

  /** Starts the server and returns once its port accepts connections. */
  public static ServerProcess start(
      Programs programs, List<String> command, int port, Consumer<String> listener)
      throws IOException, InterruptedException {
    var child = Child.start(programs, command, listener);
    var server = new ServerProcess(child, command, port);
    try {
      server.awaitPort();
    } catch (IOException | InterruptedException | RuntimeException failed) {
      server.close();
      throw failed;
    }
    return server;
  }

  /** Returns a port of this machine that is free now. */
  public static int freePort() throws IOException {
    try (var socket = new ServerSocket(0)) {
      return socket.getLocalPort();
    }
  }

  /** Returns where it listens. */
  public String target() {
    return "localhost:" + port;
  }

  /** Asks the server to drain and end. */
  @Override
  public void close() {
    child.close();
  }

  private void awaitPort() throws IOException, InterruptedException {
    long limit = System.nanoTime() + START_LIMIT.toNanos();
    while (!accepts()) {
      if (!child.isAlive()) {
        throw new ChildException(Programs.shown(command), child.await(), child.lastLines());
      }
      if (System.nanoTime() > limit) {
        throw new IOException(
            "the server did not listen on port %d within %d s; it wrote last:%n%s"
                .formatted(port, START_LIMIT.toSeconds(), String.join("\n", child.lastLines())));
      }
      Thread.sleep(POLL);
    }
  }

  private boolean accepts() {
    try (var socket = new Socket()) {
      socket.connect(new InetSocketAddress("localhost", port), CONNECT_MILLIS);
      return true;
    } catch (IOException _) {
      return false;
    }
  }
}

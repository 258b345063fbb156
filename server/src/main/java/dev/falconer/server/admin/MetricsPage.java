package dev.falconer.server.admin;

import io.prometheus.metrics.exporter.httpserver.HTTPServer;
import java.io.IOException;

/** The metrics over HTTP, at {@code /metrics}. */
public final class MetricsPage implements AutoCloseable {
  private final HTTPServer server;

  /** Starts the page; port 0 for any. */
  public MetricsPage(Metrics metrics, int port) throws IOException {
    server = HTTPServer.builder().port(port).registry(metrics.registry()).buildAndStart();
  }

  /** Returns the port it listens on. */
  public int port() {
    return server.getPort();
  }

  @Override
  public void close() {
    server.close();
  }
}

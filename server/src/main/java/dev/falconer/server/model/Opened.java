package dev.falconer.server.model;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;

/** Opened graphs, which close together. One thread's at a time. */
final class Opened implements AutoCloseable {
  private final Deque<AutoCloseable> graphs = new ArrayDeque<>();

  /** Takes a graph over and returns it. */
  <T extends AutoCloseable> T add(T graph) {
    graphs.push(graph);
    return graph;
  }

  /** Closes one of them now. */
  void close(AutoCloseable graph) {
    if (graphs.remove(graph)) {
      closed(graph);
    }
  }

  /** Closes all others than those of a version with one variant. */
  void keepOnly(Graphs served) {
    for (var graph : List.copyOf(graphs)) {
      if (!graph.equals(served.user())
          && !graph.equals(served.whole())
          && !graph.equals(served.scorer().graph())) {
        close(graph);
      }
    }
  }

  @Override
  public void close() {
    while (!graphs.isEmpty()) {
      closed(graphs.pop());
    }
  }

  private static void closed(AutoCloseable graph) {
    try {
      graph.close();
    } catch (RuntimeException e) {
      throw e;
    } catch (Exception e) {
      throw new IllegalStateException("closing a graph", e);
    }
  }
}

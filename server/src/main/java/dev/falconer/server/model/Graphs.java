package dev.falconer.server.model;

import java.util.List;

/** Closes graphs. */
final class Graphs {
  private Graphs() {}

  static void closeAll(List<AutoCloseable> graphs) {
    for (var graph : graphs) {
      try {
        graph.close();
      } catch (RuntimeException e) {
        throw e;
      } catch (Exception e) {
        throw new IllegalStateException("closing a graph", e);
      }
    }
  }
}

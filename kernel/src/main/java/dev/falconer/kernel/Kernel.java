package dev.falconer.kernel;

/** Computes one node of a graph, on the thread that runs the graph; several threads may at once. */
@FunctionalInterface
public interface Kernel {
  /**
   * Computes the outputs of one run.
   *
   * @throws IllegalArgumentException when the inputs don't fit; the run fails with its message
   */
  void compute(NodeCall call);

  /** Makes the kernel of a node when a graph is opened. */
  @FunctionalInterface
  interface Factory {
    /**
     * Returns a kernel.
     *
     * @throws IllegalArgumentException when the attributes are wrong; the graph isn't opened
     */
    Kernel of(NodeInfo attributes);
  }
}

package dev.falconer.kernel.bench;

/** Does something once: when closed, or before when the program is interrupted. */
final class AtEnd implements AutoCloseable {
  private final Runnable action;
  private final Thread hook = new Thread(this::once);
  private boolean isDone;

  AtEnd(Runnable action) {
    this.action = action;
    Runtime.getRuntime().addShutdownHook(hook);
  }

  private synchronized void once() {
    if (!isDone) {
      isDone = true;
      action.run();
    }
  }

  @Override
  public void close() {
    once();
    try {
      Runtime.getRuntime().removeShutdownHook(hook);
    } catch (IllegalStateException stopping) {
      // The hook runs, and finds it done.
    }
  }
}

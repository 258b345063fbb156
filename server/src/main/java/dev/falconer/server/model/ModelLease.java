package dev.falconer.server.model;

/** A model on loan to one request: its graphs stay open while this is. */
public final class ModelLease implements AutoCloseable {
  private final ServedModel model;

  ModelLease(ServedModel model) {
    this.model = model;
  }

  /** Returns the model. */
  public ServedModel model() {
    return model;
  }

  @Override
  public void close() {
    model.release();
  }
}

package dev.falconer.compressor.onnx;

import java.util.Map;

/** A model ready to run. Implemented by {@code evaluate} on ONNX Runtime; others receive it. */
public interface Runner extends AutoCloseable {
  /**
   * Returns the model's outputs by name, in its order.
   *
   * @throws IllegalArgumentException with the runtime's message when a feed doesn't fit
   */
  Map<String, TensorData> run(Map<String, TensorData> feeds);

  @Override
  void close();

  /** The process that ran a model died of it. */
  final class Died extends IllegalArgumentException {
    /** Says of what. */
    public Died(String message, Throwable cause) {
      super(message, cause);
    }
  }

  /** Opens models. */
  interface Factory {
    /**
     * Returns a runner of the model. Throws IllegalArgumentException when the runtime refuses the
     * model.
     */
    Runner open(Model model);

    /**
     * Returns whether a model that kills the runtime gives {@link Died}; elsewhere it kills the
     * caller.
     */
    default boolean survivesDeath() {
      return false;
    }
  }
}

package dev.falconer.compressor.pass;

import dev.falconer.compressor.onnx.Model;
import java.util.List;

/** A rewriting of a graph that computes the same outputs. */
public interface Pass {
  /** Throws IllegalArgumentException when the pass does not apply to the model. */
  default void requires(Model model) {}

  /** Returns the rewritten model; the same object when there was nothing to do. */
  Model apply(Model model);

  /** Throws IllegalStateException when the result is not what the pass promises. */
  default void ensures(Model before, Model after) {
    if (!before.graph().outputs().equals(after.graph().outputs())) {
      throw new IllegalStateException(getClass().getSimpleName() + " changed the outputs");
    }
  }

  /** Returns the rewritten model, checked before and after. */
  default Model run(Model model) {
    requires(model);
    Model result = apply(model);
    ensures(model, result);
    return result;
  }

  /** Returns a model rewritten by all passes in turn, again and again until nothing changes. */
  static Model untilStable(Model model, List<? extends Pass> passes) {
    Model before = model;
    while (true) {
      Model after = before;
      for (Pass pass : passes) {
        after = pass.run(after);
      }
      if (after.graph().equals(before.graph())) {
        return after;
      }
      before = after;
    }
  }
}

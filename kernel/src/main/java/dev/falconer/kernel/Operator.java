package dev.falconer.kernel;

import java.util.List;

/**
 * An operator of domain dev.falconer, version 1.
 *
 * @param name type of the nodes
 * @param inputs in the order of a node's inputs
 * @param outputs types, in the order of a node's outputs
 * @param kernels makes what computes one node
 */
public record Operator(
    String name, List<Input> inputs, List<ElementType> outputs, Kernel.Factory kernels) {
  /**
   * An input.
   *
   * @param type of its elements
   * @param isOptional whether a node may leave it out
   */
  public record Input(ElementType type, boolean isOptional) {}

  /** Copies the lists. */
  public Operator {
    inputs = List.copyOf(inputs);
    outputs = List.copyOf(outputs);
  }
}

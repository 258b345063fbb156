package dev.falconer.kernel;

/**
 * A packed weight of a node, its bias and what follows them.
 *
 * @param weight [out, in]
 * @param bias address of [out] floats; 0 for none
 */
record Product(Execution execution, PackedMatrix weight, long bias, Activation activation) {
  /**
   * Returns the product by a node's constants.
   *
   * @param index of the packed weight among the node's inputs; its bias follows it
   * @throws IllegalArgumentException when they are none, or not of the execution
   */
  static Product of(Execution execution, NodeInfo node, int index, Activation activation) {
    TensorView packed = node.constant(index);
    PackedMatrix weight;
    try {
      weight = PackedMatrix.at(packed.address(), packed.size());
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException(node + ": input " + index + ": " + e.getMessage(), e);
    }
    var header = weight.header();
    if (!execution.matMul().has(header.layout(), header.isInt8())) {
      throw new IllegalArgumentException(
          "%s: %s doesn't multiply %s in %s"
              .formatted(node, execution, header.layout(), header.isInt8() ? "int8" : "float32"));
    }
    long bias = node.has(index + 1) ? floats(node, index + 1, header.out()) : 0;
    return new Product(execution, weight, bias, activation);
  }

  /** Returns the address of a constant of so many floats. */
  static long floats(NodeInfo node, int index, int count) {
    TensorView given = node.constant(index);
    if (given.rank() != 1 || given.dim(0) != count) {
      throw new IllegalArgumentException(
          "%s: input %d is %s, want [%d]".formatted(node, index, given, count));
    }
    return given.address();
  }

  int in() {
    return weight.header().in();
  }

  int out() {
    return weight.header().out();
  }

  /** Checks that the weight is [out, in]. */
  Product want(NodeInfo node, int index, int wantedOut, int wantedIn) {
    if (out() != wantedOut || in() != wantedIn) {
      throw new IllegalArgumentException(
          "%s: input %d is a weight [%d, %d], want [%d, %d]"
              .formatted(node, index, out(), in(), wantedOut, wantedIn));
    }
    return this;
  }

  /** Multiplies rows. */
  void run(long x, long xStride, int rows, long y, long yStride) {
    boolean isFused = activation == Activation.NONE || activation == Activation.RELU;
    execution
        .matMul()
        .run(weight, x, xStride, rows, bias, isFused ? activation : Activation.NONE, y, yStride);
    if (!isFused) {
      execution.rows().activate(activation, y, yStride, rows, out());
    }
  }
}

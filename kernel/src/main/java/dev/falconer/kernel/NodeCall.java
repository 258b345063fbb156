package dev.falconer.kernel;

import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/**
 * One node's inputs and outputs in one run; valid during that run, on its thread. Allocates nothing
 * on the heap: the views of inputs are the same objects in every call of a thread.
 */
public final class NodeCall {
  /** Most inputs of an operator. */
  static final int INPUTS = 32;

  private final MemorySegment scratch =
      Arena.ofAuto().allocate((TensorView.AXES + 1L) * Long.BYTES);
  private final long out = scratch.address();
  private final TensorView[] views = new TensorView[INPUTS];
  private Operator operator;
  private long context;

  NodeCall(Operator operator) {
    this.operator = operator;
    for (int i = 0; i < INPUTS; i++) {
      views[i] = new TensorView();
    }
  }

  /** Begins the call of another node. */
  NodeCall of(Operator other, long handle) {
    operator = other;
    context = handle;
    return this;
  }

  /** Returns whether the node has an input. */
  public boolean has(int index) {
    OrtApi.inputCount(context, out);
    if (index >= scratch.get(JAVA_LONG, 0)) {
      return false;
    }
    OrtApi.input(context, index, out);
    return scratch.get(JAVA_LONG, 0) != 0;
  }

  /**
   * Returns an input.
   *
   * @throws IllegalArgumentException where the node has none there, or it has more than 8 axes
   */
  public TensorView input(int index) {
    if (!has(index)) {
      throw new IllegalArgumentException(operator.name() + ": input " + index + " is missing");
    }
    TensorView view = views[index];
    view.read(operator, index, scratch.get(JAVA_LONG, 0), scratch);
    return view;
  }

  /** Returns the address of an output's first element, in memory for a tensor of one axis. */
  public long output(int index, long first) {
    scratch.set(JAVA_LONG, Long.BYTES, first);
    return output(index, 1);
  }

  /** Returns the address of an output's first element, in memory for a tensor of two axes. */
  public long output(int index, long first, long second) {
    scratch.set(JAVA_LONG, Long.BYTES, first);
    scratch.set(JAVA_LONG, 2L * Long.BYTES, second);
    return output(index, 2);
  }

  /**
   * Returns the address of an output's first element, in memory for a tensor of a view's axes but
   * for the last.
   */
  public long outputLike(int index, TensorView view, long last) {
    for (int axis = 0; axis < view.rank(); axis++) {
      scratch.set(JAVA_LONG, (axis + 1L) * Long.BYTES, view.dim(axis));
    }
    scratch.set(JAVA_LONG, (long) view.rank() * Long.BYTES, last);
    return output(index, view.rank());
  }

  private long output(int index, int rank) {
    OrtApi.output(context, index, out + Long.BYTES, rank, out);
    OrtApi.data(scratch.get(JAVA_LONG, 0), out);
    return scratch.get(JAVA_LONG, 0);
  }
}

package dev.falconer.kernel;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.List;

/** A node while its kernel is made: its name, its attributes and its constant inputs. */
public final class NodeInfo {
  private static final int LONGEST = 4096;

  private final Operator operator;
  private final long info;

  NodeInfo(Operator operator, long info) {
    this.operator = operator;
    this.info = info;
  }

  /** Returns an integer. Throws IllegalArgumentException where the node has none of the name. */
  public long integer(String name) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment out = arena.allocate(JAVA_LONG);
      if (!OrtApi.attributeLong(info, arena.allocateFrom(name), out)) {
        throw missing(name, "integer");
      }
      return out.get(JAVA_LONG, 0);
    }
  }

  /** Returns a float. Throws IllegalArgumentException where the node has none of the name. */
  public float real(String name) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment out = arena.allocate(JAVA_FLOAT);
      if (!OrtApi.attributeFloat(info, arena.allocateFrom(name), out)) {
        throw missing(name, "float");
      }
      return out.get(JAVA_FLOAT, 0);
    }
  }

  /** Returns a text. Throws IllegalArgumentException where the node has none of the name. */
  public String text(String name) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment size = arena.allocate(JAVA_LONG);
      size.set(JAVA_LONG, 0, LONGEST);
      MemorySegment out = arena.allocate(LONGEST);
      if (!OrtApi.attributeText(info, arena.allocateFrom(name), out, size)) {
        throw missing(name, "text of up to " + (LONGEST - 1) + " bytes");
      }
      return out.getString(0);
    }
  }

  /** Returns an activation. Throws IllegalArgumentException where the node names none. */
  Activation activation(String name) {
    return parsed(text(name));
  }

  private Activation parsed(String text) {
    try {
      return Activation.parse(text);
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException(this + ": " + e.getMessage(), e);
    }
  }

  /** Returns activations, names with commas between. */
  List<Activation> activations(String name) {
    return Arrays.stream(text(name).split(",", -1)).map(this::parsed).toList();
  }

  private IllegalArgumentException missing(String name, String type) {
    return new IllegalArgumentException(
        this + ": the node has no attribute \"" + name + "\", " + type);
  }

  /** Returns whether the node has an input. */
  public boolean has(int index) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment out = arena.allocate(JAVA_LONG);
      OrtApi.nodeInputCount(info, out);
      if (index >= out.get(JAVA_LONG, 0)) {
        return false;
      }
      out.set(JAVA_LONG, 0, 0);
      OrtApi.nodeInputNameSize(info, index, out);
      return out.get(JAVA_LONG, 0) > 1; // an empty name and its 0
    }
  }

  /**
   * Returns a constant input; it stays where it is as long as the graph is open.
   *
   * @throws IllegalArgumentException when it isn't a constant, or is of another type
   */
  public TensorView constant(int index) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment isConstant = arena.allocate(JAVA_INT);
      MemorySegment out = arena.allocate(JAVA_LONG);
      OrtApi.constantInput(info, index, isConstant, out);
      if (isConstant.get(JAVA_INT, 0) == 0) {
        throw new IllegalArgumentException(this + ": input " + index + " is no constant");
      }
      var view = new TensorView();
      view.read(operator, index, out.get(JAVA_LONG, 0), arena.allocate(TensorView.SCRATCH));
      return view;
    }
  }

  /** Returns the operator and the node's name, as errors begin. */
  @Override
  public String toString() {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment size = arena.allocate(JAVA_LONG);
      size.set(JAVA_LONG, 0, LONGEST);
      MemorySegment out = arena.allocate(LONGEST);
      OrtApi.nodeName(info, out, size);
      return operator.name() + " \"" + out.getString(0) + "\"";
    }
  }
}

package dev.falconer.compressor.layer;

import dev.falconer.compressor.onnx.DType;
import dev.falconer.compressor.onnx.Node;
import dev.falconer.compressor.onnx.NumericTensor;
import dev.falconer.compressor.onnx.TensorData;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A constant as a node reads it, through Identity, Cast, Transpose and Reshape.
 *
 * @param constant name of the tensor that lies in the graph
 * @param shape as it is read
 * @param isFlipped whether it is read with its two axes exchanged
 * @param dtype as it is read
 * @param values names from the constant to what the node reads
 */
record StoredWeight(
    String constant, Dims shape, boolean isFlipped, DType dtype, Set<String> values) {
  /** Lengths of axes. */
  record Dims(java.util.List<Long> lengths) {
    static Dims of(long... lengths) {
      return new Dims(Arrays.stream(lengths).boxed().toList());
    }

    int rank() {
      return lengths.size();
    }

    long size() {
      return lengths.stream().reduce(1L, Math::multiplyExact);
    }
  }

  /** Says why a value cannot be traced to a constant. */
  static final class Untraceable extends Exception {
    private static final long serialVersionUID = 1;

    Untraceable(String reason) {
      super(reason, null, false, false);
    }

    String reason() {
      return String.valueOf(getMessage());
    }
  }

  /** Copies the names. */
  StoredWeight {
    values = Set.copyOf(values);
  }

  /** Returns the constant behind a value that depends on constants alone. */
  static StoredWeight behind(
      String value, Map<String, TensorData> constants, Map<String, Node> producers)
      throws Untraceable {
    Deque<Node> views = new ArrayDeque<>();
    var names = new HashSet<String>();
    String name = value;
    names.add(name);
    while (!constants.containsKey(name)) {
      Node node = producers.get(name);
      if (node == null) {
        throw new Untraceable("\"" + name + "\" is no tensor in the file");
      }
      if (!node.is("Identity")
          && !node.is("Cast")
          && !node.is("Transpose")
          && !node.is("Reshape")) {
        throw new Untraceable(
            node.type().contains("uantize")
                ? "its weight is quantised already, by " + node.type()
                : "its weight is computed by " + node.type() + " from constants");
      }
      views.push(node);
      name = node.input(0);
      names.add(name);
    }
    if (!(constants.get(name) instanceof NumericTensor tensor)) {
      throw new Untraceable("its constant holds text");
    }
    Dims shape = Dims.of(tensor.shape().dims());
    var read = new StoredWeight(name, shape, false, tensor.dtype(), names);
    for (Node view : views) {
      read = read.through(view, constants);
    }
    if (!tensor.dtype().isFloat()) {
      throw new Untraceable("its weight is of type " + tensor.dtype());
    }
    return read;
  }

  private StoredWeight through(Node view, Map<String, TensorData> constants) throws Untraceable {
    return switch (view.type()) {
      case "Identity" -> this;
      case "Cast" -> as(view.intAttribute("to", 0));
      case "Transpose" -> transposed(view.intsAttribute("perm"));
      default -> reshaped(view, constants.get(view.input(1)));
    };
  }

  private StoredWeight as(long type) throws Untraceable {
    for (DType other : DType.values()) {
      if (other.onnx() == type && other.isFloat()) {
        return new StoredWeight(constant, shape, isFlipped, other, values);
      }
    }
    throw new Untraceable("its weight is cast to the type of number " + type);
  }

  private StoredWeight transposed(long[] permutation) throws Untraceable {
    if (shape.rank() != 2) {
      throw new Untraceable("its weight is a transposed constant of " + shape.rank() + " axes");
    }
    if (permutation.length == 2 && permutation[0] == 0) {
      return this;
    }
    Dims flipped = new Dims(shape.lengths.reversed());
    return new StoredWeight(constant, flipped, !isFlipped, dtype, values);
  }

  private StoredWeight reshaped(Node view, @Nullable TensorData target) throws Untraceable {
    if (isFlipped || !(target instanceof NumericTensor numbers)) {
      throw new Untraceable("its weight is a constant in a shape that only a run tells");
    }
    long[] dims = numbers.toLongs();
    long known = 1;
    int open = -1;
    for (int i = 0; i < dims.length; i++) {
      if (dims[i] == 0 && view.intAttribute("allowzero", 0) == 0) {
        dims[i] = shape.lengths.get(i);
      }
      if (dims[i] < 0) {
        open = i;
      } else {
        known *= dims[i];
      }
    }
    if (open >= 0 && known > 0) {
      dims[open] = shape.size() / known;
    }
    return new StoredWeight(constant, Dims.of(dims), false, dtype, values);
  }
}

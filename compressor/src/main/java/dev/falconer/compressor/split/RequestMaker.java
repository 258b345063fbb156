package dev.falconer.compressor.split;

import dev.falconer.compressor.axes.Layout;
import dev.falconer.compressor.axes.Roles;
import dev.falconer.compressor.axes.Roles.Role;
import dev.falconer.compressor.onnx.Attribute;
import dev.falconer.compressor.onnx.DType;
import dev.falconer.compressor.onnx.Graph;
import dev.falconer.compressor.onnx.Node;
import dev.falconer.compressor.onnx.NumericTensor;
import dev.falconer.compressor.onnx.Shape;
import dev.falconer.compressor.onnx.StringTensor;
import dev.falconer.compressor.onnx.TensorData;
import dev.falconer.compressor.onnx.ValueInfo;
import dev.falconer.compressor.onnx.ValueInfo.Dim;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * Makes random requests that a graph accepts: ids are drawn from the keys of the encoders and the
 * rows of the tables they reach, and some from no vocabulary where an encoder catches them.
 */
public final class RequestMaker {
  private static final Set<String> CARRIES =
      Set.of(
          "Cast",
          "Squeeze",
          "Unsqueeze",
          "Reshape",
          "Flatten",
          "Identity",
          "Transpose",
          "Expand",
          "Where",
          "Concat",
          "Slice",
          "Split",
          "Clip",
          "Tile",
          "Relu");

  private static final double UNKNOWN_SHARE = 0.1;

  private final Graph graph;
  private final Roles roles;
  private final Layout layout;
  private final Map<String, List<Node>> consumers;

  /** Makes requests of a whole graph. */
  public RequestMaker(Graph graph, Roles roles, Layout layout) {
    this.graph = graph;
    this.roles = roles;
    this.layout = layout;
    this.consumers = graph.consumers();
  }

  /**
   * Returns one user's request with one row for user and context columns.
   *
   * @param candidates length of the candidates' axis
   * @param events length of every other named axis
   */
  public Map<String, TensorData> make(long candidates, long events, RandomGenerator random) {
    var request = new TreeMap<String, TensorData>();
    for (ValueInfo input : graph.inputs()) {
      request.put(input.name(), column(input, candidates, events, random));
    }
    return request;
  }

  TensorData column(ValueInfo input, long candidates, long events, RandomGenerator random) {
    Role role = roles.of(input.name());
    List<Dim> dims = input.dims() == null ? List.of() : input.dims();
    var lengths = new long[dims.size()];
    for (int i = 0; i < lengths.length; i++) {
      lengths[i] =
          role == Role.CANDIDATE && i == layout.rowAxis()
              ? candidates
              : i == 0 ? 1 : dims.get(i) instanceof Dim.Fixed(long fixed) ? fixed : events;
    }
    Shape shape = Shape.of(lengths);
    return role == Role.LENGTH
        ? filled(input.dtype(), shape, events)
        : random(input, shape, random);
  }

  private static NumericTensor filled(DType dtype, Shape shape, long value) {
    NumericTensor tensor = NumericTensor.allocate(dtype, shape);
    for (long i = 0; i < shape.size(); i++) {
      put(tensor, i, value);
    }
    return tensor;
  }

  private static void put(NumericTensor tensor, long index, long value) {
    switch (tensor.dtype()) {
      case INT64, UINT64 ->
          tensor.bytes().setAtIndex(ValueLayout.JAVA_LONG_UNALIGNED, index, value);
      case INT32, UINT32 ->
          tensor.bytes().setAtIndex(ValueLayout.JAVA_INT_UNALIGNED, index, (int) value);
      case INT16, UINT16 ->
          tensor.bytes().setAtIndex(ValueLayout.JAVA_SHORT_UNALIGNED, index, (short) value);
      case INT8, UINT8, BOOL -> tensor.bytes().set(ValueLayout.JAVA_BYTE, index, (byte) value);
      case FLOAT32 ->
          tensor.bytes().setAtIndex(ValueLayout.JAVA_FLOAT_UNALIGNED, index, (float) value);
      case FLOAT64 ->
          tensor.bytes().setAtIndex(ValueLayout.JAVA_DOUBLE_UNALIGNED, index, (double) value);
      case FLOAT16, BFLOAT16, STRING ->
          throw new IllegalArgumentException("no random columns of type " + tensor.dtype());
    }
  }

  private TensorData random(ValueInfo input, Shape shape, RandomGenerator random) {
    Domain domain = domain(input.name());
    if (input.dtype() == DType.STRING) {
      var values = new ArrayList<String>();
      for (long i = 0; i < shape.size(); i++) {
        boolean unknown = domain.words.isEmpty() || random.nextDouble() < UNKNOWN_SHARE;
        values.add(
            unknown
                ? "unknown-" + random.nextInt(1000)
                : domain.words.get(random.nextInt(domain.words.size())));
      }
      return new StringTensor(shape, values);
    }
    NumericTensor tensor = NumericTensor.allocate(input.dtype(), shape);
    for (long i = 0; i < shape.size(); i++) {
      if (input.dtype() == DType.FLOAT32 && domain.isOpen()) {
        tensor
            .bytes()
            .setAtIndex(ValueLayout.JAVA_FLOAT_UNALIGNED, i, (float) random.nextGaussian());
      } else if (input.dtype() == DType.FLOAT64 && domain.isOpen()) {
        tensor.bytes().setAtIndex(ValueLayout.JAVA_DOUBLE_UNALIGNED, i, random.nextGaussian());
      } else {
        put(tensor, i, input.dtype() == DType.BOOL ? random.nextInt(2) : domain.draw(random));
      }
    }
    return tensor;
  }

  /** Values that make sense for a column. */
  private static final class Domain {
    private final List<Long> keys = new ArrayList<>();
    private final List<String> words = new ArrayList<>();
    private long rows = Long.MAX_VALUE;
    private boolean encoded;

    boolean isOpen() {
      return keys.isEmpty() && rows == Long.MAX_VALUE;
    }

    long draw(RandomGenerator random) {
      if (!keys.isEmpty() && (!encoded || random.nextDouble() >= UNKNOWN_SHARE)) {
        return keys.get(random.nextInt(keys.size()));
      }
      return encoded ? random.nextInt() : random.nextLong(rows == Long.MAX_VALUE ? 2 : rows);
    }
  }

  private Domain domain(String input) {
    var domain = new Domain();
    walk(input, domain, new HashSet<>());
    if (!domain.encoded) {
      domain.keys.removeIf(key -> key < 0 || key >= domain.rows);
      for (long row = 0; row < Math.min(domain.rows, 16) && !domain.keys.isEmpty(); row++) {
        domain.keys.add(row);
      }
    }
    return domain;
  }

  private void walk(String value, Domain domain, Set<String> seen) {
    if (!seen.add(value)) {
      return;
    }
    for (Node node : consumers.getOrDefault(value, List.of())) {
      if (node.type().equals("LabelEncoder")) {
        domain.encoded = true;
        keys(node, domain);
      } else if (node.is("Gather") && node.input(1).equals(value)) {
        TensorData table = graph.initializers().get(node.input(0));
        if (table != null) {
          domain.rows =
              Math.min(domain.rows, table.shape().dim((int) node.intAttribute("axis", 0)));
        }
      } else if (node.is("Equal")) {
        NumericTensor compared = compared(node, value);
        if (compared != null && !compared.dtype().isFloat() && compared.shape().size() <= 64) {
          for (long key : compared.toLongs()) {
            domain.keys.add(key);
          }
        }
      } else if (CARRIES.contains(node.type())) {
        node.outputs().forEach(output -> walk(output, domain, seen));
      }
    }
  }

  private @Nullable NumericTensor compared(Node node, String value) {
    String other = node.input(0).equals(value) ? node.input(1) : node.input(0);
    return graph.initializers().get(other) instanceof NumericTensor tensor ? tensor : null;
  }

  private static void keys(Node encoder, Domain domain) {
    switch (encoder.attributes().get("keys_tensor")) {
      case Attribute.TensorAttr(NumericTensor keys) -> {
        for (long key : keys.toLongs()) {
          domain.keys.add(key);
        }
      }
      case Attribute.TensorAttr(StringTensor keys) -> domain.words.addAll(keys.values());
      case null, default -> {
        for (long key : encoder.intsAttribute("keys_int64s")) {
          domain.keys.add(key);
        }
        if (encoder.attributes().get("keys_strings") instanceof Attribute.TextsAttr(var words)) {
          domain.words.addAll(words);
        }
      }
    }
  }

  /** Returns a copy of the request in which the named column is drawn anew. */
  Map<String, TensorData> withNew(
      Map<String, TensorData> request,
      String column,
      long candidates,
      long events,
      RandomGenerator random) {
    var changed = new LinkedHashMap<>(request);
    changed.put(column, column(graph.input(column), candidates, events, random));
    return changed;
  }
}

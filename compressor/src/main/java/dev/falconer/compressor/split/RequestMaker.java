package dev.falconer.compressor.split;

import dev.falconer.compressor.axes.Analysis.FixedLength;
import dev.falconer.compressor.axes.Layout;
import dev.falconer.compressor.axes.Poly;
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
import java.util.HashMap;
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
          "Relu",
          "Gather",
          "Pad");

  private static final Set<String> COMPARES =
      Set.of("Equal", "Less", "LessOrEqual", "Greater", "GreaterOrEqual");

  private static final Set<String> NEEDS_POSITIVE = Set.of("Log", "Sqrt", "Reciprocal", "Pow");
  private static final double UNKNOWN_SHARE = 0.1;
  private static final int LARGEST_COMPARED = 64;

  private final Graph graph;
  private final Roles roles;
  private final Layout layout;
  private final List<FixedLength> fixed;
  private final Map<String, List<Node>> consumers = new HashMap<>();
  private final Map<String, Node> producers = new HashMap<>();
  private final Map<String, TensorData> constants = new HashMap<>();
  private final Map<String, Domain> domains = new HashMap<>();

  /** Makes requests of a whole graph. */
  public RequestMaker(Graph graph, Roles roles, Layout layout) {
    this(graph, roles, layout, List.of());
  }

  /**
   * Makes requests for a graph.
   *
   * @param fixed lengths that are others, or sums with others
   */
  RequestMaker(Graph graph, Roles roles, Layout layout, List<FixedLength> fixed) {
    this.graph = graph;
    this.roles = roles;
    this.layout = layout;
    this.fixed = List.copyOf(fixed);
    index(graph);
  }

  /** Returns a maker of requests that the whole graph of a split accepts. */
  public static RequestMaker of(Graph whole, SplitModel split) {
    return new RequestMaker(whole, split.roles(), split.layout(), split.fixed());
  }

  /** Knows the readers, writers and constants of a graph and of the bodies inside it. */
  private void index(Graph part) {
    constants.putAll(part.initializers());
    for (Node node : part.nodes()) {
      for (String input : node.inputs()) {
        consumers.computeIfAbsent(input, _ -> new ArrayList<>()).add(node);
      }
      node.outputs().forEach(output -> producers.put(output, node));
      for (Attribute attribute : node.attributes().values()) {
        if (attribute instanceof Attribute.GraphAttr(Graph body)) {
          index(body);
        }
      }
    }
  }

  /**
   * Returns one user's request with one row for user and context columns.
   *
   * @param candidates length of the candidates' axis
   * @param events length of every other axis that is not fixed
   */
  public Map<String, TensorData> make(long candidates, long events, RandomGenerator random) {
    return make(candidates, lengths(events, false), random);
  }

  /** Returns one user's request with the given lengths of axes that are not fixed. */
  Map<String, TensorData> make(long candidates, Map<String, Long> lengths, RandomGenerator random) {
    var request = new TreeMap<String, TensorData>();
    for (ValueInfo input : graph.inputs()) {
      request.put(input.name(), column(input, candidates, lengths, random));
    }
    return request;
  }

  /**
   * Returns a length for each axis that is not fixed.
   *
   * @param distinct whether lengths that no operator makes equal differ, each shorter by one
   */
  Map<String, Long> lengths(long events, boolean distinct) {
    var lengths = new LinkedHashMap<String, Long>();
    Map<String, Poly> bound = new HashMap<>();
    fixed.forEach(each -> bound.put(each.length(), each.value()));
    for (ValueInfo input : graph.inputs()) {
      List<Dim> dims = input.dims() == null ? List.of() : input.dims();
      for (int i = 0; i < dims.size(); i++) {
        String symbol = symbol(input, dims.get(i), i);
        if (!isRows(input, i) && !symbol.isEmpty() && !bound.containsKey(symbol)) {
          long length = distinct ? Math.max(1, events - lengths.size()) : events;
          lengths.putIfAbsent(symbol, length);
        }
      }
    }
    for (FixedLength each : fixed.reversed()) {
      if (lengths.keySet().containsAll(each.value().symbols())) {
        lengths.put(each.length(), (long) each.value().at(lengths));
      }
    }
    return lengths;
  }

  private boolean isRows(ValueInfo input, int axis) {
    return axis == 0 || (roles.of(input.name()) == Role.CANDIDATE && axis == layout.rowAxis());
  }

  private static String symbol(ValueInfo input, Dim dim, int axis) {
    return switch (dim) {
      case Dim.Fixed _ -> "";
      case Dim.Symbol(String name) -> name;
      case Dim.Unknown _ -> input.name() + "#" + axis;
    };
  }

  private TensorData column(
      ValueInfo input, long candidates, Map<String, Long> known, RandomGenerator random) {
    Role role = roles.of(input.name());
    List<Dim> dims = input.dims() == null ? List.of() : input.dims();
    var lengths = new long[dims.size()];
    for (int i = 0; i < lengths.length; i++) {
      lengths[i] =
          role == Role.CANDIDATE && i == layout.rowAxis()
              ? candidates
              : i == 0
                  ? 1
                  : dims.get(i) instanceof Dim.Fixed(long length)
                      ? length
                      : known.getOrDefault(symbol(input, dims.get(i), i), 1L);
    }
    Shape shape = Shape.of(lengths);
    long events = known.values().stream().findFirst().orElse(1L);
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
      case FLOAT16 ->
          tensor
              .bytes()
              .setAtIndex(
                  ValueLayout.JAVA_SHORT_UNALIGNED, index, Float.floatToFloat16((float) value));
      case BFLOAT16, STRING ->
          throw new IllegalArgumentException("no random columns of type " + tensor.dtype());
    }
  }

  private static void putFloat(NumericTensor tensor, long index, double value) {
    switch (tensor.dtype()) {
      case FLOAT64 -> tensor.bytes().setAtIndex(ValueLayout.JAVA_DOUBLE_UNALIGNED, index, value);
      case FLOAT32 ->
          tensor.bytes().setAtIndex(ValueLayout.JAVA_FLOAT_UNALIGNED, index, (float) value);
      case FLOAT16 ->
          tensor
              .bytes()
              .setAtIndex(
                  ValueLayout.JAVA_SHORT_UNALIGNED, index, Float.floatToFloat16((float) value));
      default -> throw new IllegalArgumentException("no random columns of type " + tensor.dtype());
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
      if (input.dtype().isFloat() && domain.isOpen()) {
        putFloat(tensor, i, domain.drawFloat(random));
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
    private boolean positive;

    boolean isOpen() {
      return keys.isEmpty() && rows == Long.MAX_VALUE;
    }

    double drawFloat(RandomGenerator random) {
      double value = random.nextGaussian();
      return positive ? 0.5 + Math.abs(value) : value;
    }

    long draw(RandomGenerator random) {
      if (!keys.isEmpty() && (!encoded || random.nextDouble() >= UNKNOWN_SHARE)) {
        return keys.get(random.nextInt(keys.size()));
      }
      return encoded ? random.nextInt() : random.nextLong(rows == Long.MAX_VALUE ? 2 : rows);
    }
  }

  private Domain domain(String input) {
    return domains.computeIfAbsent(input, this::found);
  }

  private Domain found(String input) {
    var domain = new Domain();
    walk(input, 0, domain, new HashSet<>());
    if (!domain.encoded) {
      domain.keys.removeIf(key -> key < 0 || key >= domain.rows);
      for (long row = 0; row < Math.min(domain.rows, 16) && !domain.keys.isEmpty(); row++) {
        domain.keys.add(row);
      }
    }
    return domain;
  }

  /**
   * Follows a column to what restricts its values.
   *
   * @param added constant that was added on the way
   */
  private void walk(String value, long added, Domain domain, Set<String> seen) {
    if (!seen.add(value)) {
      return;
    }
    for (Node node : consumers.getOrDefault(value, List.of())) {
      boolean indexes = node.input(1).equals(value);
      if (node.type().equals("LabelEncoder")) {
        domain.encoded = true;
        keys(node, domain);
      } else if ((node.is("Gather") || node.is("GatherElements")) && indexes) {
        TensorData table = constant(node.input(0));
        if (table != null) {
          long rows = table.shape().dim((int) node.intAttribute("axis", 0));
          domain.rows = Math.min(domain.rows, Math.max(1, rows - added));
        }
      } else if (COMPARES.contains(node.type())) {
        if (constant(indexes ? node.input(0) : node.input(1)) instanceof NumericTensor compared
            && !compared.dtype().isFloat()
            && compared.shape().size() <= LARGEST_COMPARED) {
          for (long key : compared.toLongs()) {
            domain.keys.add(key - added);
          }
        }
      } else if (node.is("Add")) {
        TensorData other = constant(indexes ? node.input(0) : node.input(1));
        long more = other == null ? 0 : largest(other);
        node.outputs().forEach(output -> walk(output, added + more, domain, seen));
      } else if (NEEDS_POSITIVE.contains(node.type()) && node.input(0).equals(value)) {
        domain.positive = true;
      } else if (CARRIES.contains(node.type())) {
        node.outputs().forEach(output -> walk(output, added, domain, seen));
      }
    }
  }

  private static long largest(TensorData tensor) {
    return tensor instanceof NumericTensor numbers
            && !numbers.dtype().isFloat()
            && numbers.shape().size() > 0
        ? java.util.Arrays.stream(numbers.toLongs()).max().orElse(0)
        : 0;
  }

  /** Returns a value that is constant behind Constant, Identity and Cast; null for another. */
  private @Nullable TensorData constant(String value) {
    TensorData given = constants.get(value);
    Node writer = producers.get(value);
    if (given != null || writer == null) {
      return given;
    }
    if (writer.is("Constant")) {
      return switch (writer.attributes().get("value")) {
        case Attribute.TensorAttr(TensorData tensor) -> tensor;
        case null, default ->
            writer.attributes().containsKey("value_int")
                ? TensorData.scalar(writer.intAttribute("value_int", 0))
                : null;
      };
    }
    return writer.is("Identity") || writer.is("Cast") ? constant(writer.input(0)) : null;
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
    changed.put(column, column(graph.input(column), candidates, lengths(events, false), random));
    return changed;
  }
}

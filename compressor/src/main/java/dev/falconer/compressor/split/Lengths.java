package dev.falconer.compressor.split;

import dev.falconer.compressor.axes.Known;
import dev.falconer.compressor.axes.Poly;
import dev.falconer.compressor.axes.SplitRefusal;
import dev.falconer.compressor.onnx.Attribute;
import dev.falconer.compressor.onnx.DType;
import dev.falconer.compressor.onnx.Node;
import dev.falconer.compressor.onnx.NumericTensor;
import dev.falconer.compressor.onnx.Shape;
import dev.falconer.compressor.onnx.TensorData;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Writes the nodes that compute lengths at run time from the inputs of one half: the whole graph
 * may have read them from a tensor that this half does not have.
 */
final class Lengths {
  private record Source(String tensor, int axis, long extra) {}

  private record Wanted(List<Poly> values, boolean scalar, DType dtype) {}

  private final Map<String, Source> sources = new HashMap<>();
  private final Map<Wanted, String> written = new HashMap<>();
  private final List<Node> nodes;
  private final Map<String, TensorData> constants;
  private final String suffix;

  /**
   * Writes into the given lists.
   *
   * @param suffix end of the names made
   */
  Lengths(List<Node> nodes, Map<String, TensorData> constants, String suffix) {
    this.nodes = nodes;
    this.constants = constants;
    this.suffix = suffix;
  }

  /** Says that an axis of an input has this length. */
  void source(String tensor, int axis, Poly length) {
    for (String symbol : length.symbols()) {
      if (length.minus(Poly.symbol(symbol)).isInteger()) {
        sources.putIfAbsent(symbol, new Source(tensor, axis, length.constant()));
      }
    }
  }

  boolean has(String symbol) {
    return sources.containsKey(symbol);
  }

  /** Returns the name of a tensor with the elements of {@code known}, some lengths replaced. */
  String write(String base, Known known, Map<String, Poly> single) {
    List<Poly> values = java.util.Objects.requireNonNull(known.values());
    var wanted =
        new Wanted(
            values.stream().map(value -> value.with(single)).toList(),
            known.rank() == 0,
            known.dtype());
    String name = written.get(wanted);
    if (name == null) {
      name = compute(base, wanted);
      written.put(wanted, name);
    }
    return name;
  }

  private String compute(String base, Wanted wanted) {
    String vector;
    if (wanted.values.stream().allMatch(Poly::isInteger)) {
      vector = constant(wanted.values.stream().mapToLong(Poly::integer).toArray());
    } else {
      var parts = wanted.values.stream().map(value -> element(base, value)).toList();
      vector =
          parts.size() == 1
              ? parts.getFirst()
              : node(base, "Concat", Map.of("axis", Attribute.of(0)), parts);
    }
    String shaped =
        wanted.scalar ? node(base, "Squeeze", Map.of(), List.of(vector, constant(0))) : vector;
    return wanted.dtype == DType.INT64
        ? shaped
        : node(base, "Cast", Map.of("to", Attribute.of(wanted.dtype.onnx())), List.of(shaped));
  }

  /** Returns a vector of one. */
  private String element(String base, Poly value) {
    String sum = "";
    for (var term : value.terms().entrySet()) {
      String product = "";
      for (String symbol : term.getKey()) {
        String length = length(base, symbol);
        product =
            product.isEmpty() ? length : node(base, "Mul", Map.of(), List.of(product, length));
      }
      long factor = term.getValue();
      if (product.isEmpty()) {
        product = constant(factor);
      } else if (factor != 1) {
        product = node(base, "Mul", Map.of(), List.of(product, constant(factor)));
      }
      sum = sum.isEmpty() ? product : node(base, "Add", Map.of(), List.of(sum, product));
    }
    return sum.isEmpty() ? constant(0) : sum;
  }

  private final Map<String, String> lengths = new LinkedHashMap<>();

  private String length(String base, String symbol) {
    String known = lengths.get(symbol);
    if (known != null) {
      return known;
    }
    Source source = sources.get(symbol);
    if (source == null) {
      throw new SplitRefusal(
          SplitRefusal.Code.UNSUPPORTED_OP,
          null,
          -1,
          "\"" + base + "\" needs the length " + symbol + ", which no input of this half has",
          "let a tensor of the user's state keep that axis");
    }
    String shape = node(base, "Shape", Map.of(), List.of(source.tensor));
    String axis =
        node(
            base,
            "Slice",
            Map.of(),
            List.of(shape, constant(source.axis), constant(source.axis + 1L), constant(0)));
    String length =
        source.extra == 0
            ? axis
            : node(base, "Sub", Map.of(), List.of(axis, constant(source.extra)));
    lengths.put(symbol, length);
    return length;
  }

  String constant(long... values) {
    NumericTensor vector = TensorData.longs(Shape.of(values.length), values);
    var name = new StringBuilder("#k");
    for (long value : values) {
      name.append('.').append(value);
    }
    constants.putIfAbsent(name.toString(), vector);
    return name.toString();
  }

  String node(String base, String type, Map<String, Attribute> attributes, List<String> inputs) {
    String name = base + suffix + "." + nodes.size();
    nodes.add(Node.of(name, type, new ArrayList<>(inputs), List.of(name), attributes));
    return name;
  }
}

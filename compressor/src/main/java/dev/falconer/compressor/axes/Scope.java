package dev.falconer.compressor.axes;

import dev.falconer.compressor.axes.SplitRefusal.Code;
import dev.falconer.compressor.onnx.Model;
import dev.falconer.compressor.onnx.Node;
import dev.falconer.compressor.onnx.TensorData;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A node and what is known of what it reads.
 *
 * @param row the candidates' length
 * @param atLeast lengths that earlier operators need to be no shorter
 */
record Scope(
    Model model, Map<String, Known> known, Node node, Poly row, Map<String, Long> atLeast) {
  private static final String PER_ROW = "score each candidate by its own row";

  boolean has(int index) {
    return !node.input(index).isEmpty();
  }

  int count() {
    return node.inputs().size();
  }

  Known in(int index) {
    Known found = known.get(node.input(index));
    if (found == null) {
      throw new IllegalArgumentException(
          "node \"%s\" (%s) reads \"%s\", which nothing writes before it"
              .formatted(node.name(), node.type(), node.input(index)));
    }
    return found;
  }

  @Nullable TensorData constant(int index) {
    return model.graph().initializers().get(node.input(index));
  }

  /** Returns the elements of a shape-like operand. */
  List<Poly> polys(int index) {
    List<Poly> values = in(index).values();
    if (values == null) {
      throw unsupported(
          "\"" + node.input(index) + "\" is computed from data, not from lengths",
          "export with a fixed shape there");
    }
    return values;
  }

  /** Returns the elements of an operand that must be integers. */
  long[] integers(int index) {
    var values = polys(index);
    if (!values.stream().allMatch(Poly::isInteger)) {
      throw unsupported(
          "\"" + node.input(index) + "\" = " + values + " depends on a length",
          "export it as a constant");
    }
    return values.stream().mapToLong(Poly::integer).toArray();
  }

  /** Returns axes given as an attribute in older operator sets and as an input in newer ones. */
  long @Nullable [] axes(int input) {
    if (node.attributes().containsKey("axes")) {
      return node.intsAttribute("axes");
    }
    return has(input) ? integers(input) : null;
  }

  /** Returns an axis counted from the front. */
  int axis(long axis, int rank) {
    long counted = axis < 0 ? axis + rank : axis;
    if (counted < 0 || counted >= Math.max(rank, 1)) {
      throw unsupported("axis " + axis + " of a tensor of rank " + rank, "repair the graph");
    }
    return Math.toIntExact(counted);
  }

  Colour colour() {
    return node.inputs().stream()
        .filter(input -> !input.isEmpty())
        .map(input ->
            known.getOrDefault(
                input,
                Known.of(dev.falconer.compressor.onnx.DType.FLOAT32, List.of(), Colour.CONSTANT)))
        .map(Known::colour)
        .reduce(Colour.CONSTANT, Colour::join);
  }

  SplitRefusal unsupported(String reason, String fix) {
    return new SplitRefusal(Code.UNSUPPORTED_OP, node, -1, reason, fix);
  }

  SplitRefusal refuse(Code code, int axis, String reason, String fix) {
    return new SplitRefusal(code, node, axis, reason, fix);
  }

  SplitRefusal mixes(int axis, String what) {
    return refuse(Code.MIXES_ROWS, axis, what + " the candidates' rows", PER_ROW);
  }

  /** Refuses when the axis counts candidates. */
  void keepsRows(Known tensor, int axis, String what) {
    if (tensor.axis(axis).hasRows()) {
      throw mixes(axis < 0 ? axis + tensor.rank() : axis, what);
    }
  }

  /** Returns the result after checking that at most one of its axes counts candidates. */
  Known checked(Known result) {
    long rows =
        result.axes().stream().flatMap(axis -> axis.atoms().stream()).filter(Atom::row).count();
    if (rows > 1) {
      throw mixes(-1, "pairs candidates with candidates: two axes count");
    }
    return result;
  }

  /** Records that two lengths are the same, or refuses. */
  RuntimeException meet(int axis, Poly a, Poly b) {
    var shareA = a.dividedBy(row);
    var shareB = b.dividedBy(row);
    if (shareA.isPresent() && shareB.isPresent() && !a.is(0) && !b.is(0)) {
      return meet(axis, shareA.get(), shareB.get());
    }
    Poly difference = a.minus(b);
    if (!row.equals(Poly.ZERO)) {
      difference = difference.dividedBy(row).orElse(difference);
    }
    difference = reduced(difference);
    Set<String> symbols = difference.symbols();
    if (symbols.containsAll(row.symbols())) {
      return refuse(
          Code.BATCH_BAKED,
          axis,
          "needs " + a + " = " + b + ": the number of candidates is fixed in the graph",
          "export with a dynamic batch axis");
    }
    for (String symbol : symbols) {
      long coefficient = difference.coefficient(symbol);
      Poly rest = difference.minus(Poly.symbol(symbol).times(Poly.of(coefficient)));
      var value = rest.times(Poly.of(-1)).dividedBy(Poly.of(coefficient));
      if (value.isPresent()
          && !rest.symbols().contains(symbol)
          && (!value.get().isInteger() || value.get().integer() >= 0)) {
        return new Analysis.LengthsMeet(symbol, value.get(), node.name());
      }
    }
    return unsupported("lengths " + a + " and " + b + " must be equal", "repair the graph");
  }

  /** Returns whether a value is >= 0 at all lengths that operators before allow. */
  boolean neverNegative(Poly value) {
    var longer = new java.util.HashMap<String, Poly>();
    atLeast.forEach((symbol, least) -> longer.put(symbol, Poly.symbol(symbol).plus(least)));
    return value.with(longer).neverNegative();
  }

  /**
   * Requires a value to be >= 0 by requiring a history to be long enough, and records it.
   *
   * @throws SplitRefusal when that is not enough
   */
  void require(Poly value, SplitRefusal otherwise) {
    prefer(value);
    if (!neverNegative(value)) {
      throw otherwise;
    }
  }

  /** Requires a value to be >= 0 where a long enough history makes it so. */
  void prefer(Poly value) {
    Set<String> symbols = value.symbols();
    String symbol = symbols.size() == 1 ? symbols.iterator().next() : "";
    long slope = value.coefficient(symbol);
    boolean linear = value.minus(Poly.symbol(symbol).times(Poly.of(slope))).isInteger();
    if (neverNegative(value)
        || symbol.isEmpty()
        || slope <= 0
        || !linear
        || row.symbols().contains(symbol)) {
      return;
    }
    long least = Math.ceilDiv(-value.constant(), slope);
    if (least <= atLeast.getOrDefault(symbol, 0L)) {
      return; // it is no shorter already, and that was not enough
    }
    throw new Analysis.TooShort(new Analysis.ShortestLength(symbol, least, node.name()));
  }

  /** Returns a polynomial without the integer that divides all its coefficients. */
  private static Poly reduced(Poly value) {
    long common =
        value.terms().values().stream()
            .map(java.math.BigInteger::valueOf)
            .reduce(java.math.BigInteger.ZERO, java.math.BigInteger::gcd)
            .longValueExact();
    return common <= 1 ? value : value.dividedBy(Poly.of(common)).orElse(value);
  }

  /** Returns axes of an elementwise result, aligned from the right. */
  List<Axis> broadcast(List<List<Axis>> operands) {
    int rank = operands.stream().mapToInt(List::size).max().orElse(0);
    var result = new ArrayList<Axis>();
    for (int i = 0; i < rank; i++) {
      Axis joined = Axis.ONE;
      for (List<Axis> axes : operands) {
        int own = i - (rank - axes.size());
        if (own >= 0) {
          joined = join(i, joined, axes.get(own));
        }
      }
      result.add(joined);
    }
    return result;
  }

  /** Returns the axis that two axes meeting elementwise give. */
  Axis join(int axis, Axis a, Axis b) {
    if (a.isOne() || b.isOne()) {
      return a.isOne() ? b : a;
    }
    if (!a.length().equals(b.length())) {
      throw meet(axis, a.length(), b.length());
    }
    Axis fine = a.atoms().size() >= b.atoms().size() ? a : b;
    Axis coarse = fine.equals(a) ? b : a;
    boolean aligned = fine.atoms().size() == coarse.atoms().size();
    for (int i = 0; aligned && i < fine.atoms().size(); i++) {
      aligned = fine.atoms().get(i).sameLength(coarse.atoms().get(i));
    }
    if (!aligned && (fine.hasRows() || coarse.hasRows())) {
      throw mixes(axis, "pairs " + a + " with " + b + ": they order differently");
    }
    var atoms = new ArrayList<Atom>();
    for (int i = 0; i < fine.atoms().size(); i++) {
      boolean varies =
          fine.atoms().get(i).varies()
              || (aligned ? coarse.atoms().get(i).varies() : coarse.varies());
      atoms.add(fine.atoms().get(i).with(varies));
    }
    return new Axis(atoms);
  }
}

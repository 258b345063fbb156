package dev.falconer.compressor.fuzz;

import dev.falconer.compressor.onnx.Attribute;
import dev.falconer.compressor.onnx.DType;
import dev.falconer.compressor.onnx.Node;
import dev.falconer.compressor.onnx.Shape;
import dev.falconer.compressor.onnx.TensorData;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/** Adds one operator, or a few that belong together, where it fits; never along the rows. */
final class Moves {
  private static final int WIDEST = 12;
  private static final int HIGHEST_RANK = 4;

  private final Pool pool;
  private final Emitter emit;

  Moves(Pool pool) {
    this.pool = pool;
    this.emit = pool.emit;
  }

  /** A move; does nothing where the tensor does not fit. */
  private interface Move {
    void on(Value x);
  }

  void any() {
    Move move =
        emit.one(
            this::unary,
            this::guarded,
            this::binary,
            this::binary,
            this::binary,
            this::withConstant,
            this::affine,
            this::affine,
            this::gemm,
            this::concat,
            this::concat,
            this::splitAxis,
            this::mergeAxes,
            this::mergeRows,
            this::transpose,
            this::unsqueeze,
            this::squeeze,
            this::slice,
            this::gather,
            this::split,
            this::softmax,
            this::layerNorm,
            this::batchNorm,
            this::reduce,
            this::reduce,
            this::cumSum,
            this::topK,
            this::argMax,
            this::select,
            this::flatten,
            this::expand,
            this::zeros,
            this::again,
            this::handOn,
            this::clip);
    move.on(pool.pick());
  }

  void unary(Value x) {
    String type = emit.one("Relu", "Tanh", "Sigmoid", "Neg", "Abs");
    pool.add(emit.node(type, x.name()), x.dims(), x.parties());
  }

  /** Adds a function that is defined for some numbers only, of numbers brought there. */
  private void guarded(Value x) {
    String safe =
        emit.node("Add", emit.node("Abs", x.name()), emit.number(1 + emit.random.nextDouble()));
    String y =
        emit.chance(0.2)
            ? emit.node("Exp", emit.node("Tanh", x.name()))
            : emit.chance(0.2)
                ? emit.node("Pow", safe, emit.number(0.5))
                : emit.node(emit.one("Sqrt", "Log", "Reciprocal"), safe);
    pool.add(y, x.dims(), x.parties());
  }

  void binary(Value x) {
    Value y = pool.pick(other -> Value.joined(x.dims(), other.dims()) != null);
    if (y == null) {
      return;
    }
    boolean turned = emit.chance(0.5);
    String type = emit.one("Add", "Sub", "Mul", "Max", "Min", "Div");
    String left = turned ? y.name() : x.name();
    String right = turned ? x.name() : y.name();
    if (type.equals("Div")) {
      right = emit.node("Add", emit.node("Abs", right), emit.number(1));
    }
    List<Dim> dims = Value.joined(x.dims(), y.dims());
    if (dims != null && dims.size() <= HIGHEST_RANK) {
      pool.add(emit.node(type, left, right), dims, x.parties() | y.parties());
    }
  }

  private void withConstant(Value x) {
    String constant =
        x.width() > 0 && emit.chance(0.6)
            ? emit.chance(0.5) ? emit.weight(x.width()) : emit.weight(1, x.width())
            : emit.number(emit.random.nextGaussian());
    String type = emit.one("Add", "Sub", "Mul", "Max");
    String y =
        emit.chance(0.3)
            ? emit.node(type, constant, x.name())
            : emit.node(type, x.name(), constant);
    pool.add(y, x.dims(), x.parties());
  }

  void affine(Value x) {
    if (x.width() == 0) {
      return;
    }
    int out = 1 + emit.random.nextInt(4);
    String y = emit.node("MatMul", x.name(), emit.weight(x.width(), out));
    if (emit.chance(0.6)) {
      y =
          emit.chance(0.2)
              ? emit.node("Add", emit.weight(out), y)
              : emit.node("Add", y, emit.weight(out));
    }
    if (emit.chance(0.3)) {
      y = emit.node("Relu", y);
    }
    pool.add(y, x.with(-1, Dim.of(out)), x.parties());
  }

  private void gemm(Value x) {
    if (x.rank() != 2 || x.width() == 0) {
      return;
    }
    int out = 1 + emit.random.nextInt(4);
    boolean turned = emit.chance(0.5);
    String weight = turned ? emit.weight(out, x.width()) : emit.weight(x.width(), out);
    var attributes =
        Map.of(
            "transB",
            Attribute.of(turned ? 1 : 0),
            "alpha",
            Attribute.of(emit.one(1f, 0.5f)),
            "beta",
            Attribute.of(emit.one(1f, 2f)));
    boolean bias = emit.opset < 11 || emit.chance(0.7);
    String y =
        bias
            ? emit.node("Gemm", attributes, x.name(), weight, emit.weight(out))
            : emit.node("Gemm", attributes, x.name(), weight);
    pool.add(y, x.with(-1, Dim.of(out)), x.parties());
  }

  private void concat(Value x) {
    int axis = emit.random.nextInt(x.rank());
    if (x.dim(axis).isRows()) {
      return;
    }
    var parts = new ArrayList<>(List.of(x));
    Dim total = x.dim(axis);
    for (int i = emit.random.nextInt(2); i >= 0; i--) {
      Dim sofar = total;
      Value next =
          pool.pick(y ->
              y.rank() == x.rank()
                  && !y.dim(axis).isRows()
                  && y.with(axis, x.dim(axis)).equals(x.dims())
                  && (sofar.isFixed() || y.dim(axis).isFixed()));
      if (next == null) {
        break;
      }
      parts.add(next);
      total =
          next.dim(axis).isFixed()
              ? total.plus(next.dim(axis).extra())
              : next.dim(axis).plus(total.extra());
    }
    if (total.isFixed() && total.extra() > WIDEST) {
      return;
    }
    Collections.shuffle(parts, emit.random);
    int counted = emit.chance(0.3) ? axis - x.rank() : axis;
    int parties = parts.stream().mapToInt(Value::parties).reduce(0, (a, b) -> a | b);
    pool.add(
        emit.concat(counted, parts.stream().map(Value::name).toArray(String[]::new)),
        x.with(axis, total),
        parties);
  }

  private void splitAxis(Value x) {
    int width = x.width();
    if (width < 2 || x.rank() >= HIGHEST_RANK) {
      return;
    }
    int factor =
        IntStream.rangeClosed(2, width).filter(f -> width % f == 0).findFirst().orElseThrow();
    var dims = x.with(-1, Dim.of(width / factor));
    dims.add(Dim.of(factor));
    pool.reshaped(x, dims);
  }

  private void mergeAxes(Value x) {
    for (int i = 0; i + 1 < x.rank(); i++) {
      Dim left = x.dim(i);
      Dim right = x.dim(i + 1);
      if (left.isFixed() && right.isFixed() && left.extra() * right.extra() <= WIDEST) {
        var dims = x.with(i, Dim.of(left.extra() * right.extra()));
        dims.remove(i + 1);
        pool.reshaped(x, dims);
        return;
      }
    }
  }

  /** Adds a product over [B*n, d], as exporters write a linear layer over a sequence. */
  private void mergeRows(Value x) {
    if (x.rank() != 3 || x.rows() != 0 || x.width() == 0) {
      return;
    }
    int out = 1 + emit.random.nextInt(4);
    String flat = emit.node("Reshape", x.name(), emit.ints(-1, x.width()));
    String y =
        emit.chance(0.5)
            ? emit.node("Gemm", flat, emit.weight(x.width(), out), emit.weight(out))
            : emit.node("MatMul", flat, emit.weight(x.width(), out));
    if (emit.chance(0.4)) {
      y = emit.node("Tanh", y);
    }
    List<Dim> dims = x.with(-1, Dim.of(out));
    String shape =
        x.dim(1).isFixed() && emit.chance(0.6)
            ? emit.ints(-1, x.dim(1).extra(), out)
            : emit.chance(0.5)
                ? emit.concat(0, emit.ints(-1), pool.lengths(dims.subList(1, 3)))
                : pool.lengths(dims);
    pool.add(emit.node("Reshape", y, shape), dims, x.parties());
  }

  private void transpose(Value x) {
    var order = new ArrayList<>(IntStream.range(0, x.rank()).boxed().toList());
    Collections.shuffle(order, emit.random);
    pool.add(
        emit.transpose(x.name(), order.stream().mapToLong(Integer::longValue).toArray()),
        order.stream().map(x::dim).toList(),
        x.parties());
  }

  private void unsqueeze(Value x) {
    if (x.rank() >= HIGHEST_RANK) {
      return;
    }
    int axis = emit.random.nextInt(x.rank() + 1);
    var dims = new ArrayList<>(x.dims());
    dims.add(axis, Dim.ONE);
    pool.add(emit.unsqueeze(x.name(), axis), dims, x.parties());
  }

  private void squeeze(Value x) {
    int axis = x.dims().indexOf(Dim.ONE);
    if (axis >= 0) {
      int counted = emit.opset >= 11 && emit.chance(0.3) ? axis - x.rank() : axis;
      pool.add(emit.squeeze(x.name(), counted), x.without(axis), x.parties());
    }
  }

  private void slice(Value x) {
    int axis = emit.random.nextInt(x.rank());
    Dim dim = x.dim(axis);
    if (dim.isEvents()) {
      boolean first = emit.chance(0.5);
      Dim left = dim.plus(-1);
      if (dim.extra() > 0) {
        String y =
            first
                ? emit.slice(x.name(), axis, 1, emit.one(1L << 31, Long.MAX_VALUE), 1)
                : emit.slice(x.name(), axis, 0, -1, 1);
        pool.add(y, x.with(axis, left), x.parties());
      } else {
        String y = emit.slice(x.name(), axis, -1, Long.MAX_VALUE, 1);
        pool.add(y, x.with(axis, Dim.ONE), x.parties());
      }
    } else if (dim.isFixed() && dim.extra() > 1) {
      int start = emit.random.nextInt(dim.extra());
      int end = start + 1 + emit.random.nextInt(dim.extra() - start);
      boolean back = emit.opset >= 10 && emit.chance(0.2);
      boolean second = emit.opset >= 10 && emit.chance(0.2);
      String y =
          back
              ? emit.slice(x.name(), axis, -1, -dim.extra() - 1L, -1)
              : second
                  ? emit.slice(x.name(), axis, start, dim.extra(), 2)
                  : emit.slice(x.name(), axis, start, end, 1);
      int length = back ? dim.extra() : second ? Math.ceilDiv(dim.extra() - start, 2) : end - start;
      pool.add(y, x.with(axis, Dim.of(length)), x.parties());
    }
  }

  private void gather(Value x) {
    int axis = emit.random.nextInt(x.rank());
    Dim dim = x.dim(axis);
    if (dim.isRows()) {
      return;
    }
    int bound = dim.isFixed() ? dim.extra() : 1;
    var gathered = Map.of("axis", Attribute.of(axis));
    if (x.rank() > 2 && emit.chance(0.6)) {
      long index = emit.opset >= 11 && emit.chance(0.4) ? -1 : emit.random.nextInt(bound);
      String y = emit.node("Gather", gathered, x.name(), emit.constant(TensorData.scalar(index)));
      pool.add(y, x.without(axis), x.parties());
    } else if (dim.isFixed()) {
      long[] indices = emit.random.longs(1 + emit.random.nextInt(3), 0, bound).toArray();
      String y = emit.node("Gather", gathered, x.name(), emit.ints(indices));
      pool.add(y, x.with(axis, Dim.of(indices.length)), x.parties());
    }
  }

  private void split(Value x) {
    int width = x.width();
    if (width < 2) {
      return;
    }
    int first = 1 + emit.random.nextInt(width - 1);
    List<String> parts = emit.split(x.name(), x.rank() - 1L, first, width - first);
    pool.add(parts.get(0), x.with(-1, Dim.of(first)), x.parties());
    pool.add(parts.get(1), x.with(-1, Dim.of(width - first)), x.parties());
  }

  private void softmax(Value x) {
    int axis = emit.random.nextInt(x.rank());
    if (emit.opset < 13 ? x.rows() >= axis : x.dim(axis).isRows()) {
      return;
    }
    var along = Map.of("axis", Attribute.of(axis));
    String y = emit.node(emit.one("Softmax", "Softmax", "LogSoftmax"), along, x.name());
    pool.add(y, x.dims(), x.parties());
  }

  private void layerNorm(Value x) {
    if (x.width() == 0) {
      return;
    }
    String y;
    if (emit.opset >= 17 && emit.chance(0.7)) {
      y =
          emit.node(
              "LayerNormalization",
              Map.of("axis", Attribute.of(-1), "epsilon", Attribute.of(0.01f)),
              x.name(),
              emit.weight(x.width()),
              emit.weight(x.width()));
    } else {
      String centred = emit.node("Sub", x.name(), emit.reduce("ReduceMean", x.name(), true, -1));
      String variance = emit.reduce("ReduceMean", emit.node("Mul", centred, centred), true, -1);
      String deviation = emit.node("Sqrt", emit.node("Add", variance, emit.number(0.01)));
      y = emit.node("Mul", emit.node("Div", centred, deviation), emit.weight(x.width()));
    }
    pool.add(y, x.dims(), x.parties());
  }

  private void batchNorm(Value x) {
    if (x.rank() < 2 || x.rank() > 3 || x.rows() != 0 || !x.dim(1).isFixed()) {
      return;
    }
    int channels = x.dim(1).extra();
    String variance = emit.constant(positive(channels));
    String y =
        emit.node(
            "BatchNormalization",
            Map.of("epsilon", Attribute.of(0.01f)),
            x.name(),
            emit.weight(channels),
            emit.weight(channels),
            emit.weight(channels),
            variance);
    pool.add(y, x.dims(), x.parties());
  }

  private TensorData positive(int count) {
    return TensorData.doubles(Shape.of(count), emit.random.doubles(count, 0.5, 2).toArray());
  }

  void reduce(Value x) {
    var axes = new ArrayList<Integer>();
    for (int i = 0; i < x.rank(); i++) {
      if (!x.dim(i).isRows() && emit.chance(axes.isEmpty() ? 0.6 : 0.3)) {
        axes.add(i);
      }
    }
    if (axes.isEmpty()) {
      return;
    }
    boolean keep = x.rank() - axes.size() < 2 || emit.chance(0.5);
    String type =
        emit.one(
            "ReduceSum", "ReduceSum", "ReduceMean", "ReduceMax", "ReduceMin", "ReduceSumSquare");
    boolean back = emit.opset >= 11 && emit.chance(0.3);
    long[] given = axes.stream().mapToLong(axis -> back ? axis - x.rank() : axis).toArray();
    var dims = new ArrayList<Dim>();
    for (int i = 0; i < x.rank(); i++) {
      if (!axes.contains(i)) {
        dims.add(x.dim(i));
      } else if (keep) {
        dims.add(Dim.ONE);
      }
    }
    pool.add(emit.reduce(type, x.name(), keep, given), dims, x.parties());
  }

  private void cumSum(Value x) {
    int axis = emit.random.nextInt(x.rank());
    if (emit.opset >= 11 && !x.dim(axis).isRows()) {
      String y = emit.node("CumSum", x.name(), emit.constant(TensorData.scalar((long) axis)));
      pool.add(y, x.dims(), x.parties());
    }
  }

  private void topK(Value x) {
    int width = x.width();
    if (width < 2 || emit.opset < 10) {
      return;
    }
    int count = 1 + emit.random.nextInt(width);
    List<String> best =
        emit.nodes("TopK", 2, Map.of("axis", Attribute.of(-1)), x.name(), emit.ints(count));
    List<Dim> dims = x.with(-1, Dim.of(count));
    pool.add(best.getFirst(), dims, x.parties());
    Value other = pool.pick(y -> y.dims().equals(x.dims()));
    if (emit.opset >= 11 && other != null && emit.chance(0.6)) {
      String y =
          emit.node(
              "GatherElements",
              Map.of("axis", Attribute.of(x.rank() - 1)),
              other.name(),
              best.getLast());
      pool.add(y, dims, x.parties() | other.parties());
    }
  }

  private void argMax(Value x) {
    if (x.width() < 2) {
      return;
    }
    boolean keep = x.rank() < 3 || emit.chance(0.5);
    var along = Map.of("axis", Attribute.of(x.rank() - 1), "keepdims", Attribute.of(keep ? 1 : 0));
    String y = emit.cast(emit.node("ArgMax", along, x.name()), DType.FLOAT64.onnx());
    pool.add(y, keep ? x.with(-1, Dim.ONE) : x.without(x.rank() - 1), x.parties());
  }

  /** Adds a choice by a mask that a comparison gives. */
  private void select(Value x) {
    Value y = pool.pick(other -> Value.joined(x.dims(), other.dims()) != null);
    Value z = pool.pick(other -> other.dims().equals(x.dims()));
    if (y == null || z == null) {
      return;
    }
    List<Dim> dims = Value.joined(x.dims(), y.dims());
    if (dims == null || dims.size() > HIGHEST_RANK) {
      return;
    }
    String mask = emit.node(emit.one("Less", "Greater"), y.name(), emit.number(0.1));
    if (emit.chance(0.4)) {
      mask = emit.node("Not", mask);
    }
    if (emit.chance(0.3)) {
      String other = emit.node("Less", emit.node("Abs", x.name()), emit.number(1));
      mask = emit.node(emit.one("And", "Or"), mask, other);
    }
    String no = emit.chance(0.5) ? emit.number(0.25) : z.name();
    int parties = x.parties() | y.parties() | z.parties();
    pool.add(emit.node("Where", mask, x.name(), no), dims, parties);
  }

  private void flatten(Value x) {
    int width = 1;
    for (int i = 1; i < x.rank(); i++) {
      width = x.dim(i).isFixed() ? width * x.dim(i).extra() : WIDEST + 1;
    }
    if (x.rows() == 0 && width <= WIDEST) {
      String y = emit.node("Flatten", Map.of("axis", Attribute.of(1)), x.name());
      pool.add(y, List.of(Dim.ROWS, Dim.of(width)), x.parties());
    }
  }

  /** Repeats an axis of one for every event. */
  private void expand(Value x) {
    Value events = pool.pick(y -> y.dims().stream().anyMatch(Dim::isEvents));
    int axis = x.dims().indexOf(Dim.ONE);
    if (axis < 0 || events == null) {
      return;
    }
    Dim dim = events.dims().stream().filter(Dim::isEvents).findFirst().orElseThrow();
    var shape = new ArrayList<Dim>(Collections.nCopies(x.rank(), Dim.ONE));
    shape.set(axis, dim);
    String type = emit.one("Expand", "Tile");
    String lengths =
        pool.lengths(type.equals("Expand") && emit.chance(0.4) ? x.with(axis, dim) : shape);
    pool.add(emit.node(type, x.name(), lengths), x.with(axis, dim), x.parties());
  }

  /** Adds a constant made with as many rows as some tensor has. */
  private void zeros(Value x) {
    if (x.rows() < 0) {
      return;
    }
    var value = Map.of("value", Attribute.of(TensorData.doubles(Shape.of(1), emit.one(0.0, 0.5))));
    String constant = emit.node("ConstantOfShape", value, pool.lengths(x.dims()));
    if (emit.chance(0.5)) {
      constant = emit.node("Add", constant, x.name());
    } else {
      constant = emit.node("Where", emit.node("Less", x.name(), constant), x.name(), constant);
    }
    pool.add(constant, x.dims(), x.parties());
  }

  /** Writes a tensor's node once more. */
  private void again(Value x) {
    for (Node node : List.copyOf(emit.nodes)) {
      if (node.outputs().size() == 1 && node.output().equals(x.name())) {
        String y = emit.node(node.type(), node.attributes(), node.inputs().toArray(String[]::new));
        pool.add(y, x.dims(), x.parties());
      }
    }
  }

  private void handOn(Value x) {
    pool.add(emit.node(emit.one("Identity", "Dropout"), x.name()), x.dims(), x.parties());
  }

  private void clip(Value x) {
    if (emit.opset >= 12) {
      String y = emit.node("Clip", x.name(), emit.number(-1), emit.number(1.5));
      pool.add(y, x.dims(), x.parties());
    }
  }
}

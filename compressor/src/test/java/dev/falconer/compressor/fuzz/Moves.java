package dev.falconer.compressor.fuzz;

import dev.falconer.compressor.onnx.Attribute;
import dev.falconer.compressor.onnx.DType;
import dev.falconer.compressor.onnx.Node;
import dev.falconer.compressor.onnx.Shape;
import dev.falconer.compressor.onnx.TensorData;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Adds one operator, or a few that belong together, where it fits; never along the rows. */
final class Moves {
  private static final int HIGHEST_RANK = 4;

  private final Pool pool;
  private final Emitter emit;
  private final Shapes shapes;

  Moves(Pool pool) {
    this.pool = pool;
    this.emit = pool.emit;
    this.shapes = new Shapes(pool);
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
            shapes::concat,
            shapes::concat,
            shapes::splitAxis,
            shapes::mergeAxes,
            shapes::mergeRows,
            shapes::transpose,
            shapes::unsqueeze,
            shapes::squeeze,
            shapes::slice,
            shapes::gather,
            shapes::split,
            this::softmax,
            this::layerNorm,
            this::batchNorm,
            this::reduce,
            this::reduce,
            this::cumSum,
            this::topK,
            this::argMax,
            this::select,
            shapes::flatten,
            shapes::expand,
            shapes::zeros,
            this::again,
            this::handOn,
            this::clip,
            shapes::pad,
            this::einsum,
            shapes::gatherNd,
            this::recur);
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

  private void einsum(Value x) {
    if (emit.opset < 12 || x.rows() != 0 || x.width() == 0 || x.rank() > 3) {
      return;
    }
    Value y = pool.pick(other -> other.is(Dim.ROWS, x.dim(-1)));
    String letters = x.rank() == 2 ? "bd" : "bnd";
    if (y == null || emit.chance(0.3)) {
      var equation =
          Map.of("equation", Attribute.of(letters + ",de->" + letters.replace('d', 'e')));
      String z = emit.node("Einsum", equation, x.name(), emit.weight(x.width(), 2));
      pool.add(z, x.with(-1, Dim.of(2)), x.parties());
      return;
    }
    boolean turned = emit.chance(0.5);
    String kept = letters.replace("d", "");
    var equation =
        Map.of(
            "equation",
            Attribute.of(turned ? "bd," + letters + "->" + kept : letters + ",bd->" + kept));
    String z =
        emit.node("Einsum", equation, turned ? y.name() : x.name(), turned ? x.name() : y.name());
    int parties = x.parties() | y.parties();
    if (x.rank() == 2) {
      pool.add(emit.unsqueeze(z, 1), List.of(Dim.ROWS, Dim.ONE), parties);
    } else {
      pool.add(z, x.without(2), parties);
    }
  }

  /** Runs a gated recurrent unit over the events. */
  private void recur(Value x) {
    if (x.rank() != 3 || x.rows() != 0 || x.width() == 0 || !x.dim(1).isEvents()) {
      return;
    }
    String steps = emit.transpose(x.name(), 1, 0, 2);
    String in = emit.weight(1, 9, x.width());
    String back = emit.weight(1, 9, 3);
    var hidden = Map.of("hidden_size", Attribute.of(3));
    List<String> states;
    if (emit.chance(0.5)) {
      var zero = Map.of("value", Attribute.of(TensorData.doubles(Shape.of(1), 0)));
      String lengths = pool.lengths(List.of(Dim.ONE, Dim.ROWS, Dim.of(3)));
      String start = emit.node("ConstantOfShape", zero, lengths);
      states = emit.nodes("GRU", 2, hidden, steps, in, back, "", "", start);
    } else {
      states = emit.nodes("GRU", 2, hidden, steps, in, back);
    }
    if (emit.chance(0.5)) {
      pool.add(emit.squeeze(states.getLast(), 0), List.of(Dim.ROWS, Dim.of(3)), x.parties());
    } else {
      String all = emit.transpose(emit.squeeze(states.getFirst(), 1), 1, 0, 2);
      pool.add(all, x.with(2, Dim.of(3)), x.parties());
    }
  }
}

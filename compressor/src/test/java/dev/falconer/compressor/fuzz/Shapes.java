package dev.falconer.compressor.fuzz;

import dev.falconer.compressor.onnx.Attribute;
import dev.falconer.compressor.onnx.Shape;
import dev.falconer.compressor.onnx.TensorData;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/** Adds operators that join, cut, regroup and repeat, where they fit; never along the rows. */
final class Shapes {
  private static final int WIDEST = 12;
  private static final int HIGHEST_RANK = 4;

  private final Pool pool;
  private final Emitter emit;

  Shapes(Pool pool) {
    this.pool = pool;
    this.emit = pool.emit;
  }

  void concat(Value x) {
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

  void splitAxis(Value x) {
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

  void mergeAxes(Value x) {
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
  void mergeRows(Value x) {
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

  void transpose(Value x) {
    var order = new ArrayList<>(IntStream.range(0, x.rank()).boxed().toList());
    Collections.shuffle(order, emit.random);
    pool.add(
        emit.transpose(x.name(), order.stream().mapToLong(Integer::longValue).toArray()),
        order.stream().map(x::dim).toList(),
        x.parties());
  }

  void unsqueeze(Value x) {
    if (x.rank() >= HIGHEST_RANK) {
      return;
    }
    int axis = emit.random.nextInt(x.rank() + 1);
    var dims = new ArrayList<>(x.dims());
    dims.add(axis, Dim.ONE);
    pool.add(emit.unsqueeze(x.name(), axis), dims, x.parties());
  }

  void squeeze(Value x) {
    int axis = x.dims().indexOf(Dim.ONE);
    if (axis >= 0 && x.rank() > 1) {
      int counted = emit.opset >= 11 && emit.chance(0.3) ? axis - x.rank() : axis;
      pool.add(emit.squeeze(x.name(), counted), x.without(axis), x.parties());
    }
  }

  void slice(Value x) {
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

  void gather(Value x) {
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

  void split(Value x) {
    int width = x.width();
    if (width < 2) {
      return;
    }
    int first = 1 + emit.random.nextInt(width - 1);
    List<String> parts = emit.split(x.name(), x.rank() - 1L, first, width - first);
    pool.add(parts.get(0), x.with(-1, Dim.of(first)), x.parties());
    pool.add(parts.get(1), x.with(-1, Dim.of(width - first)), x.parties());
  }

  void flatten(Value x) {
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
  void expand(Value x) {
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
  void zeros(Value x) {
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

  void pad(Value x) {
    if (x.width() > 0 && emit.opset >= 11) {
      var pads = new long[2 * x.rank()];
      pads[x.rank() - 1] = emit.random.nextInt(2);
      pads[2 * x.rank() - 1] = 1;
      String y = emit.node("Pad", x.name(), emit.ints(pads), emit.number(0.5));
      int width = x.width() + 1 + (int) pads[x.rank() - 1];
      pool.add(y, x.with(-1, Dim.of(width)), x.parties());
    }
  }

  /** Takes one element of an axis, another one in each row. */
  void gatherNd(Value x) {
    if (emit.opset < 12 || x.rank() < 2 || x.rows() != 0 || !x.dim(1).isFixed()) {
      return;
    }
    Value key = pool.pick(y -> y.is(Dim.ROWS, x.dim(1)));
    if (key != null) {
      String index = emit.node("ArgMax", Map.of("axis", Attribute.of(1)), key.name());
      var batch = Map.of("batch_dims", Attribute.of(1));
      String y = emit.node("GatherND", batch, x.name(), index);
      int parties = x.parties() | key.parties();
      if (x.rank() == 2) {
        pool.add(emit.unsqueeze(y, 1), List.of(Dim.ROWS, Dim.ONE), parties);
      } else {
        pool.add(y, x.without(1), parties);
      }
    }
  }
}

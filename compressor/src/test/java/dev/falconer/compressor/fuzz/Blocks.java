package dev.falconer.compressor.fuzz;

import dev.falconer.compressor.onnx.Attribute;
import dev.falconer.compressor.onnx.DType;
import dev.falconer.compressor.onnx.Shape;
import dev.falconer.compressor.onnx.TensorData;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Adds what rankers are made of: attention, factorisation machines, cross layers, pooling. */
final class Blocks {
  /** Rows of position tables: no history in these tests is longer. */
  static final int LONGEST = 8;

  /**
   * A history.
   *
   * @param events [B, n, d]
   * @param ids int64 [B, n] with 0 for padding; null where it has none
   * @param length int64 [B], its valid events; null where it has none
   */
  record History(Value events, @Nullable String ids, @Nullable String length) {}

  private final Pool pool;
  private final Emitter emit;
  private final List<History> histories;

  Blocks(Pool pool, List<History> histories) {
    this.pool = pool;
    this.emit = pool.emit;
    this.histories = histories;
  }

  void any() {
    Value c =
        pool.pick(x -> x.rank() == 2 && x.rows() == 0 && x.width() > 0 && x.of(Value.CANDIDATE));
    History history = histories.isEmpty() ? null : emit.one(histories.toArray(History[]::new));
    int kind = emit.random.nextInt(history == null ? 3 : 11);
    switch (kind) {
      case 0 -> factorisationMachine();
      case 1 -> crossLayers();
      case 2 -> fieldProducts();
      case 3 -> nullKey(history);
      case 4 -> positions(history);
      case 5 -> pooled(history);
      case 6 -> selfAttention(history, null);
      default -> {
        if (c != null || history.events().rows() < 0) {
          switch (history.events().rows() < 0 ? 11 : kind) {
            case 7 -> selfAttention(history, c);
            case 8 -> headAttention(history, c);
            case 9 -> dinAttention(history, c);
            case 10 -> targetAttention(history, c);
            default -> groupedAttention(history);
          }
        }
      }
    }
  }

  private String affine(String x, int in, int out) {
    return emit.node("MatMul", x, emit.weight(in, out));
  }

  /** Returns a mask [B, n] of the valid events, or null. */
  private @Nullable String mask(History history) {
    if (history.length() != null && emit.opset >= 11 && emit.chance(0.6)) {
      String position = emit.unsqueeze(range(history.events().dim(1)), 0);
      return emit.node("Less", position, emit.unsqueeze(history.length(), 1));
    }
    if (history.ids() == null) {
      return null;
    }
    String zero = emit.constant(TensorData.scalar(0L));
    return emit.chance(0.5)
        ? emit.node("Greater", history.ids(), zero)
        : emit.node("Not", emit.node("Equal", history.ids(), zero));
  }

  private String range(Dim dim) {
    return emit.node(
        "Range",
        emit.constant(TensorData.scalar(0L)),
        pool.scalarLength(dim),
        emit.constant(TensorData.scalar(1L)));
  }

  /** Returns scores with those of masked events far below, by choice or by addition. */
  private String masked(String scores, String mask) {
    if (emit.chance(0.5)) {
      return emit.node("Where", mask, scores, emit.number(-1e4));
    }
    String keep = emit.cast(mask, DType.FLOAT64.onnx());
    String penalty = emit.node("Mul", emit.node("Sub", emit.number(1), keep), emit.number(-1e4));
    return emit.node("Add", scores, penalty);
  }

  private void targetAttention(History history, Value c) {
    Value h = history.events();
    String query = emit.unsqueeze(affine(c.name(), c.width(), 3), 1);
    String keys = affine(h.name(), h.width(), 3);
    String scores = emit.node("MatMul", query, emit.transpose(keys, 0, 2, 1));
    scores = emit.node("Div", scores, emit.number(1.7));
    String mask = mask(history);
    if (mask != null) {
      scores = masked(scores, emit.unsqueeze(mask, 1));
    }
    String read = emit.node("MatMul", emit.softmax(scores, 2), affine(h.name(), h.width(), 3));
    int parties = h.parties() | c.parties();
    pool.add(emit.squeeze(read, 1), List.of(Dim.ROWS, Dim.of(3)), parties);
  }

  /** Attention of candidates [1, m, d] to one history [1, n, d]. */
  private void groupedAttention(History history) {
    Value h = history.events();
    Value c =
        pool.pick(x -> x.rank() == 3 && x.rows() == 1 && x.dim(0).equals(Dim.ONE) && x.width() > 0);
    if (c == null) {
      return;
    }
    String keys = emit.transpose(affine(h.name(), h.width(), 3), 0, 2, 1);
    String scores = emit.node("MatMul", affine(c.name(), c.width(), 3), keys);
    String mask = mask(history);
    if (mask != null) {
      scores = masked(scores, emit.unsqueeze(mask, 1));
    }
    String read = emit.node("MatMul", emit.softmax(scores, 2), affine(h.name(), h.width(), 3));
    pool.add(read, c.with(-1, Dim.of(3)), h.parties() | c.parties());
  }

  private void headAttention(History history, Value c) {
    Value h = history.events();
    Dim events = h.dim(1);
    Value keys = pool.add(affine(h.name(), h.width(), 4), h.with(-1, Dim.of(4)), h.parties());
    Value values = pool.add(affine(h.name(), h.width(), 4), keys.dims(), h.parties());
    List<Dim> heads = List.of(Dim.ROWS, events, Dim.of(2), Dim.of(2));
    Value keyHeads = pool.reshaped(keys, heads);
    Value valueHeads = pool.reshaped(values, heads);
    Value query =
        pool.add(affine(c.name(), c.width(), 4), List.of(Dim.ROWS, Dim.of(4)), c.parties());
    Value queryHeads = pool.reshaped(query, List.of(Dim.ROWS, Dim.of(2), Dim.ONE, Dim.of(2)));
    String scores =
        emit.node("MatMul", queryHeads.name(), emit.transpose(keyHeads.name(), 0, 2, 3, 1));
    String mask = mask(history);
    if (mask != null) {
      scores = masked(scores, emit.unsqueeze(emit.unsqueeze(mask, 1), 1));
    }
    String read =
        emit.node("MatMul", emit.softmax(scores, 3), emit.transpose(valueHeads.name(), 0, 2, 1, 3));
    int parties = h.parties() | c.parties();
    Value rows = pool.add(read, queryHeads.dims(), parties);
    pool.reshaped(rows, List.of(Dim.ROWS, Dim.of(4)));
  }

  private void dinAttention(History history, Value c) {
    Value h = history.events();
    int width = h.width();
    String query = c.width() == width ? c.name() : affine(c.name(), c.width(), width);
    String one = emit.unsqueeze(query, 1);
    String each =
        emit.chance(0.5)
            ? emit.node("Expand", one, pool.lengths(h.dims()))
            : emit.node("Tile", one, pool.lengths(List.of(Dim.ONE, h.dim(1), Dim.ONE)));
    String joined =
        emit.concat(
            -1, each, h.name(), emit.node("Sub", each, h.name()), emit.node("Mul", each, h.name()));
    String hidden = emit.node("Add", affine(joined, 4 * width, 3), emit.weight(3));
    String weight = affine(emit.node(emit.one("Relu", "Sigmoid"), hidden), 3, 1);
    String mask = mask(history);
    if (mask != null) {
      weight = masked(weight, emit.unsqueeze(mask, 2));
      weight = emit.opset < 13 ? emit.node("Sigmoid", weight) : emit.softmax(weight, 1);
    }
    int parties = h.parties() | c.parties();
    if (emit.chance(0.5)) {
      String sum = emit.reduce("ReduceSum", emit.node("Mul", weight, h.name()), false, 1);
      pool.add(sum, List.of(Dim.ROWS, Dim.of(width)), parties);
    } else {
      String sum = emit.node("MatMul", emit.transpose(weight, 0, 2, 1), h.name());
      pool.add(sum, List.of(Dim.ROWS, Dim.ONE, Dim.of(width)), parties);
    }
  }

  private void selfAttention(History history, @Nullable Value c) {
    Value h = history.events();
    int width = h.width();
    String x = h.name();
    Dim length = h.dim(1);
    int parties = h.parties();
    if (c != null) {
      String own = c.width() == width ? c.name() : affine(c.name(), c.width(), width);
      x = emit.concat(1, x, emit.unsqueeze(own, 1));
      length = length.plus(1);
      parties |= c.parties();
    }
    Value all = pool.add(x, List.of(h.dim(0), length, Dim.of(width)), parties);
    String query = affine(x, width, 3);
    String key = affine(x, width, 3);
    String scores = emit.node("MatMul", query, emit.transpose(key, 0, 2, 1));
    if (emit.opset >= 12 && emit.chance(0.6)) {
      String position = range(length);
      String later = emit.node("Greater", emit.unsqueeze(position, 0), emit.unsqueeze(position, 1));
      scores = emit.node("Where", later, emit.number(Double.NEGATIVE_INFINITY), scores);
    } else if (emit.opset >= 14 && emit.chance(0.5)) {
      var low = Map.of("value", Attribute.of(TensorData.doubles(Shape.of(1), -1e4)));
      String square = emit.node("ConstantOfShape", low, pool.lengths(List.of(length, length)));
      String upper = emit.node("Trilu", square, emit.constant(TensorData.scalar(1L)));
      scores = emit.node("Add", scores, upper);
    }
    String read = emit.node("MatMul", emit.softmax(scores, 2), affine(x, width, width));
    Value done = pool.add(emit.node("Add", read, all.name()), all.dims(), parties);
    if (emit.chance(0.6)) {
      var last = emit.constant(TensorData.scalar(emit.opset >= 11 ? -1L : 0L));
      String row = emit.node("Gather", Map.of("axis", Attribute.of(1)), done.name(), last);
      pool.add(row, done.without(1), parties);
    }
  }

  private void nullKey(History history) {
    Value h = history.events();
    String one = emit.weight(1, 1, h.width());
    String rows = emit.node("Expand", one, pool.lengths(List.of(h.dim(0), Dim.ONE, Dim.ONE)));
    pool.add(emit.concat(1, rows, h.name()), h.with(1, h.dim(1).plus(1)), h.parties());
  }

  private void positions(History history) {
    Value h = history.events();
    if (emit.opset >= 11) {
      String table = emit.weight(LONGEST, h.width());
      String rows = emit.node("Gather", table, range(h.dim(1)));
      pool.add(emit.node("Add", h.name(), rows), h.dims(), h.parties());
    }
  }

  private void pooled(History history) {
    Value h = history.events();
    String mask = mask(history);
    List<Dim> dims = List.of(h.dim(0), Dim.of(h.width()));
    if (mask == null) {
      String type = emit.one("ReduceMean", "ReduceSum");
      pool.add(emit.reduce(type, h.name(), false, 1), dims, h.parties());
      return;
    }
    String kept =
        emit.chance(0.5)
            ? emit.cast(emit.unsqueeze(mask, 2), DType.FLOAT64.onnx())
            : emit.unsqueeze(emit.cast(mask, DType.FLOAT64.onnx()), 2);
    String sum = emit.reduce("ReduceSum", emit.node("Mul", h.name(), kept), false, 1);
    String count = emit.node("Add", emit.reduce("ReduceSum", kept, false, 1), emit.number(0.5));
    pool.add(emit.node("Div", sum, count), dims, h.parties());
  }

  /** Joins some rows of one width [B, d] to fields [B, f, d]. */
  private @Nullable Value fields() {
    Value first = pool.pick(x -> x.rank() == 2 && x.rows() == 0 && x.width() > 0);
    if (first == null) {
      return null;
    }
    var parts = new ArrayList<String>();
    int parties = 0;
    for (int i = 0; i < 3; i++) {
      Value next = pool.pick(x -> x.rank() == 2 && x.rows() == 0 && x.width() > 0);
      if (next != null) {
        String own =
            next.width() == first.width()
                ? next.name()
                : affine(next.name(), next.width(), first.width());
        parts.add(emit.unsqueeze(own, 1));
        parties |= next.parties();
      }
    }
    String all = emit.concat(1, parts.toArray(String[]::new));
    return pool.add(all, List.of(Dim.ROWS, Dim.of(parts.size()), Dim.of(first.width())), parties);
  }

  private void factorisationMachine() {
    Value fields = fields();
    if (fields != null) {
      String x = fields.name();
      String sum = emit.reduce("ReduceSum", x, false, 1);
      String squares = emit.reduce("ReduceSum", emit.node("Mul", x, x), false, 1);
      String product = emit.node("Sub", emit.node("Mul", sum, sum), squares);
      pool.add(emit.node("Mul", product, emit.number(0.5)), fields.without(1), fields.parties());
    }
  }

  private void fieldProducts() {
    Value fields = fields();
    if (fields != null) {
      String all = emit.node("MatMul", fields.name(), emit.transpose(fields.name(), 0, 2, 1));
      int count = fields.dim(1).extra();
      Value square = pool.add(all, fields.with(-1, Dim.of(count)), fields.parties());
      pool.reshaped(square, List.of(Dim.ROWS, Dim.of(count * count)));
    }
  }

  private void crossLayers() {
    Value x = pool.pick(y -> y.rank() == 2 && y.rows() == 0 && y.width() > 1);
    if (x != null) {
      String now = x.name();
      for (int i = 0; i < 2; i++) {
        String product = emit.node("Mul", x.name(), affine(now, x.width(), 1));
        now = emit.node("Add", emit.node("Add", product, emit.weight(x.width())), now);
      }
      pool.add(now, x.dims(), x.parties());
    }
  }
}

package dev.falconer.compressor.fuzz;

import dev.falconer.compressor.onnx.Attribute;
import dev.falconer.compressor.onnx.TensorData;
import java.util.List;
import java.util.Map;

/** Lets one candidate's row depend on the others'. */
final class Plants {
  private final Pool pool;
  private final Emitter emit;

  Plants(Pool pool) {
    this.pool = pool;
    this.emit = pool.emit;
  }

  /** Returns rows [B, d] that depend on other rows of x [B, d]. */
  Value any(Value x) {
    String row = x.name();
    int width = x.width();
    String mixed =
        switch (emit.random.nextInt(20)) {
          case 0 -> emit.node("Sub", row, emit.reduce("ReduceMean", row, true, 0));
          case 1 -> emit.node("Add", row, emit.reduce("ReduceMax", row, false, -2));
          case 2 -> emit.node("Mul", row, emit.reduce("ReduceSum", row, false, 0, 1));
          case 3 -> emit.softmax(row, 0);
          case 4 -> emit.transpose(emit.softmax(emit.transpose(row, 1, 0), 1), 1, 0);
          case 5 -> setAttention(row);
          case 6 -> gram(row);
          case 7 -> sorted(row);
          case 8 -> emit.node("Add", row, emit.slice(row, 0, 0, 1, 1));
          case 9 -> emit.node("Sub", row, emit.node("Gather", row, emit.ints(0)));
          case 10 -> reversed(row);
          case 11 -> cumulated(row);
          case 12 -> scrambled(x);
          case 13 -> flattened(x);
          case 14 -> gemmGram(row);
          case 15 -> einsum(row);
          case 16 -> overRows(x);
          case 17 -> byIndex(row);
          case 18 -> shifted(row, width);
          default -> broadcastPairs(row);
        };
    return pool.add(mixed, List.of(Dim.ROWS, Dim.of(width)), x.parties());
  }

  private String setAttention(String row) {
    String scores = emit.node("MatMul", row, emit.transpose(row, 1, 0));
    return emit.node("MatMul", emit.softmax(scores, 1), row);
  }

  private String gram(String row) {
    String gram = emit.node("MatMul", emit.transpose(row, 1, 0), row);
    return emit.node("MatMul", row, gram);
  }

  private String gemmGram(String row) {
    String gram = emit.node("Gemm", Map.of("transA", Attribute.of(1)), row, row, emit.number(0));
    return emit.node("MatMul", row, gram);
  }

  private String sorted(String row) {
    if (emit.opset < 10) {
      return emit.softmax(row, 0);
    }
    String all = emit.length(row, 0);
    return emit.nodes("TopK", 2, Map.of("axis", Attribute.of(0)), row, all).getFirst();
  }

  private String reversed(String row) {
    return emit.opset < 10 ? emit.softmax(row, 0) : emit.slice(row, 0, -1, Long.MIN_VALUE, -1);
  }

  private String cumulated(String row) {
    return emit.opset < 11
        ? emit.softmax(row, 0)
        : emit.node("CumSum", row, emit.constant(TensorData.scalar(0L)));
  }

  /** Reads the rows column by column as if they lay row by row. */
  private String scrambled(Value x) {
    String turned = emit.transpose(x.name(), 1, 0);
    String shape =
        emit.chance(0.5)
            ? emit.ints(-1, x.width())
            : emit.concat(0, emit.length(x.name(), 0), emit.ints(x.width()));
    String rows = emit.node("Reshape", turned, shape);
    return emit.node("Add", rows, x.name());
  }

  private String flattened(Value x) {
    String all = emit.node("Reshape", x.name(), emit.ints(-1));
    return emit.node(
        "Div",
        x.name(),
        emit.node("Add", emit.node("Abs", emit.reduce("ReduceSum", all, true, 0)), emit.number(1)));
  }

  /** Compares every row with every other by broadcasting. */
  private String broadcastPairs(String row) {
    String pairs = emit.node("Sub", emit.unsqueeze(row, 0), emit.unsqueeze(row, 1));
    return emit.reduce("ReduceMax", pairs, false, 0);
  }

  private String einsum(String row) {
    if (emit.opset < 12) {
      return setAttention(row);
    }
    String pairs = emit.node("Einsum", Map.of("equation", Attribute.of("bd,cd->bc")), row, row);
    var back = Map.of("equation", Attribute.of(emit.one("bc,cd->bd", "cb,cd->bd")));
    return emit.node("Einsum", back, emit.node("Tanh", pairs), row);
  }

  /** Runs a recurrent layer with the rows for its steps. */
  private String overRows(Value x) {
    int width = x.width();
    var hidden = Map.of("hidden_size", Attribute.of(width));
    String steps = emit.unsqueeze(x.name(), 1);
    String in = emit.weight(1, 3 * width, width);
    String back = emit.weight(1, 3 * width, width);
    String all = emit.nodes("GRU", 1, hidden, steps, in, back).getFirst();
    return emit.squeeze(emit.squeeze(all, 1), 1);
  }

  /** Takes the row that a number in each row names: always the first. */
  private String byIndex(String row) {
    if (emit.opset < 12) {
      return gram(row);
    }
    String number = emit.node("ArgMax", Map.of("axis", Attribute.of(1)), row);
    String first = emit.node("Mul", number, emit.constant(TensorData.scalar(0L)));
    String picked =
        emit.chance(0.5)
            ? emit.node("GatherND", row, first)
            : emit.squeeze(emit.node("Gather", row, first), 1);
    return emit.node("Sub", row, picked);
  }

  /** Reads the row above. */
  private String shifted(String row, int width) {
    if (emit.opset < 11) {
      return gram(row);
    }
    String padded = emit.node("Pad", row, emit.ints(1, 0, 0, 0), emit.number(0));
    String above = emit.slice(padded, 0, 0, -1, 1);
    return emit.node("Add", row, emit.node("MatMul", above, emit.weight(width, width)));
  }
}

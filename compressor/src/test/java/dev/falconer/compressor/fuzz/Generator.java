package dev.falconer.compressor.fuzz;

import dev.falconer.compressor.axes.Roles;
import dev.falconer.compressor.axes.Roles.Role;
import dev.falconer.compressor.onnx.Attribute;
import dev.falconer.compressor.onnx.DType;
import dev.falconer.compressor.onnx.Model;
import dev.falconer.compressor.onnx.ValueInfo;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.jspecify.annotations.Nullable;

/** Makes the graph of one seed: columns, moves and blocks in random order, heads. */
final class Generator {
  private static final Long[] OPSETS = {9L, 11L, 13L, 17L, 17L, 20L, 20L, 20L};
  private static final double PLANTED = 0.3;
  private static final double BLOCKS = 0.25;
  private static final double GROUPED = 0.15;

  private final long seed;
  private final Emitter emit;
  private final Pool pool;

  /** Whether the candidates [B, m, ...] stand under their user, of whom there is one. */
  private final boolean grouped;

  private final List<ValueInfo> inputs = new ArrayList<>();
  private final List<ValueInfo> outputs = new ArrayList<>();
  private final Map<String, Role> roles = new LinkedHashMap<>();
  private final List<Blocks.History> histories = new ArrayList<>();

  Generator(long seed) {
    this.seed = seed;
    var random = new Random(seed);
    random.nextLong();
    this.emit = new Emitter(random, OPSETS[random.nextInt(OPSETS.length)]);
    this.pool = new Pool(emit);
    this.grouped = emit.chance(GROUPED);
  }

  FuzzGraph graph() {
    columns();
    var moves = new Moves(pool);
    var blocks = new Blocks(pool, histories);
    for (int i = 2 + emit.random.nextInt(7); i > 0; i--) {
      if (emit.chance(BLOCKS)) {
        blocks.any();
      } else {
        moves.any();
      }
    }
    Value mixed = null;
    if (emit.chance(PLANTED)) {
      Value rows = flat(candidates());
      mixed = new Plants(pool).any(rows);
      for (int i = emit.random.nextInt(3); i > 0; i--) {
        moves.any();
      }
    }
    head(mixed);
    for (int i = emit.chance(0.25) ? 1 + emit.random.nextInt(2) : 0; i > 0; i--) {
      head(null);
    }
    Value profile = pool.pick(x -> x.parties() == Value.USER && x.rows() >= 0 && !grouped);
    if (profile != null && emit.chance(0.08)) {
      score(List.of(flat(profile)));
    }
    var model =
        new Model(emit.graph(inputs, outputs), Model.IR_VERSION, Map.of("", emit.opset), Map.of());
    return new FuzzGraph(seed, model, new Roles(roles), mixed != null);
  }

  private void columns() {
    boolean history = emit.chance(0.7);
    if (!history || emit.chance(0.6)) {
      profile("user", Role.USER, Value.USER);
    }
    if (history) {
      history("history", Dim.EVENTS, "n");
      if (emit.chance(0.35)) {
        // Another name may stand for another length or for the same one.
        boolean same = emit.chance(0.6);
        String name = same ? emit.one("n", "n_2") : "k";
        history("clicks", same ? Dim.EVENTS : Dim.OTHERS, name);
      }
    }
    profile("item", Role.CANDIDATE, Value.CANDIDATE);
    if (emit.chance(0.4)) {
      profile("item_more", Role.CANDIDATE, Value.CANDIDATE);
    }
    if (emit.chance(0.25)) {
      profile("context", Role.CONTEXT, Value.CONTEXT);
    }
  }

  private int width() {
    return 2 + emit.random.nextInt(3);
  }

  private void input(String name, Role role, DType dtype, Object... axes) {
    inputs.add(ValueInfo.of(name, dtype, axes));
    roles.put(name, role);
  }

  private String rowsName() {
    return grouped ? "B" : emit.chance(0.8) ? "batch" : "batch_" + inputs.size();
  }

  /**
   * Adds numbers [B, d], ids [B] or ids [B, 2] read from a table; candidates may be [B, m, ...].
   */
  private void profile(String name, Role role, int party) {
    int width = width();
    var axes = new ArrayList<Object>(List.of(rowsName()));
    var dims = new ArrayList<>(List.of(grouped ? Dim.ONE : Dim.ROWS));
    if (grouped && role == Role.CANDIDATE) {
      axes.add("m");
      dims.add(Dim.ROWS);
    }
    int kind = emit.random.nextInt(4);
    if (kind == 1) {
      axes.add(2);
      dims.add(Dim.of(2));
    }
    dims.add(Dim.of(width));
    if (kind < 2) {
      input(name, role, DType.INT64, axes.toArray());
      pool.add(table(name, width), dims, party);
    } else {
      axes.add(width);
      input(name, role, DType.FLOAT64, axes.toArray());
      pool.add(name, dims, party);
    }
  }

  private String table(String ids, int width) {
    return emit.node(
        "Gather", Map.of("axis", Attribute.of(0)), emit.weight(FuzzGraph.IDS, width), ids);
  }

  private void history(String name, Dim dim, String length) {
    int width = width();
    String ids = null;
    Value events;
    List<Dim> dims = List.of(grouped ? Dim.ONE : Dim.ROWS, dim, Dim.of(width));
    if (emit.chance(0.6)) {
      input(name, Role.USER, DType.INT64, rowsName(), length);
      ids = name;
      events = pool.add(table(name, width), dims, Value.USER);
    } else {
      input(name, Role.USER, DType.FLOAT64, rowsName(), length, width);
      events = pool.add(name, dims, Value.USER);
    }
    String valid = null;
    if (histories.isEmpty() && emit.chance(0.3)) {
      valid = name + "_length";
      input(valid, Role.LENGTH, DType.INT64, rowsName());
    }
    histories.add(new Blocks.History(events, ids, valid));
  }

  /**
   * Returns the latest tensor with rows that depend on the candidates, or one of the later ones.
   */
  private Value candidates() {
    List<Value> fitting =
        pool.values.stream().filter(x -> x.of(Value.CANDIDATE) && x.rows() >= 0).toList();
    int last = fitting.size() - 1;
    return fitting.get(Math.max(0, last - emit.random.nextInt(3)));
  }

  /** Adds an output: some tensors joined, and two layers. */
  private void head(@Nullable Value mixed) {
    var parts = new ArrayList<Value>();
    if (mixed != null) {
      parts.add(mixed);
    }
    parts.add(flat(candidates()));
    Value users = pool.pick(x -> x.of(Value.USER) && (grouped || x.rows() >= 0));
    if (users != null && emit.chance(0.9)) {
      parts.add(flat(users));
    }
    Value more = pool.pick(x -> grouped || x.rows() >= 0);
    if (more != null && emit.chance(0.4)) {
      parts.add(flat(more));
    }
    score(parts);
  }

  private void score(List<Value> parts) {
    int width = parts.stream().mapToInt(Value::width).sum();
    String joined =
        parts.size() == 1
            ? parts.getFirst().name()
            : emit.concat(1, parts.stream().map(Value::name).toArray(String[]::new));
    String hidden =
        emit.node("Add", emit.node("MatMul", joined, emit.weight(width, 4)), emit.weight(4));
    String score = emit.node("MatMul", emit.node("Tanh", hidden), emit.weight(4, 1));
    int shape = emit.random.nextInt(4);
    if (shape == 0) {
      score = emit.squeeze(score, 1);
    }
    if (emit.chance(0.5)) {
      score = emit.node("Sigmoid", score);
    }
    var axes = new ArrayList<Object>(List.of(grouped ? "m" : "batch"));
    if (grouped) {
      score = emit.unsqueeze(score, 0);
      axes.addFirst("B");
    }
    if (shape != 0) {
      axes.add(1);
    }
    outputs.add(ValueInfo.of(score, DType.FLOAT64, axes.toArray()));
  }

  /** Returns a tensor as rows [B, d]: events are added up, the rest is put side by side. */
  private Value flat(Value x) {
    Value now = x;
    for (int axis = x.rank() - 1; axis >= 0; axis--) {
      if (now.dim(axis).isEvents()) {
        String type = emit.one("ReduceSum", "ReduceMean");
        String sum = emit.reduce(type, now.name(), false, axis);
        now = new Value(sum, now.without(axis), x.parties());
      }
    }
    if (now.rows() < 0) {
      int width = now.dims().stream().mapToInt(Dim::extra).reduce(1, (a, b) -> a * b);
      Value one = pool.reshaped(now, List.of(Dim.ONE, Dim.of(width)));
      List<Dim> dims = List.of(Dim.ROWS, Dim.of(width));
      return new Value(emit.node("Expand", one.name(), pool.lengths(dims)), dims, x.parties());
    }
    if (now.rank() == 1) {
      return new Value(emit.unsqueeze(now.name(), 1), List.of(Dim.ROWS, Dim.ONE), x.parties());
    }
    if (now.rows() != 0) {
      var order = new long[now.rank()];
      var dims = new ArrayList<Dim>(List.of(Dim.ROWS));
      order[0] = now.rows();
      for (int i = 0, next = 1; i < now.rank(); i++) {
        if (i != now.rows()) {
          order[next++] = i;
          dims.add(now.dim(i));
        }
      }
      now = new Value(emit.transpose(now.name(), order), dims, x.parties());
    }
    if (now.rank() == 2) {
      return now;
    }
    int width = now.dims().stream().skip(1).mapToInt(Dim::extra).reduce(1, (a, b) -> a * b);
    return pool.reshaped(now, List.of(Dim.ROWS, Dim.of(width)));
  }
}

package dev.falconer.compressor.split;

import dev.falconer.compressor.axes.Roles;
import dev.falconer.compressor.axes.Roles.Role;
import dev.falconer.compressor.onnx.Attribute;
import dev.falconer.compressor.onnx.DType;
import dev.falconer.compressor.onnx.GraphBuilder;
import dev.falconer.compressor.onnx.Model;
import dev.falconer.compressor.onnx.Shape;
import dev.falconer.compressor.onnx.TensorData;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;

/**
 * Rankers of the literature over five fields of the user and two of the candidate, embedded in 4
 * numbers each, row-wise: user_0 ... user_4 [B], item_0, item_1 [B].
 */
final class ClassicRankers {
  private static final int USER_FIELDS = 5;
  private static final int ITEM_FIELDS = 2;
  private static final int FIELDS = USER_FIELDS + ITEM_FIELDS;
  private static final int WIDTH = 4;
  private static final int VOCABULARY = 9;

  private final GraphBuilder graph = new GraphBuilder("ranker");
  private final Random random = new Random(17);
  private final List<String> fields = new ArrayList<>();
  private final long opset;

  private ClassicRankers(long opset) {
    this.opset = opset;
    for (int i = 0; i < FIELDS; i++) {
      String name = i < USER_FIELDS ? "user_" + i : "item_" + (i - USER_FIELDS);
      graph.input(name, DType.INT64, "B");
      fields.add(graph.gather(weight(VOCABULARY, WIDTH), name));
    }
  }

  static Roles roles() {
    var roles = new LinkedHashMap<String, Role>();
    for (int i = 0; i < FIELDS; i++) {
      roles.put(
          i < USER_FIELDS ? "user_" + i : "item_" + (i - USER_FIELDS),
          i < USER_FIELDS ? Role.USER : Role.CANDIDATE);
    }
    return new Roles(roles);
  }

  private Model model(String... logits) {
    for (int i = 0; i < logits.length; i++) {
      graph.output(
          graph.named("score_" + i, "Sigmoid", Map.of(), logits[i]), DType.FLOAT32, "B", 1);
    }
    return new Model(graph.build(), Model.IR_VERSION, Map.of("", opset), Map.of());
  }

  private String weight(int... dims) {
    long[] lengths = Arrays.stream(dims).asLongStream().toArray();
    var values = new float[Arrays.stream(dims).reduce(1, (a, b) -> a * b)];
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) (random.nextGaussian() / Math.sqrt(dims[0]));
    }
    return graph.initializer(
        "w" + random.nextLong(Long.MAX_VALUE), TensorData.floats(Shape.of(lengths), values));
  }

  private String linear(String x, int in, int out) {
    return graph.plus(graph.matmul(x, weight(in, out)), weight(out));
  }

  private String layer(String x, int in, int out) {
    return graph.add("Relu", linear(x, in, out));
  }

  /** Returns all fields side by side, [B, 28]. */
  private String joined() {
    return graph.concat(1, fields.toArray(String[]::new));
  }

  /** Returns all fields under each other, [B, 7, 4]. */
  private String stacked() {
    return graph.concat(
        1, fields.stream().map(field -> graph.unsqueeze(field, 1)).toArray(String[]::new));
  }

  private String sum(String x, boolean keep, long axis) {
    return graph.add(
        "ReduceSum", Map.of("keepdims", Attribute.of(keep ? 1 : 0)), x, graph.vector(axis));
  }

  private String softmax(String x, long axis) {
    return graph.add("Softmax", Map.of("axis", Attribute.of(axis)), x);
  }

  /** Self-attention among the fields. Source: Song et al. 2019, arXiv 1810.11921. */
  static Model autoInt() {
    var m = new ClassicRankers(20);
    String x = m.stacked();
    for (int i = 0; i < 2; i++) {
      String query = m.heads(x, 0, 2, 1, 3);
      String key = m.heads(x, 0, 2, 3, 1);
      String value = m.heads(x, 0, 2, 1, 3);
      String read = m.graph.matmul(m.softmax(m.graph.matmul(query, key), -1), value);
      String rows = m.graph.reshape(m.graph.transpose(read, 0, 2, 1, 3), 0, FIELDS, WIDTH);
      x = m.graph.add("Relu", m.graph.plus(rows, m.graph.matmul(x, m.weight(WIDTH, WIDTH))));
    }
    return m.model(m.linear(m.graph.reshape(x, -1, FIELDS * WIDTH), FIELDS * WIDTH, 1));
  }

  private String heads(String x, long... permutation) {
    String projected = graph.matmul(x, weight(WIDTH, WIDTH));
    return graph.transpose(graph.reshape(projected, 0, FIELDS, 2, WIDTH / 2), permutation);
  }

  /** Fields weighed by a squeeze-and-excite net, then multiplied. Source: Huang et al. 2019. */
  static Model fiBiNet() {
    var m = new ClassicRankers(20);
    String x = m.stacked();
    String mean =
        m.graph.add("ReduceMean", Map.of("keepdims", Attribute.of(0)), x, m.graph.vector(2));
    String excited =
        m.graph.add(
            "Relu",
            m.graph.matmul(
                m.graph.add("Relu", m.graph.matmul(mean, m.weight(FIELDS, 3))),
                m.weight(3, FIELDS)));
    String weighed = m.graph.times(x, m.graph.unsqueeze(excited, 2));
    var parts = new ArrayList<String>();
    String bilinear = m.weight(WIDTH, WIDTH);
    for (String all : List.of(x, weighed)) {
      var rows = new ArrayList<String>();
      for (int i = 0; i < FIELDS; i++) {
        rows.add(m.field(all, i));
      }
      for (int i = 0; i < FIELDS; i++) {
        for (int j = i + 1; j < FIELDS; j++) {
          parts.add(m.graph.times(m.graph.matmul(rows.get(i), bilinear), rows.get(j)));
        }
      }
    }
    int width = parts.size() * WIDTH;
    String product = m.graph.concat(1, parts.toArray(String[]::new));
    return m.model(m.linear(m.layer(product, width, 8), 8, 1));
  }

  private String field(String all, long index) {
    return graph.add(
        "Gather", Map.of("axis", Attribute.of(1)), all, graph.constant(TensorData.scalar(index)));
  }

  /** Products of pairs, summed with weights of their own. Source: Xiao et al. 2017, 1708.04617. */
  static Model attentionalFactorisationMachine() {
    var m = new ClassicRankers(20);
    var pairs = new ArrayList<String>();
    for (int i = 0; i < FIELDS; i++) {
      for (int j = i + 1; j < FIELDS; j++) {
        pairs.add(m.graph.unsqueeze(m.graph.times(m.fields.get(i), m.fields.get(j)), 1));
      }
    }
    String products = m.graph.concat(1, pairs.toArray(String[]::new));
    String weight = m.softmax(m.graph.matmul(m.layer(products, WIDTH, 8), m.weight(8, 1)), 1);
    String pooled = m.sum(m.graph.times(weight, products), false, 1);
    String first = m.graph.matmul(m.joined(), m.weight(FIELDS * WIDTH, 1));
    return m.model(m.graph.plus(m.graph.matmul(pooled, m.weight(WIDTH, 1)), first));
  }

  /** Cross and deep layers with a bridge after each. Source: Chen et al. 2021 (EDCN). */
  static Model edcn() {
    var m = new ClassicRankers(20);
    int width = FIELDS * WIDTH;
    String x = m.joined();
    String cross = m.graph.times(x, m.weight(width));
    String deep = m.graph.times(x, m.weight(width));
    String bridge = "";
    for (int i = 0; i < 2; i++) {
      String product = m.graph.times(x, m.graph.matmul(cross, m.weight(width, 1)));
      cross = m.graph.plus(m.graph.plus(product, m.weight(width)), cross);
      deep = m.layer(deep, width, width);
      bridge = m.graph.times(cross, deep);
      cross = m.graph.times(bridge, m.weight(width));
      deep = m.graph.times(bridge, m.weight(width));
    }
    return m.model(m.linear(m.graph.concat(1, cross, deep, bridge), 3 * width, 1));
  }

  /** Experts mixed by a gate per task. Source: Ma et al. 2018 (MMoE). */
  static Model mixtureOfExperts() {
    var m = new ClassicRankers(20);
    String x = m.joined();
    int width = FIELDS * WIDTH;
    List<String> experts = m.experts(x, width, 3);
    return m.model(m.tower(m.mixed(x, width, experts)), m.tower(m.mixed(x, width, experts)));
  }

  private List<String> experts(String x, int width, int count) {
    var experts = new ArrayList<String>();
    for (int i = 0; i < count; i++) {
      experts.add(layer(x, width, 8));
    }
    return experts;
  }

  private String mixed(String x, int width, List<String> experts) {
    String gate = softmax(graph.matmul(x, weight(width, experts.size())), 1);
    String all =
        graph.concat(
            1, experts.stream().map(expert -> graph.unsqueeze(expert, 1)).toArray(String[]::new));
    return sum(graph.times(all, graph.unsqueeze(gate, 2)), false, 1);
  }

  private String tower(String x) {
    return linear(layer(x, 8, 4), 4, 1);
  }

  /** Two levels of shared and own experts. Source: Tang et al. 2020 (PLE). */
  static Model progressiveLayeredExtraction() {
    var m = new ClassicRankers(20);
    String shared = m.joined();
    int width = FIELDS * WIDTH;
    var tasks = new ArrayList<>(List.of(shared, shared));
    for (int level = 0; level < 2; level++) {
      List<String> common = m.experts(shared, width, 2);
      var all = new ArrayList<>(common);
      for (int task = 0; task < 2; task++) {
        List<String> own = m.experts(tasks.get(task), width, 1);
        all.addAll(own);
        var read = new ArrayList<>(common);
        read.addAll(own);
        tasks.set(task, m.mixed(tasks.get(task), width, read));
      }
      shared = m.mixed(shared, width, all);
      width = 8;
    }
    return m.model(m.tower(tasks.get(0)), m.tower(tasks.get(1)));
  }

  /** Click, conversion after a click, and their product. Source: Ma et al. 2018, 1804.07931. */
  static Model entireSpace() {
    var m = new ClassicRankers(20);
    String x = m.joined();
    int width = FIELDS * WIDTH;
    String click = m.linear(m.layer(x, width, 8), 8, 1);
    String conversion = m.linear(m.layer(x, width, 8), 8, 1);
    m.model(click, conversion);
    m.graph.output(
        m.graph.named("score_2", "Mul", Map.of(), "score_0", "score_1"), DType.FLOAT32, "B", 1);
    return new Model(m.graph.build(), Model.IR_VERSION, Map.of("", 20L), Map.of());
  }

  /** The idioms of operator sets 7 to 9: axes, bounds and rates as attributes. */
  static Model old(long opset) {
    var m = new ClassicRankers(opset);
    var unsqueezed = new ArrayList<String>();
    for (String field : m.fields) {
      unsqueezed.add(m.graph.add("Unsqueeze", axes(1), field));
    }
    String x = m.graph.concat(1, unsqueezed.toArray(String[]::new));
    var bounds =
        Map.of(
            "axes", Attribute.ints(1),
            "starts", Attribute.ints(0),
            "ends", Attribute.ints(USER_FIELDS));
    String users = m.graph.add("Slice", bounds, x);
    String item =
        m.graph.add(
            "Slice",
            Map.of(
                "axes", Attribute.ints(1),
                "starts", Attribute.ints(-1),
                "ends", Attribute.ints(Integer.MAX_VALUE)),
            x);
    String keys = m.graph.matmul(users, m.weight(WIDTH, WIDTH));
    String scores =
        m.graph.add("Squeeze", axes(1), m.graph.matmul(item, m.graph.transpose(keys, 0, 2, 1)));
    String shares = m.graph.add("Softmax", scores);
    String read =
        m.graph.add(
            "ReduceSum",
            Map.of("axes", Attribute.ints(1), "keepdims", Attribute.of(0)),
            m.graph.times(m.graph.add("Unsqueeze", axes(2), shares), users));
    String dropped = m.graph.add("Dropout", Map.of("ratio", Attribute.of(0.3f)), read);
    String all = m.graph.concat(1, dropped, m.joined());
    int width = WIDTH + FIELDS * WIDTH;
    String hidden =
        m.graph.add(
            "Gemm", Map.of("transB", Attribute.of(1)), all, m.weight(8, width), m.weight(8));
    var normalise = new LinkedHashMap<String, Attribute>();
    normalise.put("epsilon", Attribute.of(1e-3f));
    normalise.put("momentum", Attribute.of(0.9f));
    if (opset < 9) {
      normalise.put("spatial", Attribute.of(1));
    }
    String variance = m.graph.constant(TensorData.floats(Shape.of(8), 1, 2, 1, 2, 1, 2, 1, 2));
    String normal =
        m.graph.add(
            "BatchNormalization",
            normalise,
            hidden,
            m.weight(8),
            m.weight(8),
            m.weight(8),
            variance);
    String clipped =
        m.graph.add("Clip", Map.of("min", Attribute.of(0f), "max", Attribute.of(6f)), normal);
    return m.model(m.linear(clipped, 8, 1));
  }

  private static Map<String, Attribute> axes(long axis) {
    return Map.of("axes", Attribute.ints(axis));
  }
}

package dev.falconer.compressor.pack;

import dev.falconer.compressor.fixture.LinearModels;
import dev.falconer.compressor.onnx.Attribute;
import dev.falconer.compressor.onnx.DType;
import dev.falconer.compressor.onnx.GraphBuilder;
import dev.falconer.compressor.onnx.Model;
import dev.falconer.compressor.onnx.NumericTensor;
import dev.falconer.compressor.onnx.TensorData;
import java.util.Map;
import java.util.Random;

/**
 * A transformer layer of candidates "x" [1, candidates, 12] in any of the forms that exporters
 * write, with random weights; its result is "y".
 */
final class LayerGraph {
  static final int WIDTH = 12;
  private static final int HEADS = 3;
  private static final int EACH = 4;
  private static final int INNER = 20;

  /** Where the norms stand and how they are written. */
  enum Norm {
    PRE,
    POST,
    PRE_IN_PARTS,
    POST_IN_PARTS
  }

  /** What stands between the products of the second half. */
  enum Act {
    NONE,
    RELU,
    GELU,
    GELU_TANH,
    GELU_BY_ERF,
    GELU_BY_ERF_HALF_FIRST,
    GELU_BY_ERF_HALF_GATE,
    GELU_BY_TANH,
    GELU_BY_TANH_FACTORED,
    FAST_GELU,
    SILU_IN_PARTS,
    SIGMOID,
    TANH
  }

  /** How keys and values come. */
  enum State {
    /** [1, heads, n, each]. */
    HEADS_FIRST,
    /** [1, n, heads each], taken apart in the graph. */
    FLAT,
    /** [1, n, heads, each]. */
    TOKENS_FIRST,
    /** Keys [1, heads, each, n], values [1, n, heads each]. */
    TURNED
  }

  /** What hides tokens. */
  enum Hiding {
    NONE,
    ADDED,
    HIDDEN_WHERE_TRUE,
    HIDDEN_WHERE_FALSE,
    LOW_WHERE_TRUE
  }

  /** A candidate's own token. */
  enum Own {
    NONE,
    BY_SUM,
    BY_PRODUCT,
    FIRST
  }

  /** How scores are scaled. */
  enum Scale {
    QUERY_TIMES,
    QUERY_DIVIDED,
    SCORES_TIMES,
    SCORES_DIVIDED,
    BOTH_SIDES
  }

  /** Which operators attend. */
  enum Operator {
    PARTS,
    /** Rows in the place of tokens of the product, as splitting leaves them. */
    FOLDED,
    MICROSOFT,
    ATTENTION_3,
    ATTENTION_4
  }

  /** How a product is written. */
  enum Linear {
    MATMUL,
    BARE,
    GEMM,
    PACKED,
    /** Attention is added as it is. */
    UNPROJECTED
  }

  /** One form. */
  record Spec(
      Norm norm,
      Act act,
      State state,
      Hiding hiding,
      Own own,
      Scale scale,
      Operator operator,
      Linear linear,
      boolean hasFeedForward) {
    static final Spec USUAL =
        new Spec(
            Norm.PRE,
            Act.GELU,
            State.HEADS_FIRST,
            Hiding.NONE,
            Own.NONE,
            Scale.QUERY_TIMES,
            Operator.PARTS,
            Linear.MATMUL,
            true);

    Spec with(Norm other) {
      return new Spec(other, act, state, hiding, own, scale, operator, linear, hasFeedForward);
    }

    Spec with(Act other) {
      return new Spec(norm, other, state, hiding, own, scale, operator, linear, hasFeedForward);
    }

    Spec with(State other) {
      return new Spec(norm, act, other, hiding, own, scale, operator, linear, hasFeedForward);
    }

    Spec with(Hiding other) {
      return new Spec(norm, act, state, other, own, scale, operator, linear, hasFeedForward);
    }

    Spec with(Own other) {
      return new Spec(norm, act, state, hiding, other, scale, operator, linear, hasFeedForward);
    }

    Spec with(Scale other) {
      return new Spec(norm, act, state, hiding, own, other, operator, linear, hasFeedForward);
    }

    Spec with(Operator other) {
      return new Spec(norm, act, state, hiding, own, scale, other, linear, hasFeedForward);
    }

    Spec with(Linear other) {
      return new Spec(norm, act, state, hiding, own, scale, operator, other, hasFeedForward);
    }

    Spec withoutFeedForward() {
      return new Spec(norm, act, state, hiding, own, scale, operator, linear, false);
    }
  }

  final GraphBuilder graph = new GraphBuilder("layer");
  private final Spec spec;
  private final Random random;

  LayerGraph(Spec spec, long seed) {
    this.spec = spec;
    this.random = new Random(seed);
  }

  static Model model(Spec spec, long seed) {
    var layer = new LayerGraph(spec, seed);
    String x =
        spec.linear == Linear.GEMM
            ? layer.graph.input("x", DType.FLOAT32, "candidates", WIDTH)
            : layer.graph.input("x", DType.FLOAT32, 1, "candidates", WIDTH);
    return layer.model(layer.layer(x));
  }

  /** Returns the model whose result is a value. */
  Model model(String value) {
    graph.named("y", "Identity", Map.of(), value);
    graph.output("y", DType.FLOAT32);
    long opset =
        spec.operator == Operator.ATTENTION_3 || spec.operator == Operator.ATTENTION_4 ? 23 : 20;
    return new Model(
        graph.build(), Model.IR_VERSION, Map.of("", opset, "com.microsoft", 1L), Map.of());
  }

  /** Adds the layer and returns its result. */
  String layer(String x) {
    boolean isPre = spec.norm == Norm.PRE || spec.norm == Norm.PRE_IN_PARTS;
    String attended = attended(isPre ? norm("norm1", x) : x);
    boolean isBare = spec.linear == Linear.UNPROJECTED;
    String u = graph.plus(x, isBare ? attended : linear("out", attended, WIDTH, WIDTH));
    u = isPre ? u : norm("norm1", u);
    if (!spec.hasFeedForward) {
      return u;
    }
    String hidden = linear("first", isPre ? norm("norm2", u) : u, WIDTH, INNER);
    String y = graph.plus(linear("second", act(hidden), INNER, WIDTH), u);
    return isPre ? y : norm("norm2", y);
  }

  NumericTensor gaussian(double deviation, long... dims) {
    NumericTensor tensor = LinearModels.gaussian(random, dims);
    float[] values = tensor.toFloats();
    for (int i = 0; i < values.length; i++) {
      values[i] *= (float) deviation;
    }
    return TensorData.floats(tensor.shape(), values);
  }

  String linear(String name, String x, int in, int out) {
    NumericTensor weight = gaussian(1 / Math.sqrt(in), in, out);
    NumericTensor bias = gaussian(.3, out);
    if (spec.linear == Linear.GEMM) {
      return graph.add(
          "Gemm", x, graph.initializer(name, weight), graph.initializer(name + ".b", bias));
    }
    String product = graph.matmul(x, graph.initializer(name, weight));
    return spec.linear == Linear.BARE
        ? product
        : graph.plus(graph.initializer(name + ".b", bias), product);
  }

  private String norm(String name, String x) {
    String scale = graph.initializer(name + ".scale", gaussian(1, WIDTH));
    String shift = graph.initializer(name + ".shift", gaussian(1, WIDTH));
    if (spec.norm == Norm.PRE || spec.norm == Norm.POST) {
      return graph.add(
          "LayerNormalization",
          Map.of("axis", Attribute.of(-1), "epsilon", new Attribute.FloatAttr(1e-3f)),
          x,
          scale,
          shift);
    }
    String centred = graph.add("Sub", x, graph.add("ReduceMean", x, graph.vector(-1)));
    String squares = graph.add("Pow", centred, graph.scalar(2f));
    String variance = graph.add("ReduceMean", squares, graph.vector(-1));
    String spread = graph.add("Sqrt", graph.plus(variance, graph.scalar(1e-3f)));
    return graph.plus(graph.times(graph.add("Div", centred, spread), scale), shift);
  }

  String act(String x) {
    return switch (spec.act) {
      case NONE -> x;
      case RELU -> graph.add("Relu", x);
      case SIGMOID -> graph.add("Sigmoid", x);
      case TANH -> graph.add("Tanh", x);
      case GELU -> graph.add("Gelu", x);
      case GELU_TANH -> graph.add("Gelu", Map.of("approximate", Attribute.of("tanh")), x);
      case FAST_GELU -> graph.addIn("com.microsoft", "FastGelu", Map.of(), x);
      case SILU_IN_PARTS -> graph.times(x, graph.add("Sigmoid", x));
      case GELU_BY_ERF -> graph.times(graph.times(x, erf(x)), graph.scalar(.5f));
      case GELU_BY_ERF_HALF_FIRST -> graph.times(graph.times(graph.scalar(.5f), x), erf(x));
      case GELU_BY_ERF_HALF_GATE -> graph.times(x, graph.times(graph.scalar(.5f), erf(x)));
      case GELU_BY_TANH -> {
        String cube = graph.add("Pow", x, graph.scalar(3f));
        String sum = graph.plus(x, graph.times(cube, graph.scalar(.044715f)));
        yield tanhGate(x, graph.times(sum, graph.scalar((float) Math.sqrt(2 / Math.PI))));
      }
      case GELU_BY_TANH_FACTORED -> {
        String square = graph.times(graph.times(x, graph.scalar(.044715f)), x);
        String factor = graph.plus(graph.scalar(1f), square);
        String scaled = graph.times(x, graph.scalar((float) Math.sqrt(2 / Math.PI)));
        yield tanhGate(x, graph.times(scaled, factor));
      }
    };
  }

  private String erf(String x) {
    String erf = graph.add("Erf", graph.add("Div", x, graph.scalar((float) Math.sqrt(2))));
    return graph.plus(erf, graph.scalar(1f));
  }

  private String tanhGate(String x, String argument) {
    String gate = graph.plus(graph.scalar(1f), graph.add("Tanh", argument));
    return graph.times(graph.times(graph.scalar(.5f), x), gate);
  }

  /** Returns [.., 12] of the rows z. */
  String attended(String z) {
    String q;
    String ownKey = "";
    String ownValue = "";
    if (spec.linear == Linear.PACKED) {
      String all = linear("qkv", z, WIDTH, 3 * WIDTH);
      q = graph.slice(all, -1, 0, WIDTH);
      ownKey = graph.slice(all, -1, WIDTH, 2 * WIDTH);
      ownValue = graph.slice(all, -1, 2 * WIDTH, Long.MAX_VALUE);
    } else {
      q = linear("query", z, WIDTH, WIDTH);
      if (spec.own != Own.NONE) {
        ownKey = linear("key", z, WIDTH, WIDTH);
        ownValue = linear("value", z, WIDTH, WIDTH);
      }
    }
    boolean isFused = spec.operator != Operator.PARTS && spec.operator != Operator.FOLDED;
    return isFused ? fused(q) : inParts(q, ownKey, ownValue);
  }

  private String fused(String q) {
    String keys = graph.input("keys", DType.FLOAT32, 1, "history+1", WIDTH);
    String values = graph.input("values", DType.FLOAT32, 1, "history+1", WIDTH);
    String mask =
        spec.hiding == Hiding.NONE ? "" : graph.input("mask", DType.FLOAT32, 1, 1, 1, "history+1");
    return switch (spec.operator) {
      case MICROSOFT ->
          graph.addIn(
              "com.microsoft",
              "MultiHeadAttention",
              Map.of("num_heads", Attribute.of(HEADS)),
              q,
              keys,
              values,
              "",
              "",
              mask);
      case ATTENTION_3 ->
          graph.add(
              "Attention",
              Map.of("q_num_heads", Attribute.of(HEADS), "kv_num_heads", Attribute.of(HEADS)),
              q,
              keys,
              values,
              mask);
      default -> merged(graph.add("Attention", heads(q), heads(keys), heads(values), mask));
    };
  }

  private String inParts(String q, String ownKey, String ownValue) {
    String query = heads(q);
    String keys = keys();
    float scale = (float) (1 / Math.sqrt(EACH));
    float root = (float) Math.sqrt(scale);
    query =
        switch (spec.scale) {
          case QUERY_TIMES -> graph.times(query, graph.scalar(scale));
          case QUERY_DIVIDED -> graph.add("Div", query, graph.scalar(1 / scale));
          case BOTH_SIDES -> graph.times(query, graph.scalar(root));
          case SCORES_TIMES, SCORES_DIVIDED -> query;
        };
    keys = spec.scale == Scale.BOTH_SIDES ? graph.times(keys, graph.scalar(root)) : keys;
    String scores = masked(scaled(product(query, keys), scale));
    if (spec.own == Own.NONE) {
      return merged(product(graph.softmax(scores), values()));
    }
    boolean isFirst = spec.own == Own.FIRST;
    String own = scaled(ownScores(query, heads(ownKey), root), scale);
    String shares =
        graph.softmax(isFirst ? graph.concat(-1, own, scores) : graph.concat(-1, scores, own));
    String shared =
        isFirst ? graph.slice(shares, -1, 1, Long.MAX_VALUE) : graph.slice(shares, -1, 0, -1);
    String ownShare =
        isFirst ? graph.slice(shares, -1, 0, 1) : graph.slice(shares, -1, -1, Long.MAX_VALUE);
    return merged(graph.plus(product(shared, values()), graph.times(ownShare, heads(ownValue))));
  }

  private String ownScores(String query, String key, float root) {
    String scaled = spec.scale == Scale.BOTH_SIDES ? graph.times(key, graph.scalar(root)) : key;
    if (spec.own == Own.BY_PRODUCT) {
      String rows = graph.unsqueeze(query, 3); // [1, heads, m, 1, each]
      String columns = graph.unsqueeze(scaled, 4);
      return graph.add("Squeeze", graph.matmul(rows, columns), graph.vector(4));
    }
    return graph.add(
        "ReduceSum",
        Map.of("keepdims", Attribute.of(1)),
        graph.times(scaled, query),
        graph.vector(-1));
  }

  private String scaled(String scores, float scale) {
    return switch (spec.scale) {
      case SCORES_TIMES -> graph.times(scores, graph.scalar(scale));
      case SCORES_DIVIDED -> graph.add("Div", scores, graph.scalar(1 / scale));
      case QUERY_TIMES, QUERY_DIVIDED, BOTH_SIDES -> scores;
    };
  }

  /** A product with what all rows share; folded, rows stand first and go back behind it. */
  private String product(String rows, String shared) {
    if (spec.operator == Operator.PARTS) {
      return graph.matmul(rows, shared);
    }
    String apart = graph.transpose(rows, 2, 1, 0, 3); // [m, heads, 1, *]
    String folded = graph.transpose(apart, 2, 1, 0, 3);
    return graph.transpose(graph.transpose(graph.matmul(folded, shared), 2, 1, 0, 3), 2, 1, 0, 3);
  }

  private String masked(String scores) {
    if (spec.hiding == Hiding.NONE) {
      return scores;
    }
    if (spec.hiding == Hiding.ADDED) {
      return graph.plus(scores, graph.input("mask", DType.FLOAT32, 1, 1, 1, "history+1"));
    }
    String mask = graph.unsqueeze(graph.input("mask", DType.BOOL, 1, "history+1"), 1, 2);
    boolean isLow = spec.hiding == Hiding.LOW_WHERE_TRUE;
    String hidden = graph.scalar(isLow ? -1e9f : Float.NEGATIVE_INFINITY);
    return spec.hiding == Hiding.HIDDEN_WHERE_FALSE
        ? graph.add("Where", mask, scores, hidden)
        : graph.add("Where", mask, hidden, scores);
  }

  /** Returns keys [1, heads, each, n]. */
  private String keys() {
    return switch (spec.state) {
      case HEADS_FIRST ->
          graph.transpose(
              graph.input("keys", DType.FLOAT32, 1, HEADS, "history+1", EACH), 0, 1, 3, 2);
      case FLAT -> {
        String keys = graph.input("keys", DType.FLOAT32, 1, "history+1", WIDTH);
        yield graph.transpose(graph.reshape(keys, 0, 0, HEADS, EACH), 0, 2, 3, 1);
      }
      case TOKENS_FIRST ->
          graph.transpose(
              graph.input("keys", DType.FLOAT32, 1, "history+1", HEADS, EACH), 0, 2, 3, 1);
      case TURNED -> graph.input("keys", DType.FLOAT32, 1, HEADS, EACH, "history+1");
    };
  }

  /** Returns values [1, heads, n, each]. */
  private String values() {
    return switch (spec.state) {
      case HEADS_FIRST -> graph.input("values", DType.FLOAT32, 1, HEADS, "history+1", EACH);
      case FLAT, TURNED -> heads(graph.input("values", DType.FLOAT32, 1, "history+1", WIDTH));
      case TOKENS_FIRST ->
          graph.transpose(
              graph.input("values", DType.FLOAT32, 1, "history+1", HEADS, EACH), 0, 2, 1, 3);
    };
  }

  private String heads(String x) {
    return graph.transpose(graph.reshape(x, 1, -1, HEADS, EACH), 0, 2, 1, 3);
  }

  private String merged(String attended) {
    String back = graph.transpose(attended, 0, 2, 1, 3);
    return spec.linear == Linear.GEMM
        ? graph.reshape(back, -1, WIDTH)
        : graph.reshape(back, 1, -1, WIDTH);
  }
}

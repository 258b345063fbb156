package dev.falconer.compressor.structure;

import dev.falconer.compressor.fixture.LinearModels;
import dev.falconer.compressor.onnx.Attribute;
import dev.falconer.compressor.onnx.DType;
import dev.falconer.compressor.onnx.GraphBuilder;
import dev.falconer.compressor.onnx.Model;
import dev.falconer.compressor.onnx.Shape;
import dev.falconer.compressor.onnx.TensorData;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.function.Function;

/** Small graphs from "x" to "y" whose layer "consumer" has removable inputs, one for each form. */
public final class Forms {
  static final long SEED = 31;

  /**
   * A form.
   *
   * @param rest of x's axes after the batch
   * @param groups expected
   */
  public record Form(String name, Model model, List<Long> rest, Groups groups, String noun) {
    /** Returns Gaussian numbers for "x". */
    public Map<String, TensorData> feed(int batch, long seed) {
      var dims = new long[rest.size() + 1];
      dims[0] = batch;
      for (int i = 0; i < rest.size(); i++) {
        dims[i + 1] = rest.get(i);
      }
      return Map.of("x", LinearModels.gaussian(new Random(seed), dims));
    }

    @Override
    public String toString() {
      return name;
    }
  }

  /** A graph on the way. */
  static final class Draft {
    final GraphBuilder graph = new GraphBuilder("g");
    final Random random;

    Draft(long seed) {
      random = new Random(seed);
    }

    String tensor(String name, long... dims) {
      return graph.initializer(name, LinearModels.gaussian(random, dims));
    }

    /** Adds x · name [in, out]. */
    String matmul(String name, String x, int in, int out) {
      return graph.matmul(x, tensor(name, in, out));
    }

    /** Adds x · name [in, out] + bias. */
    String linear(String name, String x, int in, int out) {
      return graph.plus(matmul(name, x, in, out), tensor(name + ".bias", out));
    }

    String conv(String name, String x, int in, int out, int kernel) {
      return graph.add(
          "Conv",
          Map.of("pads", Attribute.ints(kernel / 2, kernel / 2, kernel / 2, kernel / 2)),
          x,
          tensor(name, out, in, kernel, kernel),
          tensor(name + ".bias", out));
    }
  }

  private final List<Form> forms = new ArrayList<>();

  private Forms() {}

  /** Returns the form of a name. */
  public static Form named(String name) {
    return all().stream().filter(form -> form.name.equals(name)).findFirst().orElseThrow();
  }

  /** Returns all forms. */
  public static List<Form> all() {
    var all = new Forms();
    all.neurons();
    all.heads();
    all.packedHeads();
    all.channels();
    all.transformers();
    return all.forms;
  }

  static Model model(Draft draft, String y, long opset, long... rest) {
    draft.graph.output(y, DType.FLOAT32);
    return new Model(
        draft.graph.build(), Model.IR_VERSION, Map.of("", opset, "com.microsoft", 1L), Map.of());
  }

  private void add(
      String name, Groups groups, String noun, long[] rest, Function<Draft, String> body) {
    add(name, groups, noun, 20, rest, body);
  }

  private void add(
      String name,
      Groups groups,
      String noun,
      long opset,
      long[] rest,
      Function<Draft, String> body) {
    var draft = new Draft(SEED);
    var axes = new ArrayList<Object>(List.of("batch"));
    Arrays.stream(rest).forEach(axes::add);
    draft.graph.input("x", DType.FLOAT32, axes.toArray());
    Model model = model(draft, body.apply(draft), opset);
    forms.add(new Form(name, model, Arrays.stream(rest).boxed().toList(), groups, noun));
  }

  private static long[] rest(long... lengths) {
    return lengths;
  }

  private void neurons() {
    Groups twelve = new Groups(1, 12, 1);
    add(
        "MatMul, bias, Relu",
        twelve,
        "neurons",
        rest(3, 8),
        d -> d.linear("consumer", d.graph.add("Relu", d.linear("fc", "x", 8, 12)), 12, 5));
    add(
        "SiLU in parts",
        twelve,
        "neurons",
        rest(3, 8),
        d -> {
          String h = d.linear("fc", "x", 8, 12);
          return d.linear("consumer", d.graph.times(h, d.graph.add("Sigmoid", h)), 12, 5);
        });
    add(
        "Gelu by Erf, scales",
        twelve,
        "neurons",
        rest(3, 8),
        d -> {
          String h = d.linear("fc", "x", 8, 12);
          String erf = d.graph.add("Erf", d.graph.add("Div", h, d.graph.scalar(1.4142f)));
          String gate = d.graph.plus(erf, d.graph.scalar(1f));
          String gelu = d.graph.times(d.graph.times(h, gate), d.graph.scalar(.5f));
          return d.linear("consumer", d.graph.times(gelu, d.tensor("scale", 1, 12)), 12, 5);
        });
    add(
        "SwiGLU",
        twelve,
        "neurons",
        rest(3, 8),
        d -> {
          String gate = d.matmul("gate", "x", 8, 12);
          String open = d.graph.times(gate, d.graph.add("Sigmoid", gate));
          return d.matmul("consumer", d.graph.times(open, d.matmul("up", "x", 8, 12)), 12, 5);
        });
    add(
        "SwiGLU of one weight",
        twelve,
        "neurons",
        rest(3, 8),
        d -> {
          List<String> two =
              d.graph.several(
                  2,
                  "Split",
                  Map.of("axis", Attribute.of(-1)),
                  d.matmul("both", "x", 8, 24),
                  d.graph.vector(12, 12));
          String open = d.graph.times(d.graph.add("Sigmoid", two.get(0)), two.get(1));
          return d.matmul("consumer", open, 12, 5);
        });
    add(
        "SwiGLU of one weight, by Slice",
        twelve,
        "neurons",
        rest(3, 8),
        d -> {
          String both = d.matmul("both", "x", 8, 24);
          String gate = d.graph.add("Sigmoid", d.graph.slice(both, 2, 0, 12));
          String up = d.graph.slice(both, -1, -12, Long.MAX_VALUE);
          return d.matmul("consumer", d.graph.times(gate, up), 12, 5);
        });
    add(
        "Gemm, transB, Dropout, PRelu",
        twelve,
        "neurons",
        rest(8),
        d -> {
          Map<String, Attribute> flipped = Map.of("transB", Attribute.of(1));
          String h = d.graph.add("Gemm", flipped, "x", d.tensor("fc", 12, 8), d.tensor("b", 12));
          h = d.graph.add("Dropout", d.graph.add("PRelu", h, d.tensor("slope", 12)));
          return d.graph.add("Gemm", flipped, h, d.tensor("consumer", 5, 12), d.tensor("c", 5));
        });
    add(
        "FusedGemm and FusedMatMul",
        twelve,
        "neurons",
        rest(8),
        d -> {
          String h =
              d.graph.addIn(
                  "com.microsoft",
                  "FusedGemm",
                  Map.of("activation", Attribute.of("Relu"), "transB", Attribute.of(1)),
                  "x",
                  d.tensor("fc", 12, 8),
                  d.tensor("b", 12));
          return d.graph.addIn(
              "com.microsoft",
              "FusedMatMul",
              Map.of("transB", Attribute.of(1)),
              h,
              d.tensor("consumer", 5, 12));
        });
    add(
        "weights behind Transpose, rows flattened",
        twelve,
        "neurons",
        rest(3, 8),
        d -> {
          String w = d.graph.transpose(d.tensor("fc", 12, 8), 1, 0);
          String h = d.graph.add("Tanh", d.graph.matmul("x", w));
          h = d.graph.reshape(h, -1, 12);
          String y = d.graph.matmul(h, d.graph.transpose(d.tensor("consumer", 5, 12), 1, 0));
          return d.graph.reshape(y, -1, 3, 5);
        });
    add(
        "two sums of layers",
        twelve,
        "neurons",
        rest(3, 8),
        d ->
            d.linear(
                "consumer",
                d.graph.add(
                    "Relu", d.graph.plus(d.linear("one", "x", 8, 12), d.matmul("two", "x", 8, 12))),
                12,
                5));
    add(
        "mixed over tokens",
        twelve,
        "neurons",
        rest(3, 8),
        d -> {
          String h = d.graph.transpose(d.linear("fc", "x", 8, 12), 0, 2, 1);
          h = d.graph.add("Relu", d.linear("tokens", h, 3, 3));
          return d.linear("consumer", d.graph.transpose(h, 0, 2, 1), 12, 5);
        });
    add(
        "mean over rows",
        twelve,
        "neurons",
        rest(3, 8),
        d -> {
          String h = d.graph.add("Relu", d.linear("fc", "x", 8, 12));
          String mean =
              d.graph.add("ReduceMean", Map.of("keepdims", Attribute.of(0)), h, d.graph.vector(1));
          return d.linear("consumer", mean, 12, 5);
        });
    add(
        "a constant shared with another layer",
        twelve,
        "neurons",
        rest(12),
        d -> {
          String b = d.tensor("b", 12);
          String h = d.graph.add("Relu", d.graph.plus(d.matmul("first", "x", 12, 12), b));
          h = d.graph.add("LayerNormalization", h, d.tensor("norm", 12));
          h = d.graph.add("Relu", d.graph.plus(d.matmul("fc", h, 12, 12), b));
          return d.linear("consumer", h, 12, 5);
        });
    add(
        "one weight at two places",
        twelve,
        "neurons",
        rest(3, 8),
        d -> {
          String w = d.tensor("fc", 8, 12);
          String out = d.tensor("consumer", 12, 5);
          String one = d.graph.matmul(d.graph.add("Relu", d.graph.matmul("x", w)), out);
          String shifted = d.graph.plus("x", d.graph.scalar(.5f));
          String two = d.graph.matmul(d.graph.add("Tanh", d.graph.matmul(shifted, w)), out);
          return d.graph.plus(one, two);
        });
  }

  private static String projected(Draft d, String name, String x) {
    return d.graph.transpose(d.graph.reshape(d.linear(name, x, 8, 12), 0, 0, 4, 3), 0, 2, 1, 3);
  }

  private static String attended(Draft d, String q, String k, String v) {
    String scores = d.graph.matmul(q, d.graph.transpose(k, 0, 1, 3, 2));
    scores = d.graph.times(scores, d.graph.scalar(.57f));
    return d.graph.matmul(d.graph.softmax(scores), v);
  }

  private void heads() {
    Groups four = new Groups(1, 4, 3);
    add(
        "attention",
        four,
        "heads",
        rest(5, 8),
        d -> {
          String a =
              attended(d, projected(d, "q", "x"), projected(d, "k", "x"), projected(d, "v", "x"));
          return d.linear(
              "consumer", d.graph.reshape(d.graph.transpose(a, 0, 2, 1, 3), 0, 0, 12), 12, 8);
        });
    add(
        "attention, shapes at run time, a bias for each head",
        four,
        "heads",
        rest(5, 8),
        d -> {
          GraphBuilder g = d.graph;
          String batch = g.length("x", 0);
          String rows = g.unsqueeze(g.add("Gather", g.add("Shape", "x"), g.scalar(1)), 0);
          String heads = g.concat(0, batch, rows, g.unsqueeze(g.scalar(4), 0), g.vector(3));
          String wide = g.concat(0, batch, rows, g.vector(12));
          String[] qkv = new String[3];
          for (int i = 0; i < 3; i++) {
            String h = d.linear("qkv" + i, "x", 8, 12);
            qkv[i] = g.transpose(g.add("Reshape", h, heads), 0, 2, 1, 3);
          }
          String scores = g.matmul(qkv[0], g.transpose(qkv[1], 0, 1, 3, 2));
          scores = g.plus(scores, d.tensor("position", 1, 4, 5, 5));
          String a = g.transpose(g.matmul(g.softmax(scores), qkv[2]), 0, 2, 1, 3);
          return d.linear("consumer", g.add("Reshape", a, wide), 12, 8);
        });
    add(
        "attention of one projection, split by Gather",
        four,
        "heads",
        rest(5, 8),
        d -> {
          GraphBuilder g = d.graph;
          String all = g.reshape(d.linear("qkv", "x", 8, 36), 0, 0, 3, 4, 3);
          all = g.transpose(all, 2, 0, 3, 1, 4);
          String[] part = new String[3];
          for (int i = 0; i < 3; i++) {
            part[i] = g.add("Gather", Map.of("axis", Attribute.of(0)), all, g.scalar(i));
          }
          String a = attended(d, part[0], part[1], part[2]);
          return d.linear("consumer", g.reshape(g.transpose(a, 0, 2, 1, 3), 0, 0, -1), 12, 8);
        });
    add(
        "attention of one projection, split in three",
        four,
        "heads",
        rest(5, 8),
        d -> {
          GraphBuilder g = d.graph;
          List<String> part =
              g.several(
                  3,
                  "Split",
                  Map.of("axis", Attribute.of(2)),
                  d.linear("qkv", "x", 8, 36),
                  g.vector(12, 12, 12));
          var split = new ArrayList<String>();
          for (String each : part) {
            split.add(g.transpose(g.reshape(each, 0, 0, 4, 3), 0, 2, 1, 3));
          }
          String a = attended(d, split.get(0), split.get(1), split.get(2));
          return d.linear("consumer", g.reshape(g.transpose(a, 0, 2, 1, 3), 0, 0, 12), 12, 8);
        });
    add(
        "attention with heads in the batch",
        four,
        "heads",
        rest(5, 8),
        d -> {
          GraphBuilder g = d.graph;
          String[] part = new String[3];
          for (int i = 0; i < 3; i++) {
            String h = g.transpose(d.linear("qkv" + i, "x", 8, 12), 1, 0, 2);
            part[i] = g.transpose(g.reshape(h, 5, -1, 3), 1, 0, 2);
          }
          String scores = g.matmul(part[0], g.transpose(part[1], 0, 2, 1));
          String a = g.transpose(g.matmul(g.softmax(scores), part[2]), 1, 0, 2);
          return d.linear("consumer", g.transpose(g.reshape(a, 5, -1, 12), 1, 0, 2), 12, 8);
        });
    add(
        "attention with heads in the batch, lengths computed",
        four,
        "heads",
        rest(5, 8),
        d -> {
          GraphBuilder g = d.graph;
          String rows = g.vector(5);
          String pairs = g.times(g.add("Squeeze", g.length("x", 0)), g.scalar(4));
          String split = g.concat(0, rows, g.reshape(pairs, -1), g.vector(3));
          String joined = g.concat(0, rows, g.length("x", 0), g.times(g.vector(4), g.vector(3)));
          String[] part = new String[3];
          for (int i = 0; i < 3; i++) {
            String h = g.transpose(d.linear("qkv" + i, "x", 8, 12), 1, 0, 2);
            part[i] = g.transpose(g.add("Reshape", h, split), 1, 0, 2);
          }
          String key = g.add("Reshape", part[1], g.add("Shape", part[2]));
          String scores = g.matmul(part[0], g.transpose(key, 0, 2, 1));
          String a = g.transpose(g.matmul(g.softmax(scores), part[2]), 1, 0, 2);
          return d.linear("consumer", g.transpose(g.add("Reshape", a, joined), 1, 0, 2), 12, 8);
        });
    add(
        "attention by Einsum",
        four,
        "heads",
        rest(5, 8),
        d -> {
          GraphBuilder g = d.graph;
          String[] part = new String[3];
          for (int i = 0; i < 3; i++) {
            part[i] = g.reshape(d.linear("qkv" + i, "x", 8, 12), 0, 0, 4, 3);
          }
          String scores =
              g.add(
                  "Einsum", Map.of("equation", Attribute.of("bqhd,bkhd->bhqk")), part[0], part[1]);
          String a =
              g.add(
                  "Einsum",
                  Map.of("equation", Attribute.of("bhqk,bkhd->bqhd")),
                  g.softmax(scores),
                  part[2]);
          return d.linear("consumer", g.reshape(a, 0, 0, 12), 12, 8);
        });
    add(
        "keys shared by pairs of queries",
        new Groups(1, 2, 6),
        "heads",
        rest(5, 8),
        d -> {
          GraphBuilder g = d.graph;
          String[] kv = new String[2];
          for (int i = 0; i < 2; i++) {
            String h = g.reshape(d.linear("kv" + i, "x", 8, 6), 0, 0, 2, 3);
            h = g.unsqueeze(g.transpose(h, 0, 2, 1, 3), 2);
            kv[i] = g.reshape(g.add("Expand", h, g.vector(1, 2, 2, 1, 1)), 0, 4, 5, 3);
          }
          String a = attended(d, projected(d, "q", "x"), kv[0], kv[1]);
          return d.linear("consumer", g.reshape(g.transpose(a, 0, 2, 1, 3), 0, 0, 12), 12, 8);
        });
    add(
        "rotated by half, normalised in each head",
        four("2"),
        "heads",
        rest(5, 8),
        d -> {
          GraphBuilder g = d.graph;
          String[] part = new String[3];
          for (int i = 0; i < 3; i++) {
            String h = g.reshape(d.matmul("qkv" + i, "x", 8, 8), 0, 0, 4, 2);
            h = g.add("LayerNormalization", h, d.tensor("norm" + i, 2));
            h = g.transpose(h, 0, 2, 1, 3);
            String turned = g.concat(3, g.add("Neg", g.slice(h, 3, 1, 2)), g.slice(h, 3, 0, 1));
            part[i] =
                g.plus(
                    g.times(h, d.tensor("cos" + i, 1, 1, 5, 2)),
                    g.times(turned, d.tensor("sin" + i, 1, 1, 5, 2)));
          }
          String a = attended(d, part[0], part[1], part[2]);
          return d.matmul("consumer", g.reshape(g.transpose(a, 0, 2, 1, 3), 0, 0, 8), 8, 8);
        });
  }

  /** Patches of an image, an attention and a feed-forward part, both beside a residual stream. */
  private static String transformer(Draft d, String heads, String neurons) {
    GraphBuilder g = d.graph;
    Map<String, Attribute> strides = Map.of("strides", Attribute.ints(2, 2));
    String patches = g.add("Conv", strides, "x", d.tensor("patch", 8, 3, 2, 2));
    String x = g.plus(g.transpose(g.reshape(patches, 0, 8, -1), 0, 2, 1), d.tensor("place", 9, 8));
    String y = g.add("LayerNormalization", x, d.tensor("norm", 8));
    String a = attended(d, projected(d, "q", y), projected(d, "k", y), projected(d, "v", y));
    a = g.reshape(g.transpose(a, 0, 2, 1, 3), 0, 0, 12);
    x = g.plus(x, d.linear(heads, a, 12, 8));
    y = g.add("Gelu", d.linear("fc", g.add("LayerNormalization", x, d.tensor("norm2", 8)), 8, 12));
    x = g.plus(x, d.linear(neurons, y, 12, 8));
    String mean = g.add("ReduceMean", Map.of("keepdims", Attribute.of(0)), x, g.vector(1));
    return d.linear("classes", mean, 8, 4);
  }

  private void transformers() {
    long[] image = rest(3, 6, 6);
    add(
        "heads of a vision transformer",
        new Groups(1, 4, 3),
        "heads",
        image,
        d -> transformer(d, "consumer", "other"));
    add(
        "neurons of a vision transformer",
        new Groups(1, 12, 1),
        "neurons",
        image,
        d -> transformer(d, "other", "consumer"));
  }

  private static Groups four(String width) {
    return new Groups(1, 4, Integer.parseInt(width));
  }

  private void packedHeads() {
    Groups four = new Groups(1, 4, 4);
    add(
        "com.microsoft.Attention",
        four,
        "heads",
        rest(5, 8),
        d -> {
          String a =
              d.graph.addIn(
                  "com.microsoft",
                  "Attention",
                  Map.of("num_heads", Attribute.of(4)),
                  "x",
                  d.tensor("qkv", 8, 48),
                  d.tensor("qkv.bias", 48));
          return d.linear("consumer", a, 16, 8);
        });
    add(
        "com.microsoft.MultiHeadAttention",
        four,
        "heads",
        rest(5, 8),
        d -> {
          String a =
              d.graph.addIn(
                  "com.microsoft",
                  "MultiHeadAttention",
                  Map.of("num_heads", Attribute.of(4)),
                  d.matmul("q", "x", 8, 16),
                  d.matmul("k", "x", 8, 16),
                  d.matmul("v", "x", 8, 16),
                  d.tensor("bias", 48),
                  "",
                  d.tensor("scores", 1, 4, 5, 5));
          return d.linear("consumer", a, 16, 8);
        });
    add(
        "Attention of three axes",
        four,
        "heads",
        23,
        rest(5, 8),
        d -> {
          String a =
              d.graph.add(
                  "Attention",
                  Map.of("q_num_heads", Attribute.of(4), "kv_num_heads", Attribute.of(4)),
                  d.linear("q", "x", 8, 16),
                  d.linear("k", "x", 8, 16),
                  d.linear("v", "x", 8, 16));
          return d.linear("consumer", a, 16, 8);
        });
    add(
        "Attention of four axes",
        four,
        "heads",
        23,
        rest(5, 8),
        d -> {
          String[] part = new String[3];
          for (int i = 0; i < 3; i++) {
            String h = d.graph.reshape(d.linear("qkv" + i, "x", 8, 16), 0, 0, 4, 4);
            part[i] = d.graph.transpose(h, 0, 2, 1, 3);
          }
          String a = d.graph.transpose(d.graph.add("Attention", part), 0, 2, 1, 3);
          return d.linear("consumer", d.graph.reshape(a, 0, 0, 16), 16, 8);
        });
  }

  private void channels() {
    Groups six = new Groups(1, 6, 1);
    add(
        "Conv, BatchNormalization, Relu, MaxPool",
        six,
        "channels",
        rest(3, 8, 8),
        d -> {
          String h = d.conv("conv", "x", 3, 6, 3);
          h =
              d.graph.add(
                  "BatchNormalization",
                  h,
                  d.tensor("scale", 6),
                  d.tensor("shift", 6),
                  d.tensor("mean", 6),
                  d.graph.initializer(
                      "variance", TensorData.floats(Shape.of(6), 1, 2, 3, .5f, .7f, 1)));
          h =
              d.graph.add(
                  "MaxPool", Map.of("kernel_shape", Attribute.ints(2, 2)), d.graph.add("Relu", h));
          return d.conv("consumer", h, 6, 4, 3);
        });
    add(
        "Conv, depthwise Conv, a scale for each channel",
        six,
        "channels",
        rest(3, 8, 8),
        d -> {
          String h = d.graph.add("Relu", d.conv("conv", "x", 3, 6, 1));
          h =
              d.graph.add(
                  "Conv",
                  Map.of("group", Attribute.of(6)),
                  h,
                  d.tensor("dw", 6, 1, 3, 3),
                  d.tensor("dw.bias", 6));
          h =
              d.graph.add(
                  "Clip", d.graph.times(h, d.tensor("scale", 1, 6, 1, 1)), d.graph.scalar(-1f));
          return d.conv("consumer", h, 6, 4, 1);
        });
    add(
        "two Convs, one of which adds the other",
        six,
        "channels",
        rest(3, 4, 4),
        d -> {
          String other = d.conv("other", "x", 3, 6, 1);
          Map<String, Attribute> relu = Map.of("activation", Attribute.of("Relu"));
          String h =
              d.graph.addIn(
                  "com.microsoft",
                  "FusedConv",
                  relu,
                  "x",
                  d.tensor("conv", 6, 3, 1, 1),
                  d.tensor("b", 6),
                  other);
          return d.conv("consumer", h, 6, 4, 1);
        });
    add(
        "Conv, flattened",
        new Groups(1, 6, 16),
        "channels",
        rest(3, 4, 4),
        d -> {
          String h = d.graph.add("Relu", d.conv("conv", "x", 3, 6, 3));
          return d.linear("consumer", d.graph.add("Flatten", h), 96, 5);
        });
    add(
        "Conv, channels last, flattened",
        new Groups(16, 6, 1),
        "channels",
        rest(3, 4, 4),
        d -> {
          String h =
              d.graph.transpose(d.graph.add("Relu", d.conv("conv", "x", 3, 6, 3)), 0, 2, 3, 1);
          return d.linear("consumer", d.graph.reshape(h, 0, 96), 96, 5);
        });
    add(
        "Conv, mean over places",
        six,
        "channels",
        rest(3, 4, 4),
        d -> {
          String h = d.graph.add("Relu", d.conv("conv", "x", 3, 6, 3));
          return d.linear(
              "consumer", d.graph.add("Flatten", d.graph.add("GlobalAveragePool", h)), 6, 5);
        });
    add(
        "Conv, padded and stretched",
        six,
        "channels",
        rest(3, 4, 4),
        d -> {
          String h =
              d.graph.add(
                  "Pad", d.conv("conv", "x", 3, 6, 3), d.graph.vector(0, 0, 1, 1, 0, 0, 1, 1));
          h =
              d.graph.add(
                  "Resize",
                  h,
                  "",
                  d.graph.initializer("scales", TensorData.floats(Shape.of(4), 1, 1, 2, 2)));
          return d.conv(
              "consumer",
              d.graph.add("InstanceNormalization", h, d.tensor("s", 6), d.tensor("t", 6)),
              6,
              4,
              3);
        });
  }
}

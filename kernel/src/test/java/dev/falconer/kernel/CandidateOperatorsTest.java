package dev.falconer.kernel;

import static dev.falconer.kernel.OneNode.integer;
import static dev.falconer.kernel.OneNode.real;
import static dev.falconer.kernel.OneNode.text;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.onnxruntime.OrtException;
import dev.falconer.packed.Layout;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The fused operators in graphs of ONNX Runtime against the layer in double precision. */
class CandidateOperatorsTest {
  private static final Operators OPERATORS =
      new Operators(CandidateOperators.by(Execution.scalar()));

  static List<PlainLayer> layers() {
    var layers = new ArrayList<PlainLayer>();
    long seed = 1;
    for (boolean isPre : new boolean[] {true, false}) {
      for (boolean hasOwn : new boolean[] {true, false}) {
        for (Activation activation : Activation.values()) {
          boolean isOdd = seed % 2 == 1;
          layers.add(
              new PlainLayer(
                  isOdd ? 3 : 70, 20, 2, 8, 5, 24, isPre, hasOwn, isOdd, !isOdd, activation, seed));
          seed++;
        }
        layers.add(
            new PlainLayer(2, 16, 4, 4, 0, 0, isPre, hasOwn, false, true, Activation.NONE, seed++));
      }
    }
    return layers;
  }

  @ParameterizedTest
  @MethodSource("layers")
  void aBlockIsALayer(PlainLayer layer) throws OrtException {
    for (boolean tokensFirst : new boolean[] {false, true}) {
      float[] y = block(layer, tokensFirst).run(OPERATORS);
      double[][] wanted = layer.results();
      for (int r = 0; r < layer.rows(); r++) {
        for (int i = 0; i < layer.width(); i++) {
          assertEquals(
              wanted[r][i],
              y[r * layer.width() + i],
              2e-5,
              "%s, tokens first %s: row %d, column %d".formatted(layer, tokensFirst, r, i));
        }
      }
    }
  }

  /** Returns a graph of the layer. */
  static CandidateGraph block(PlainLayer layer, boolean tokensFirst) {
    int own = layer.hasOwn() ? 3 : 1;
    int width = layer.width();
    var graph = new CandidateGraph("CandidateBlock").input(layer.x(), 1, layer.rows(), width);
    tokens(graph, layer, tokensFirst);
    mask(graph, layer);
    norm(graph, layer, 4);
    product(graph, layer, 6, own * layer.all(), width);
    product(graph, layer, 8, width, layer.all());
    if (layer.hidden() > 0) {
      norm(graph, layer, 10);
      product(graph, layer, 12, layer.hidden(), width);
      product(graph, layer, 14, width, layer.hidden());
      graph.with(real("epsilon2", PlainLayer.EPSILON));
      graph.with(text("activation", layer.activation().toString()));
    }
    return attributes(graph, layer, tokensFirst)
        .with(text("norm", layer.isPre() ? "pre" : "post"))
        .with(real("epsilon1", PlainLayer.EPSILON));
  }

  private static CandidateGraph attributes(
      CandidateGraph graph, PlainLayer layer, boolean tokensFirst) {
    return attributes(graph, layer, tokensFirst, "float32");
  }

  private static CandidateGraph attributes(
      CandidateGraph graph, PlainLayer layer, boolean tokensFirst, String attention) {
    return graph
        .with(integer("heads", layer.heads()))
        .with(real("scale", PlainLayer.SCALE))
        .with(integer("tokens_first", tokensFirst ? 1 : 0))
        .with(text("attention", attention));
  }

  private static void norm(CandidateGraph graph, PlainLayer layer, int which) {
    graph.vector(layer.values(which, layer.width()));
    bias(graph, layer, which + 1, layer.width());
  }

  private static void product(CandidateGraph graph, PlainLayer layer, int which, int out, int in) {
    graph.weight(Layout.DENSE, out, in, layer.values(which, out * in));
    bias(graph, layer, which + 1, out);
  }

  private static void bias(CandidateGraph graph, PlainLayer layer, int which, int count) {
    if (layer.hasBias()) {
      graph.vector(layer.values(which, count));
    } else {
      graph.none();
    }
  }

  private static void mask(CandidateGraph graph, PlainLayer layer) {
    if (layer.hasMask()) {
      graph.input(layer.mask(), 1, 1, layer.tokens());
    } else {
      graph.none();
    }
  }

  private static void tokens(CandidateGraph graph, PlainLayer layer, boolean tokensFirst) {
    tokens(graph, layer, tokensFirst, false);
  }

  private static void tokens(
      CandidateGraph graph, PlainLayer layer, boolean tokensFirst, boolean areRounded) {
    for (float[] values : List.of(layer.keys(), layer.values())) {
      token(graph, layer, tokensFirst, values);
      if (areRounded) {
        graph.rounded(layer.head());
      }
    }
  }

  private static void token(
      CandidateGraph graph, PlainLayer layer, boolean tokensFirst, float[] values) {
    if (!tokensFirst) {
      graph.input(values, 1, layer.heads(), layer.tokens(), layer.head());
    } else {
      var turned = new float[values.length];
      for (int h = 0; h < layer.heads(); h++) {
        for (int t = 0; t < layer.tokens(); t++) {
          System.arraycopy(
              values,
              (h * layer.tokens() + t) * layer.head(),
              turned,
              (t * layer.heads() + h) * layer.head(),
              layer.head());
        }
      }
      graph.input(turned, 1, layer.tokens(), layer.all());
    }
  }

  @Test
  void tokensMayBeRoundedBefore() throws OrtException {
    for (int head : new int[] {4, 7, 32}) {
      for (boolean tokensFirst : new boolean[] {false, true}) {
        var layer =
            new PlainLayer(5, 16, 3, head, 300, 0, true, true, true, false, Activation.NONE, head);
        float[] y = attention(layer, tokensFirst, "int8", false).run(OPERATORS);
        float[] rounded = attention(layer, tokensFirst, "int8", true).run(OPERATORS);
        assertArrayEquals(y, rounded, layer + ", tokens first " + tokensFirst);
      }
    }
    var layer = new PlainLayer(5, 16, 3, 8, 30, 0, true, true, true, false, Activation.NONE, 1);
    var error =
        assertThrows(
            OrtException.class, () -> attention(layer, false, "float32", true).run(OPERATORS));
    String wanted = "\"n\": input 1 is rounded, attention \"float32\" wants floats";
    assertTrue(error.getMessage().contains(wanted), error.getMessage());
  }

  /** Returns a graph of attention alone. */
  static CandidateGraph attention(
      PlainLayer layer, boolean tokensFirst, String type, boolean areRounded) {
    int rows = layer.rows();
    var graph =
        new CandidateGraph("CandidateAttention")
            .input(layer.values(0, rows * layer.all()), rows, layer.all());
    tokens(graph, layer, tokensFirst, areRounded);
    mask(graph, layer);
    return attributes(graph, layer, tokensFirst, type).with(integer("width", layer.head()));
  }

  @Test
  void attentionAloneWithAndWithoutOwnTokens() throws OrtException {
    for (boolean hasOwn : new boolean[] {true, false}) {
      var layer =
          new PlainLayer(
              7, 16, 4, 4, 9, 0, true, hasOwn, hasOwn, false, Activation.NONE, hasOwn ? 1 : 2);
      int all = layer.all();
      float[] queries = layer.values(0, 7 * all);
      float[] ownKeys = layer.values(4, 7 * all);
      float[] ownValues = layer.values(5, 7 * all);
      var graph = new CandidateGraph("CandidateAttention").input(queries, 7, all);
      tokens(graph, layer, false);
      mask(graph, layer);
      if (hasOwn) {
        graph.input(ownKeys, 7, all).input(ownValues, 7, all);
      }
      float[] y =
          attributes(graph, layer, false).with(integer("width", layer.head())).run(OPERATORS);
      for (int r = 0; r < 7; r++) {
        var row = new double[3 * all];
        for (int i = 0; i < all; i++) {
          row[i] = queries[r * all + i];
          row[all + i] = ownKeys[r * all + i];
          row[2 * all + i] = ownValues[r * all + i];
        }
        double[] wanted = layer.attended(row);
        for (int i = 0; i < all; i++) {
          assertEquals(wanted[i], y[r * all + i], 1e-5, layer + ": row " + r + ", column " + i);
        }
      }
    }
  }

  @Test
  void anMlpIsItsProductsOneAfterTheOther() throws OrtException {
    var any = new PlainLayer(0, 1, 1, 1, 0, 0, true, false, false, true, Activation.NONE, 3);
    for (int rows : new int[] {0, 1, 64, 131}) {
      int[] widths = {10, 40, 24, 3};
      float[] x = any.values(0, rows * widths[0]);
      var graph = new CandidateGraph("CandidateMlp").input(x, rows, 1, widths[0]);
      for (int i = 0; i < 3; i++) {
        float[] weight = any.values(6 + i, widths[i + 1] * widths[i]);
        graph.weight(Layout.PANEL16, widths[i + 1], widths[i], weight);
        if (i == 1) {
          graph.none();
        } else {
          graph.vector(any.values(20 + i, widths[i + 1]));
        }
      }
      float[] y = graph.with(text("activations", "relu,tanh,none")).run(OPERATORS);
      assertEquals(rows * 3, y.length);
      for (int r = 0; r < rows; r++) {
        var row = new double[widths[0]];
        for (int i = 0; i < row.length; i++) {
          row[i] = x[r * widths[0] + i];
        }
        for (int layer = 0; layer < 3; layer++) {
          float[] weight = any.values(6 + layer, widths[layer + 1] * widths[layer]);
          float[] bias = any.values(20 + layer, widths[layer + 1]);
          var next = new double[widths[layer + 1]];
          for (int o = 0; o < next.length; o++) {
            for (int i = 0; i < row.length; i++) {
              next[o] += weight[o * row.length + i] * row[i];
            }
            next[o] += layer == 1 ? 0 : bias[o];
            next[o] = layer == 0 ? Math.max(0, next[o]) : layer == 1 ? Math.tanh(next[o]) : next[o];
          }
          row = next;
        }
        for (int i = 0; i < 3; i++) {
          assertEquals(row[i], y[r * 3 + i], 1e-5, rows + " rows: row " + r + ", column " + i);
        }
      }
    }
  }

  @Test
  void whatDoesNotFitIsNamed() {
    var layer = layers().getFirst();
    refused(
        "\"n\": norm \"both\", want pre or post",
        new CandidateGraph("CandidateBlock")
            .input(layer.x(), 1, layer.rows(), layer.width())
            .with(text("norm", "both")),
        layer);
    var graph =
        new CandidateGraph("CandidateBlock")
            .input(layer.x(), layer.rows(), layer.width())
            .input(layer.keys(), layer.heads(), layer.head(), layer.tokens())
            .input(layer.values(), layer.heads(), layer.tokens(), layer.head())
            .none();
    norm(graph, layer, 4);
    product(graph, layer, 6, 3 * layer.all(), layer.width());
    product(graph, layer, 8, layer.width(), layer.all());
    attributes(graph, layer, false).with(text("norm", "pre")).with(real("epsilon1", 0));
    var error = assertThrows(OrtException.class, () -> graph.run(OPERATORS));
    assertTrue(
        error
            .getMessage()
            .contains("input 1 is [2, 8, 5], want [.., 2, tokens, 8], all axes before 1"),
        error.getMessage());
  }

  private static void refused(String message, CandidateGraph graph, PlainLayer layer) {
    tokens(graph, layer, false);
    graph.none();
    norm(graph, layer, 4);
    product(graph, layer, 6, layer.all(), layer.width());
    product(graph, layer, 8, layer.width(), layer.all());
    var error = assertThrows(OrtException.class, () -> graph.run(OPERATORS));
    assertTrue(error.getMessage().contains(message), error.getMessage());
  }
}

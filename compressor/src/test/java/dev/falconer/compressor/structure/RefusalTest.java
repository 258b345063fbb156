package dev.falconer.compressor.structure;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.falconer.compressor.fixture.LinearModels;
import dev.falconer.compressor.onnx.Attribute;
import dev.falconer.compressor.onnx.DType;
import dev.falconer.compressor.onnx.Graph;
import dev.falconer.compressor.onnx.Model;
import dev.falconer.compressor.onnx.Node;
import dev.falconer.compressor.onnx.NumericTensor;
import dev.falconer.compressor.onnx.Shape;
import dev.falconer.compressor.onnx.TensorData;
import dev.falconer.compressor.onnx.ValueInfo;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.function.Function;
import org.junit.jupiter.api.Test;

/** What stands in the way of a removal is named, and nothing is guessed. */
class RefusalTest {
  @Test
  void whatIsAddedToAnInput() {
    assertRefused(
        "\"Add\" (Add) adds them to \"x\": they come from the input \"x\"",
        d -> d.matmul("consumer", d.graph.plus("x", d.matmul("fc", "x", 12, 12)), 12, 5));
  }

  @Test
  void aResidualStream() {
    assertRefused(
        "\"Add.3\" (Add) adds them to",
        d -> {
          String stem = d.linear("stem", "x", 12, 12);
          String h = d.linear("fc", d.graph.add("Relu", stem), 12, 12);
          String sum = d.graph.plus(stem, h);
          return d.matmul("consumer", d.graph.add("Relu", sum), 12, 5);
        });
  }

  @Test
  void whatIsNormalised() {
    assertRefused(
        "\"LayerNormalization\" (LayerNormalization) normalises over them",
        d ->
            d.matmul(
                "consumer",
                d.graph.add(
                    "LayerNormalization", d.matmul("fc", "x", 12, 12), d.tensor("norm", 12)),
                12,
                5));
    assertRefused(
        "\"Softmax\" (Softmax) normalises over them",
        d -> d.matmul("consumer", d.graph.softmax(d.matmul("fc", "x", 12, 12)), 12, 5));
  }

  @Test
  void whatIsJoinedOrPicked() {
    assertRefused(
        "\"Concat\" (Concat) joins them with others",
        d -> {
          String h = d.graph.concat(-1, d.matmul("fc", "x", 12, 6), d.matmul("gc", "x", 12, 6));
          return d.matmul("consumer", h, 12, 5);
        });
    assertRefused(
        "\"Slice\" (Slice) takes some of them",
        d -> d.matmul("consumer", d.graph.slice(d.matmul("fc", "x", 12, 16), 2, 0, 12), 12, 5));
  }

  @Test
  void whatAnotherLayerReads() {
    assertRefused(
        "\"MatMul.2\" (MatMul) sums over them, too",
        d -> {
          String h = d.graph.add("Relu", d.matmul("fc", "x", 12, 12));
          return d.graph.plus(d.matmul("other", h, 12, 5), d.matmul("consumer", h, 12, 5));
        });
  }

  @Test
  void whatTheModelGives() {
    assertRefused(
        "they are the output \"hidden\"",
        d -> {
          d.graph.named("hidden", "MatMul", Map.of(), "x", d.tensor("fc", 12, 12));
          d.graph.output("hidden", DType.FLOAT32);
          return d.matmul("consumer", d.graph.add("Relu", "hidden"), 12, 5);
        });
  }

  @Test
  void whatAnInputGives() {
    assertRefused("they come from the input \"x\"", d -> d.matmul("consumer", "x", 12, 5));
  }

  @Test
  void aProducerWhoseWeightIsLeftAlone() {
    assertRefused(
        "\"MatMul\" (MatMul) multiplies by a weight that is left alone: its weight \"fc\" is also"
            + " read by \"ReduceSum\"",
        d -> {
          String w = d.tensor("fc", 12, 12);
          String h = d.graph.plus(d.graph.matmul("x", w), d.graph.add("ReduceSum", w));
          return d.matmul("consumer", h, 12, 5);
        });
  }

  @Test
  void anOperatorWithoutRule() {
    assertRefused(
        "\"Det\" (Det) has no rule",
        d -> {
          String h = d.matmul("fc", "x", 12, 12);
          String det = d.graph.add("Det", h);
          return d.graph.plus(d.matmul("consumer", h, 12, 5), d.graph.unsqueeze(det, 1, 2));
        },
        12,
        12);
  }

  @Test
  void aConvInGroups() {
    assertRefused(
        "\"Conv.2\" (Conv) convolves in 2 groups",
        d -> {
          String h = d.conv("conv", "x", 3, 12, 1);
          h =
              d.graph.add(
                  "Conv", Map.of("group", Attribute.of(2)), h, d.tensor("halves", 6, 6, 1, 1));
          return d.conv("consumer", h, 6, 4, 1);
        },
        3,
        4,
        4);
  }

  @Test
  void partsThatAreNotWholeGroups() {
    assertRefused(
        "\"Slice\" (Slice) takes some of them",
        d -> d.matmul("consumer", d.graph.slice(d.matmul("fc", "x", 12, 24), 2, 6, 18), 12, 5));
  }

  @Test
  void whatMeetsItselfTransposed() {
    assertRefused(
        "in two ways",
        d -> {
          String h = d.matmul("fc", "x", 12, 12);
          return d.matmul("consumer", d.graph.plus(h, d.graph.transpose(h, 0, 2, 1)), 12, 5);
        },
        12,
        12);
  }

  @Test
  void whatABodyReads() {
    assertRefused(
        "a body of a node reads \"hidden\"",
        d -> {
          d.graph.named("hidden", "MatMul", Map.of(), "x", d.tensor("fc", 12, 12));
          Map<String, Attribute> branches =
              Map.of("then_branch", body("then", "Relu"), "else_branch", body("else", "Neg"));
          String yes = d.graph.initializer("yes", TensorData.bools(Shape.of(), true));
          String sum = d.graph.add("ReduceSum", d.graph.add("If", branches, yes));
          return d.graph.plus(d.matmul("consumer", "hidden", 12, 5), sum);
        });
  }

  private static Attribute body(String name, String operator) {
    Node node = Node.of(name, operator, List.of("hidden"), List.of(name + ".y"), Map.of());
    List<ValueInfo> outputs = List.of(new ValueInfo(name + ".y", DType.FLOAT32, null));
    return new Attribute.GraphAttr(new Graph(name, List.of(), outputs, Map.of(), List.of(node)));
  }

  @Test
  void softmaxOverAllAxesFromOneOnAsBeforeOpset13() {
    Function<Forms.Draft, String> body =
        d -> {
          Map<String, Attribute> fromRows = Map.of("axis", Attribute.of(1));
          String h = d.graph.add("Softmax", fromRows, d.matmul("fc", "x", 12, 12));
          return d.matmul("consumer", h, 12, 5);
        };
    assertEquals(12, removal(of(body, 20, 3, 12), feed(3, 12)).groups().count());

    Model old = of(body, 11, 3, 12);
    String said =
        assertThrows(IllegalArgumentException.class, () -> removal(old, feed(3, 12))).getMessage();

    assertEquals("\"Softmax\" (Softmax) normalises over them", said);
  }

  @Test
  void whatChangesWithItsOwnLengthIsFoundByTheTrial() {
    Function<Forms.Draft, String> mean =
        d -> {
          String h = d.graph.add("Relu", d.matmul("fc", "x", 12, 12));
          String length = d.graph.add("Cast", Map.of("to", Attribute.of(1)), d.graph.length(h, 2));
          return d.matmul("consumer", d.graph.add("Div", h, length), 12, 5);
        };
    Model model = model(mean, 3, 12);
    Map<String, TensorData> feed = feed(3, 12);
    Removal removal = removal(model, feed);

    String message =
        assertThrows(
                IllegalArgumentException.class,
                () -> new Trial(CutCheck.RUNNERS).check(model, Map.of(removal, 4), feed))
            .getMessage();

    assertEquals(
        "layer \"consumer\": the graph without some of its neurons gives other numbers as"
            + " \"MatMul.2:0\"; keep it whole",
        message);
  }

  @Test
  void whatIsRightPassesTheTrial() {
    for (Forms.Form form : Forms.all()) {
      Map<String, TensorData> feed = form.feed(2, 1);
      Removal removal = removal(form.model(), feed);

      new Trial(CutCheck.RUNNERS).check(form.model(), Map.of(removal, 1), feed);
    }
  }

  @Test
  void modelsInFloat16PassTheTrial() {
    Model model =
        model(
            d -> {
              String x = d.graph.add("Cast", Map.of("to", Attribute.of(10)), "x");
              String h = d.graph.add("Relu", d.graph.matmul(x, half(d, "fc", 12, 64)));
              String y = d.graph.matmul(h, half(d, "consumer", 64, 5));
              return d.graph.add("Cast", Map.of("to", Attribute.of(1)), y);
            },
            3,
            12);
    Removal removal = removal(model, feed(3, 12));

    new Trial(CutCheck.RUNNERS).check(model, Map.of(removal, 20), feed(3, 12));
  }

  private static String half(Forms.Draft draft, String name, long in, long out) {
    NumericTensor values = LinearModels.gaussian(draft.random, in, out);
    return draft.graph.initializer(
        name, NumericTensor.rounded(DType.FLOAT16, values.shape(), values.toDoubles()));
  }

  private static void assertRefused(
      String message, Function<Forms.Draft, String> body, long... rest) {
    long[] axes = rest.length == 0 ? new long[] {3, 12} : rest;
    Model model = model(body, axes);

    String said =
        assertThrows(IllegalArgumentException.class, () -> removal(model, feed(axes))).getMessage();

    assertTrue(said.contains(message), said);
  }

  private static Model model(Function<Forms.Draft, String> body, long... rest) {
    return of(body, 20, rest);
  }

  private static Model of(Function<Forms.Draft, String> body, int opset, long... rest) {
    var draft = new Forms.Draft(Forms.SEED);
    var axes = new Object[rest.length + 1];
    axes[0] = "batch";
    for (int i = 0; i < rest.length; i++) {
      axes[i + 1] = rest[i];
    }
    draft.graph.input("x", DType.FLOAT32, axes);
    return Forms.model(draft, body.apply(draft), opset);
  }

  private static Map<String, TensorData> feed(long... rest) {
    var dims = new long[rest.length + 1];
    dims[0] = 2;
    System.arraycopy(rest, 0, dims, 1, rest.length);
    NumericTensor x = LinearModels.gaussian(new Random(Forms.SEED), dims);
    return Map.of("x", x);
  }

  private static Removal removal(Model model, Map<String, TensorData> feed) {
    return CutCheck.search(model, feed).of(CutCheck.layer(model, "consumer"));
  }
}

package dev.falconer.compressor.pass;

import static dev.falconer.compressor.pass.PassTester.assertThat;
import static dev.falconer.compressor.pass.PassTester.weight;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.falconer.compressor.axes.Layout;
import dev.falconer.compressor.axes.Roles;
import dev.falconer.compressor.axes.Roles.Role;
import dev.falconer.compressor.onnx.Attribute;
import dev.falconer.compressor.onnx.DType;
import dev.falconer.compressor.onnx.Graph;
import dev.falconer.compressor.onnx.GraphBuilder;
import dev.falconer.compressor.onnx.Model;
import dev.falconer.compressor.onnx.Node;
import dev.falconer.compressor.onnx.TensorData;
import dev.falconer.compressor.onnx.ValueInfo;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** The passes that remove what need not be there. */
class TidyingTest {
  @Test
  void identitiesAndDropoutDisappear() {
    assertThat(new RemoveIdentities())
        .on(g -> g.add("Relu", g.add("Identity", g.add("Dropout", "u"))))
        .gives("Relu");
    assertThat(new RemoveIdentities()).on(g -> g.add("Relu", "u")).doesNotFire();
  }

  @Test
  void aSqueezeOfWhateverIsOneNamesItsAxes() {
    Graph after =
        assertThat(NameSqueezedAxes::new)
            .on(g -> g.unsqueeze(g.add("Squeeze", g.add("ReduceSum", "c", g.vector(1))), 1))
            .gives("ReduceSum", "Squeeze", "Unsqueeze");
    Node squeeze = after.nodes().get(1);
    assertEquals(TensorData.vector(1), after.initializers().get(squeeze.input(1)));
    assertThat(NameSqueezedAxes::new)
        .on(g -> g.add("Squeeze", g.unsqueeze("c", 1), g.vector(1)))
        .doesNotFire();
  }

  @Test
  void whatNoOutputReadsDisappears() {
    Graph after =
        assertThat(new RemoveDead())
            .on(g -> {
              g.matmul(g.add("Exp", "c"), weight(g, 2, 3));
              return g.add("Relu", "u");
            })
            .gives("Relu");
    assertTrue(after.initializers().isEmpty());
    assertEquals(3, after.inputs().size());
  }

  @Test
  void equalNodesAndEqualConstantsAreOne() {
    assertThat(new NumberValues())
        .on(g -> {
          String first = g.matmul("u", weight(g, 2, 2));
          String copy = g.initializer("copy", g.build().initializers().get("weight2x2"));
          return g.plus(first, g.matmul("u", copy));
        })
        .gives("MatMul", "Add");
    assertThat(new NumberValues())
        .on(g -> g.plus(g.add("Relu", "u"), g.add("Relu", "c")))
        .doesNotFire();
  }

  @Test
  void attributesTellNodesApart() {
    assertThat(new NumberValues())
        .on(g ->
            g.plus(
                g.add("LeakyRelu", Map.of("alpha", Attribute.of(.1f)), "c"),
                g.add("LeakyRelu", Map.of("alpha", Attribute.of(.2f)), "c")))
        .doesNotFire();
  }

  @Test
  void constantsAreComputed() {
    assertThat((roles, layout) -> new FoldConstants(roles, layout, PassTester.RUNNERS))
        .on(g -> g.matmul("u", g.transpose(weight(g, 3, 2), 1, 0)))
        .gives("MatMul");
  }

  @Test
  void quantisedWeightsStayPacked() {
    assertThat((roles, layout) -> new FoldConstants(roles, layout, PassTester.RUNNERS))
        .on(g -> {
          String packed =
              g.add("QuantizeLinear", weight(g, 2, 2), g.scalar(.01f), g.constant(zero()));
          return g.matmul(
              "u", g.add("DequantizeLinear", packed, g.scalar(.01f), g.constant(zero())));
        })
        .doesNotFire();
  }

  private static TensorData zero() {
    return dev.falconer.compressor.onnx.NumericTensor.allocate(
        DType.INT8, dev.falconer.compressor.onnx.Shape.of());
  }

  @Test
  void shapesOfKnownLengthsAreWrittenDown() {
    Graph after =
        assertThat(FoldShapes::new)
            .on(g -> g.times("u", g.add("Cast", Map.of("to", Attribute.of(1)), g.length("u", 1))))
            .gives("Cast", "Mul");
    assertTrue(after.initializers().containsValue(TensorData.vector(2)));
    assertThat(FoldShapes::new)
        .on(g -> g.times("u", g.add("Cast", Map.of("to", Attribute.of(1)), g.length("u", 0))))
        .doesNotFire();
  }

  @Test
  void operationsThatChangeNothingDisappear() {
    assertThat(RemoveNoOps::new)
        .on(g -> g.add("Expand", g.reshape(g.add("Relu", "c"), 0, 2), g.vector(1, 1)))
        .gives("Relu");
    assertThat(RemoveNoOps::new).on(g -> g.reshape("c", 0, 1, 2)).doesNotFire();
  }

  @Test
  void alwaysTrueMasksDisappear() {
    assertThat(FoldMasks::new)
        .on(g -> {
          String index = g.add("Range", g.scalar(0L), g.scalar(2L), g.scalar(1L));
          String mask = g.add("Less", index, g.scalar(2L));
          return g.add("Where", mask, g.add("Relu", "c"), g.scalar(7f));
        })
        .gives("Range", "Less", "Relu");
    assertThat(FoldMasks::new)
        .on(g -> {
          String index = g.add("Range", g.scalar(0L), g.scalar(2L), g.scalar(1L));
          String mask = g.add("Less", index, g.scalar(1L));
          return g.add("Where", mask, g.add("Relu", "c"), g.scalar(7f));
        })
        .doesNotFire();
  }

  @Test
  void aSideOfAnotherShapeIsNotTaken() {
    assertThat(FoldMasks::new)
        .on(g -> g.add("Where", g.add("Less", "u", "u"), "c", g.scalar(7f)))
        .doesNotFire();
  }

  @Test
  void groupedGraphsServeOneUserAndTakeTheLengthFromTheHistory() {
    var graph = new GraphBuilder("grouped");
    graph.input("history", DType.INT64, "B", "n");
    graph.input("length", DType.INT64, "B");
    graph.input("item", DType.INT64, "B", "m");
    String sum = graph.plus(graph.plus("item", graph.unsqueeze("length", 1)), "item");
    graph.named("y", "Identity", Map.of(), sum);
    graph.output("y", DType.INT64, "B", "m");
    var model = new Model(graph.build(), Model.IR_VERSION, Map.of("", 20L), Map.of());
    var roles =
        new Roles(Map.of("history", Role.USER, "length", Role.LENGTH, "item", Role.CANDIDATE));
    Layout layout = Layout.of(model.graph(), roles);
    assertEquals(Layout.Form.GROUPED, layout.form());

    Model fixed = new FixBatch(layout).run(model);
    Model full = new FullLength(roles).run(fixed);

    assertEquals(
        List.of(new ValueInfo.Dim.Fixed(1), new ValueInfo.Dim.Symbol("m")),
        fixed.graph().input("item").dims());
    assertThrows(IllegalArgumentException.class, () -> full.graph().input("length"));
    assertFalse(full.graph().nodes().stream().anyMatch(n -> n.inputs().contains("length")));
  }
}

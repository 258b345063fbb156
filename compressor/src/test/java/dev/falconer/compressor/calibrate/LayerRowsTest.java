package dev.falconer.compressor.calibrate;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.falconer.compressor.evaluate.OrtRunner;
import dev.falconer.compressor.fixture.LinearModels;
import dev.falconer.compressor.fixture.LinearModels.Case;
import dev.falconer.compressor.layer.LinearLayer;
import dev.falconer.compressor.layer.LinearLayer.Tap;
import dev.falconer.compressor.layer.LinearLayers;
import dev.falconer.compressor.onnx.Attribute;
import dev.falconer.compressor.onnx.DType;
import dev.falconer.compressor.onnx.Graph;
import dev.falconer.compressor.onnx.Node;
import dev.falconer.compressor.onnx.NumericTensor;
import dev.falconer.compressor.onnx.Runner;
import dev.falconer.compressor.onnx.Shape;
import dev.falconer.compressor.onnx.TensorData;
import dev.falconer.compressor.onnx.ValueInfo;
import dev.falconer.compressor.solver.Matrix;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class LayerRowsTest {
  static Stream<Case> cases() {
    return Stream.concat(LinearModels.products().stream(), LinearModels.convolutions().stream());
  }

  @ParameterizedTest
  @MethodSource("cases")
  void rowsTimesTheWeightAreWhatTheNodeComputes(Case each) {
    LinearLayer layer = LinearLayers.find(each.graph(), Set.of()).layers().getFirst();
    Matrix weight = layer.read(each.graph());
    for (Tap tap : layer.taps()) {
      Map<String, TensorData> values = run(each, tap);
      var input = (NumericTensor) values.get(tap.input());
      NumericTensor rows = LayerRows.of(each.graph(), layer, tap).of(input);
      double[] product = product(rows, weight);
      double[] wanted = outputRows((NumericTensor) values.get("product"), layer);

      assertEquals(Shape.of(wanted.length / layer.out(), layer.in()), rows.shape());
      assertEquals(input.dtype(), rows.dtype());
      for (int i = 0; i < wanted.length; i++) {
        assertEquals(wanted[i], product[i], 1e-4, tap.node() + ", element " + i);
      }
    }
  }

  @Test
  void rowsTimesThePackedProjectionsAreAnAttentionsQueriesKeysAndValues() {
    Case each = LinearModels.attentions().getFirst();
    LinearLayer layer = LinearLayers.find(each.graph(), Set.of()).layers().getFirst();
    Tap tap = layer.taps().getFirst();
    var x = (NumericTensor) each.feeds().get("x");
    double[] packed =
        product(LayerRows.of(each.graph(), layer, tap).of(x), layer.read(each.graph()));
    double[] bias = ((NumericTensor) each.graph().initializers().get("b0")).toDoubles();
    for (int i = 0; i < packed.length; i++) {
      packed[i] += bias[i % bias.length];
    }
    double[] wanted;
    try (Runner runner = OrtRunner.factory(1).open(each.model())) {
      wanted = ((NumericTensor) runner.run(each.feeds()).get("y")).toDoubles();
    }

    int length = (int) x.shape().dim(1);
    int hidden = layer.out() / 3;
    for (int i = 0; i < wanted.length; i++) {
      int row = i / hidden;
      int first = row / length * length;
      assertEquals(
          wanted[i],
          attended(packed, hidden, row, first, length, i % hidden),
          1e-5,
          "element " + i);
    }
  }

  /** Returns one number of what a row of two heads attends to, rows being [q, k, v]. */
  private static double attended(
      double[] packed, int hidden, int row, int first, int length, int column) {
    int width = hidden / 2;
    int head = column / width * width;
    double sum = 0;
    double total = 0;
    for (int other = first; other < first + length; other++) {
      double score = 0;
      for (int j = head; j < head + width; j++) {
        score += packed[row * 3 * hidden + j] * packed[other * 3 * hidden + hidden + j];
      }
      double weight = Math.exp(score / Math.sqrt(width));
      total += weight;
      sum += weight * packed[other * 3 * hidden + 2 * hidden + column];
    }
    return sum / total;
  }

  @Test
  void theLastAxisIsReadWhereItLies() {
    Case each = LinearModels.attentions().getFirst();
    LinearLayer layer = LinearLayers.find(each.graph(), Set.of()).layers().getFirst();
    var x = (NumericTensor) each.feeds().get("x");

    NumericTensor rows = LayerRows.of(each.graph(), layer, layer.taps().getFirst()).of(x);

    assertEquals(Shape.of(8, 8), rows.shape());
    assertEquals(x.bytes().address(), rows.bytes().address());
  }

  @Test
  void aValueOfAnotherWidthIsRefusedByName() {
    for (Case each :
        List.of(LinearModels.products().getFirst(), LinearModels.convolutions().getFirst())) {
      LinearLayer layer = LinearLayers.find(each.graph(), Set.of()).layers().getFirst();
      LayerRows rows = LayerRows.of(each.graph(), layer, layer.taps().getFirst());
      var error =
          assertThrows(
              IllegalArgumentException.class,
              () -> rows.of(NumericTensor.allocate(DType.FLOAT32, Shape.of(2, 5, 7, 7))));
      assertTrue(
          String.valueOf(error.getMessage()).contains("\"x\" of node \"node\""),
          error.getMessage());
    }
  }

  private static double[] product(NumericTensor rows, Matrix weight) {
    double[] x = rows.toDoubles();
    int n = x.length / weight.columns();
    var product = new double[n * weight.rows()];
    for (int r = 0; r < n; r++) {
      for (int o = 0; o < weight.rows(); o++) {
        for (int i = 0; i < weight.columns(); i++) {
          product[r * weight.rows() + o] += x[r * weight.columns() + i] * weight.at(o, i);
        }
      }
    }
    return product;
  }

  /** Returns the rows [.., out] of a node's output; a Conv writes its outputs as channels. */
  private static double[] outputRows(NumericTensor output, LinearLayer layer) {
    double[] values = output.toDoubles();
    if (!layer.isConv()) {
      return values;
    }
    int plane = values.length / (int) output.shape().dim(0) / layer.out();
    var rows = new double[values.length];
    for (int i = 0; i < values.length; i++) {
      int channel = i / plane % layer.out();
      int image = i / plane / layer.out();
      rows[(image * plane + i % plane) * layer.out() + channel] = values[i];
    }
    return rows;
  }

  /** Runs the model with the tapped node without bias and activation beside it. */
  private static Map<String, TensorData> run(Case each, Tap tap) {
    Graph graph = each.graph();
    var nodes = new ArrayList<>(graph.nodes());
    Node node =
        nodes.stream().filter(any -> any.name().equals(tap.node())).findFirst().orElseThrow();
    Map<String, Attribute> attributes = new HashMap<>(node.attributes());
    attributes.keySet().removeIf(key -> key.startsWith("activation"));
    boolean isPlain = node.type().equals("FusedGemm") || node.type().equals("FusedConv");
    nodes.add(
        new Node(
            "bare",
            isPlain ? "" : node.domain(),
            isPlain ? node.type().substring("Fused".length()) : node.type(),
            node.inputs().subList(0, 2),
            List.of("product"),
            attributes,
            Map.of()));
    var outputs = new ArrayList<ValueInfo>();
    var type = graph.outputs().getFirst().dtype();
    outputs.add(new ValueInfo("product", type, null));
    if (!each.feeds().containsKey(tap.input())) {
      outputs.add(new ValueInfo(tap.input(), type, null));
    }
    Graph tapped = new Graph(graph.name(), graph.inputs(), outputs, graph.initializers(), nodes);
    var values = new HashMap<>(each.feeds());
    try (Runner runner = OrtRunner.factory(1).open(each.model().withGraph(tapped))) {
      values.putAll(runner.run(each.feeds()));
    }
    return values;
  }
}

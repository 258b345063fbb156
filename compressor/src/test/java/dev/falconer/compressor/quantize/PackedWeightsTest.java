package dev.falconer.compressor.quantize;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.falconer.compressor.fixture.LinearModels;
import dev.falconer.compressor.fixture.LinearModels.Case;
import dev.falconer.compressor.layer.LinearLayer;
import dev.falconer.compressor.onnx.Attribute;
import dev.falconer.compressor.onnx.DType;
import dev.falconer.compressor.onnx.GraphBuilder;
import dev.falconer.compressor.onnx.Model;
import dev.falconer.compressor.onnx.Node;
import dev.falconer.compressor.onnx.NumericTensor;
import dev.falconer.compressor.onnx.TensorData;
import dev.falconer.compressor.quantize.PackedWeights.Arithmetic;
import dev.falconer.compressor.quantize.PackedWeights.OnGrid;
import dev.falconer.compressor.solver.Grid;
import dev.falconer.compressor.solver.GridFit;
import dev.falconer.compressor.solver.GridFit.Search;
import dev.falconer.compressor.solver.GridFit.Symmetry;
import dev.falconer.compressor.solver.Matrix;
import java.util.Arrays;
import java.util.Map;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

class PackedWeightsTest {
  private static final GridFit BY_16 = new GridFit(4, 16, Symmetry.ASYMMETRIC, Search.MINMAX);

  static Stream<Case> packable() {
    return LinearModels.products().stream()
        .filter(each ->
            PackedWeights.reasonAgainst(each.graph(), RewriteFixture.layer(each), grid(each, BY_16))
                .isEmpty());
  }

  @ParameterizedTest
  @MethodSource("packable")
  void computesWhatTheDequantisedWeightDoes(Case each) {
    double error = error(each, BY_16, Arithmetic.FLOAT);

    assertTrue(error < RewriteFixture.storedError(each), "relative error " + error);
  }

  @Test
  void onlyOtherFormsAreNotPackable() {
    assertEquals(
        java.util.List.of("FusedMatMul, transA", "MatMul of doubles"),
        LinearModels.products().stream()
            .filter(each -> packable().noneMatch(other -> other.name().equals(each.name())))
            .map(Case::name)
            .toList());
  }

  @ParameterizedTest
  @CsvSource({
    "4, 16, ASYMMETRIC, 96",
    "4, 32, SYMMETRIC, 96",
    "4, 48, ASYMMETRIC, 96",
    "4, 64, ASYMMETRIC, 192",
    "4, 128, SYMMETRIC, 256",
    "4, 256, ASYMMETRIC, 512",
    "4, 0, ASYMMETRIC, 40",
    "4, 0, SYMMETRIC, 300",
    "4, 0, ASYMMETRIC, 300",
    "3, 32, ASYMMETRIC, 64",
    "8, 32, ASYMMETRIC, 96",
    "8, 0, SYMMETRIC, 300",
    "6, 16, SYMMETRIC, 48"
  })
  void anyGroupAndWidth(int bits, int group, Symmetry symmetry, int in) {
    Case each = matmul(new Random(bits + in), 7, in, 10);
    var fit = new GridFit(bits, group, symmetry, Search.MSE);

    double error = error(each, fit, Arithmetic.FLOAT);

    assertTrue(error < 1e-5, "relative error " + error);
    Node node = packed(each, fit, Arithmetic.FLOAT).graph().nodes().getFirst();
    assertEquals(bits <= 4 ? 4 : 8, node.intAttribute("bits", 0));
    boolean hasZeros = symmetry == Symmetry.ASYMMETRIC || (bits != 4 && bits != 8);
    assertEquals(hasZeros ? 4 : 3, node.inputs().size());
  }

  @Test
  void theWeightTakesHalfAByteAndItsScale() {
    Case each = matmul(new Random(1), 7, 256, 10);

    Model model =
        packed(each, new GridFit(4, 32, Symmetry.SYMMETRIC, Search.MINMAX), Arithmetic.FLOAT);

    long bytes =
        model.graph().initializers().values().stream()
            .mapToLong(tensor -> ((NumericTensor) tensor).bytes().byteSize())
            .sum();
    assertEquals(10 * (256 / 2 + 256 / 32 * 4), bytes);
  }

  @Test
  void activationsAreRoundedOnlyWhenAskedTo() {
    Case each = matmul(new Random(2), 64, 256, 64);
    var fit = new GridFit(4, 32, Symmetry.SYMMETRIC, Search.MINMAX);

    double exact = error(each, fit, Arithmetic.FLOAT);
    double rounded = error(each, fit, Arithmetic.INT8_ACTIVATIONS);

    assertTrue(exact < 1e-5, "relative error " + exact);
    assertTrue(rounded > 1e-3 && rounded < 3e-2, "relative error " + rounded);
  }

  @Test
  void aRowIsTheSameInAnyCompany() {
    Case each = matmul(new Random(3), 2, 64, 16);
    Model model = packed(each, BY_16, Arithmetic.INT8_ACTIVATIONS);
    NumericTensor x = (NumericTensor) each.feeds().get("x");
    float[] huge = x.toFloats();
    Arrays.fill(huge, 64, 128, 1e6f);

    double[] alone = RewriteFixture.run(model, each.feeds());
    double[] beside = RewriteFixture.run(model, Map.of("x", TensorData.floats(x.shape(), huge)));

    assertArrayEquals(Arrays.copyOf(alone, 16), Arrays.copyOf(beside, 16), 0);
  }

  @Test
  void whatDoesNotFitIsRefusedByName() {
    Case each = matmul(new Random(4), 2, 60, 8);
    LinearLayer layer = RewriteFixture.layer(each);
    Matrix weight = layer.read(each.graph());
    Grid grid = new GridFit(4, 20, Symmetry.SYMMETRIC, Search.MINMAX).grid(weight);
    refused(each, layer, new OnGrid(grid.rounded(weight), grid), "shared by 20 inputs");
    Grid one = GridFit.perOutput(4).grid(weight);
    refused(each, layer, new OnGrid(weight, one), "between levels");
    refused(each, layer, new OnGrid(Matrix.of(1, 1, 1), one), "is [8, 60]");
  }

  private static void refused(Case each, LinearLayer layer, OnGrid on, String reason) {
    var error =
        assertThrows(
            IllegalArgumentException.class,
            () -> new PackedWeights(Arithmetic.FLOAT).apply(each.model(), Map.of(layer, on)));
    String message = String.valueOf(error.getMessage());
    assertTrue(message.contains("\"w\"") && message.contains(reason), message);
  }

  private static double error(Case each, GridFit fit, Arithmetic arithmetic) {
    LinearLayer layer = RewriteFixture.layer(each);
    Matrix rounded = grid(each, fit).rounded(layer.read(each.graph()));
    Model wanted = RewriteFixture.written(each, layer, rounded);
    return RewriteFixture.relativeError(
        RewriteFixture.run(wanted, each.feeds()),
        RewriteFixture.run(packed(each, fit, arithmetic), each.feeds()));
  }

  private static Model packed(Case each, GridFit fit, Arithmetic arithmetic) {
    LinearLayer layer = RewriteFixture.layer(each);
    Grid grid = grid(each, fit);
    var on = new OnGrid(grid.rounded(layer.read(each.graph())), grid);
    return new PackedWeights(arithmetic).apply(each.model(), Map.of(layer, on));
  }

  private static Grid grid(Case each, GridFit fit) {
    return fit.grid(RewriteFixture.layer(each).read(each.graph()));
  }

  private static Case matmul(Random random, int rows, int in, int out) {
    var graph = new GraphBuilder("g");
    graph.input("x", DType.FLOAT32, "rows", in);
    graph.initializer("w", LinearModels.gaussian(random, in, out));
    graph.named("y", "MatMul", Map.<String, Attribute>of(), "x", "w");
    graph.output("y", DType.FLOAT32, "rows", out);
    return new Case(
        "MatMul",
        LinearModels.model(graph.build()),
        Map.of("x", LinearModels.gaussian(random, rows, in)));
  }
}

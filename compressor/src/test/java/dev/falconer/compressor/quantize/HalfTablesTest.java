package dev.falconer.compressor.quantize;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.falconer.compressor.fixture.LinearModels;
import dev.falconer.compressor.onnx.DType;
import dev.falconer.compressor.onnx.GraphBuilder;
import dev.falconer.compressor.onnx.Model;
import dev.falconer.compressor.onnx.Shape;
import dev.falconer.compressor.onnx.TensorData;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

class HalfTablesTest {
  private static final int ROWS = 512;
  private static final Map<String, TensorData> FEEDS =
      Map.of("ids", TensorData.longs(Shape.of(2, 3), 0, 511, 7, 300, 7, 1));

  @Test
  void tablesTakeHalfTheBytesAndLookUpsAreOffByARounding() {
    Model model = model();

    HalfTables.Result result = HalfTables.DEFAULT.apply(model);

    assertEquals(List.of("twice"), result.tables());
    assertEquals(2L * ROWS * 8, result.savedBytes());
    assertEquals(DType.FLOAT16, result.model().graph().initializers().get("twice").dtype());
    double[] wanted = RewriteFixture.run(model, FEEDS);
    double[] got = RewriteFixture.run(result.model(), FEEDS);
    boolean hasMoved = false;
    for (int i = 0; i < wanted.length; i++) {
      // Two roundings to 11 bits, in sums of five look-ups.
      assertEquals(wanted[i], got[i], 2 * 0x1p-11 * 5);
      hasMoved |= wanted[i] != got[i];
    }
    assertTrue(hasMoved);
  }

  @Test
  void tablesThatStayAreNamed() {
    HalfTables.Result result = HalfTables.DEFAULT.apply(model());

    assertEquals(
        Map.of(
            "small", "it has 4 elements, fewer than 4096",
            "tied", "it is also read by \"MatMul\" (MatMul)",
            "large", "70000.0 is outside the range of float16"),
        result.leftAlone());
  }

  @Test
  void aSecondTimeThereIsNothingToDo() {
    Model once = HalfTables.DEFAULT.apply(model()).model();

    HalfTables.Result again = HalfTables.DEFAULT.apply(once);

    assertEquals(List.of(), again.tables());
    assertSame(once, again.model());
  }

  private static Model model() {
    var random = new Random(9);
    var graph = new GraphBuilder("g");
    graph.input("ids", DType.INT64, 2, 3);
    String twice = graph.initializer("twice", LinearModels.gaussian(random, ROWS, 8));
    String tied = graph.initializer("tied", LinearModels.gaussian(random, ROWS, 8));
    float[] values = LinearModels.gaussian(random, ROWS, 8).toFloats();
    values[ROWS] = 70_000;
    String large = graph.initializer("large", TensorData.floats(Shape.of(ROWS, 8), values));
    String small = graph.initializer("small", TensorData.floats(Shape.of(4), 1, 2, 3, 4));
    String first = graph.gather(twice, "ids");
    String second = graph.gather(twice, graph.vector(3));
    String sum = graph.plus(first, second);
    String rows =
        graph.plus(graph.plus(sum, graph.gather(tied, "ids")), graph.gather(large, "ids"));
    String one = graph.gather(small, graph.scalar(2L));
    String looked = graph.plus(rows, one);
    String scores = graph.matmul(tied, graph.transpose(graph.gather(tied, graph.vector(1)), 1, 0));
    graph.named("y", "Add", Map.of(), looked, graph.add("ReduceMean", scores));
    graph.output("y", DType.FLOAT32);
    return LinearModels.model(graph.build());
  }
}

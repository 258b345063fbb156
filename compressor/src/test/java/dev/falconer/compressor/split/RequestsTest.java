package dev.falconer.compressor.split;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.falconer.compressor.axes.Layout;
import dev.falconer.compressor.axes.Roles;
import dev.falconer.compressor.axes.Roles.Role;
import dev.falconer.compressor.onnx.Attribute;
import dev.falconer.compressor.onnx.DType;
import dev.falconer.compressor.onnx.Graph;
import dev.falconer.compressor.onnx.GraphBuilder;
import dev.falconer.compressor.onnx.NumericTensor;
import dev.falconer.compressor.onnx.Shape;
import dev.falconer.compressor.onnx.TensorData;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

class RequestsTest {
  private static final Roles ROLES = new Roles(Map.of("user", Role.USER, "item", Role.CANDIDATE));

  @Test
  void rowsOfOneUserAreOneRequest() {
    Graph graph = rowWise();

    List<Map<String, TensorData>> requests =
        Requests.of(
            graph,
            ROLES,
            Map.of(
                "user", TensorData.longs(Shape.of(5), 7, 7, 7, 9, 7),
                "item", TensorData.longs(Shape.of(5), 1, 2, 3, 4, 5)));

    assertEquals(
        List.of(
            Map.of("user", TensorData.vector(7), "item", TensorData.vector(1, 2, 3)),
            Map.of("user", TensorData.vector(9), "item", TensorData.vector(4)),
            Map.of("user", TensorData.vector(7), "item", TensorData.vector(5))),
        requests);
  }

  @Test
  void aGroupedBatchHasOneRequestPerRow() {
    var graph = new GraphBuilder("grouped");
    graph.input("user", DType.INT64, "B", "n");
    graph.input("item", DType.INT64, "B", "candidates");
    graph.output("score", DType.FLOAT32, "B", "candidates");

    List<Map<String, TensorData>> requests =
        Requests.of(
            graph.build(),
            ROLES,
            Map.of(
                "user", TensorData.longs(Shape.of(2, 1), 7, 7),
                "item", TensorData.longs(Shape.of(2, 2), 1, 2, 3, 4)));

    assertEquals(2, requests.size());
    assertEquals(TensorData.longs(Shape.of(1, 2), 3, 4), requests.get(1).get("item"));
  }

  @Test
  void namesWhatDoesNotFit() {
    TensorData two = TensorData.vector(1, 2);

    assertProblem("lack input \"user\"; they have [item]", Map.of("item", two));
    assertProblem(
        "input \"user\" is INT64, the data have FLOAT32",
        Map.of("item", two, "user", TensorData.floats(Shape.of(2), 1, 2)));
    assertProblem(
        "input \"item\" has 2 rows, others have 3",
        Map.of("item", two, "user", TensorData.vector(1, 2, 3)));
    assertProblem(
        "the data have shape [2, 1]",
        Map.of("item", two, "user", TensorData.longs(Shape.of(2, 1), 1, 2)));
  }

  private static void assertProblem(String text, Map<String, TensorData> batch) {
    var problem =
        assertThrows(IllegalArgumentException.class, () -> Requests.of(rowWise(), ROLES, batch));
    assertTrue(problem.getMessage().contains(text), problem.getMessage());
  }

  /** Ids reach a table of 10 rows behind an offset of 4; 3 is compared with. */
  @Test
  void randomIdsStayInsideTheTableBehindAnOffset() {
    var graph = new GraphBuilder("offset");
    String item = graph.input("item", DType.INT64, "B");
    String user = graph.input("user", DType.INT64, "B", "n");
    String table = graph.initializer("table", TensorData.floats(Shape.of(10, 1), new float[10]));
    graph.gather(table, graph.plus(item, graph.scalar(4L)));
    graph.add("Equal", user, graph.scalar(3L));
    String shorter = graph.initializer("shorter", TensorData.floats(Shape.of(5, 1), new float[5]));
    graph.gather(shorter, graph.add("Cast", Map.of("to", Attribute.of(7)), user));
    Graph built = graph.build();
    var maker = new RequestMaker(built, ROLES, Layout.of(built, ROLES));

    Map<String, TensorData> request = maker.make(500, 400, new Random(4));

    long[] items = ((NumericTensor) Rows.get(request, "item")).toLongs();
    assertEquals(
        List.of(0L, 1L, 2L, 3L, 4L, 5L),
        java.util.Arrays.stream(items).sorted().distinct().boxed().toList());
    long[] users = ((NumericTensor) Rows.get(request, "user")).toLongs();
    assertEquals(
        List.of(0L, 1L, 2L, 3L, 4L),
        java.util.Arrays.stream(users).sorted().distinct().boxed().toList());
  }

  @Test
  void numbersUnderALogarithmArePositive() {
    var graph = new GraphBuilder("log");
    String price = graph.input("item", DType.FLOAT32, "B", 1);
    graph.input("user", DType.INT64, "B");
    graph.add("Log", price);
    Graph built = graph.build();
    var maker = new RequestMaker(built, ROLES, Layout.of(built, ROLES));

    double[] prices =
        ((NumericTensor) Rows.get(maker.make(200, 1, new Random(4)), "item")).toDoubles();

    assertTrue(java.util.Arrays.stream(prices).allMatch(value -> value > 0));
  }

  @Test
  void lengthsOfHistoriesThatNeverMeetDiffer() {
    var graph = new GraphBuilder("two histories");
    graph.input("user", DType.INT64, "B", "clicks");
    graph.input("other", DType.INT64, "B", "views");
    graph.input("item", DType.INT64, "B");
    Graph built = graph.build();
    Roles roles = ROLES.with(Map.of("other", Role.USER));
    var maker = new RequestMaker(built, roles, Layout.of(built, roles));

    assertEquals(Map.of("clicks", 7L, "views", 6L), maker.lengths(7, true));
    assertEquals(Map.of("clicks", 7L, "views", 7L), maker.lengths(7, false));
  }

  private static Graph rowWise() {
    var graph = new GraphBuilder("row-wise");
    graph.input("user", DType.INT64, "B");
    graph.input("item", DType.INT64, "B");
    return graph.build();
  }
}

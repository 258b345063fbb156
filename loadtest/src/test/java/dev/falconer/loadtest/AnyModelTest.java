package dev.falconer.loadtest;

import static dev.falconer.client.FeatureColumn.floats;
import static dev.falconer.client.FeatureColumn.longs;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.falconer.client.Ranking;
import dev.falconer.client.RankingClient;
import dev.falconer.client.RankingException;
import dev.falconer.client.RankingRequest;
import dev.falconer.client.RankingRequest.Mode;
import dev.falconer.compressor.cli.SplitCommand;
import dev.falconer.compressor.evaluate.OrtRunner;
import dev.falconer.compressor.onnx.Attribute;
import dev.falconer.compressor.onnx.DType;
import dev.falconer.compressor.onnx.GraphBuilder;
import dev.falconer.compressor.onnx.Model;
import dev.falconer.compressor.onnx.NumericTensor;
import dev.falconer.compressor.onnx.OnnxWriter;
import dev.falconer.compressor.onnx.Shape;
import dev.falconer.compressor.onnx.TensorData;
import dev.falconer.server.FalconerServer;
import dev.falconer.server.ServerConfig;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

/**
 * A row-wise ranker as others export them, with target attention and a flat output: split by the
 * command, served without knowing it, ranked by the client.
 */
class AnyModelTest {
  private static final int ITEMS = 50;
  private static final int WIDTH = 8;
  private static final float TOLERANCE = 1e-5f;
  private static final long[] HISTORY = {3, 1, 4, 1, 5, 9, 2};
  private static final long[] CANDIDATES = {6, 7, 8, 9, 10};
  private static final float AGE = .4f;
  private static final float HOUR = -.7f;

  @TempDir private static Path folder;
  private static Model whole = ranker();
  private static Model pointwise = pointwise();
  private static FalconerServer server;

  @BeforeAll
  static void publishesAndServes() throws IOException {
    OnnxWriter.write(whole, folder.resolve("ranker.onnx"));
    OnnxWriter.write(pointwise, folder.resolve("pointwise.onnx"));
    String[] roles = {"--user", "clicked,age", "--candidate", "item", "--context", "hour"};
    split("ranker", "ranker", roles);
    split("ranker", "unsplit", withWhole(roles));
    split("pointwise", "pointwise", "--whole");
    server = FalconerServer.start(ServerConfig.of(folder.resolve("models")).withPorts(0, -1));
  }

  private static void split(String model, String name, String... options) {
    var arguments =
        new ArrayList<>(
            List.of(
                "--model",
                folder.resolve(model + ".onnx").toString(),
                "--history-max",
                "20",
                "--out",
                folder.resolve("models").resolve(name).resolve("1").toString()));
    arguments.addAll(List.of(options));
    var err = new StringWriter();
    int status =
        new CommandLine(new SplitCommand())
            .setErr(new PrintWriter(err, true))
            .execute(arguments.toArray(new String[0]));
    assertEquals(0, status, err.toString());
  }

  @AfterAll
  static void stop() {
    server.close();
  }

  @Test
  void everyModeGivesTheWholeModelsScores() {
    float[] expected = expected(HISTORY, CANDIDATES);
    try (var client = client()) {
      for (Mode mode : Mode.values()) {
        Ranking ranking = client.rank(request(HISTORY, CANDIDATES).withMode(mode));

        assertArrayEquals(expected, ranking.scores(), TOLERANCE, mode.name());
      }
      assertEquals(Ranking.State.HIT, client.rank(request(HISTORY, CANDIDATES)).state());
    }
  }

  @Test
  void aModelPublishedWholeGivesItsScores() {
    try (var client = client()) {
      for (Mode mode : Mode.values()) {
        Ranking ranking =
            client.rank(request("unsplit", HISTORY, CANDIDATES, "someone", HOUR).withMode(mode));

        assertArrayEquals(expected(HISTORY, CANDIDATES), ranking.scores(), TOLERANCE, mode.name());
      }
    }
  }

  @Test
  void aModelWithoutRolesIsServedRowByRow() {
    float[] price = {.5f, -1, 2};
    long[] items = {1, 2, 3};
    try (var client = client();
        var runner = OrtRunner.factory(1).open(pointwise)) {
      Ranking ranking =
          client.rank(
              RankingRequest.builder("pointwise")
                  .user("anyone")
                  .candidates(longs("item", items), floats("price", price, 1))
                  .build());

      var expected =
          runner.run(
              Map.of(
                  "item",
                  TensorData.longs(Shape.of(3), items),
                  "price",
                  TensorData.floats(Shape.of(3, 1), price)));
      assertArrayEquals(
          ((NumericTensor) expected.get("score")).toFloats(), ranking.scores(), TOLERANCE);
    }
  }

  @Test
  void contextIsNoPartOfTheState() {
    try (var client = client()) {
      var first = request(HISTORY, CANDIDATES, "context", HOUR);
      var second = request(HISTORY, CANDIDATES, "context", HOUR + 1);

      var before = client.rank(first);
      var after = client.rank(second);

      assertEquals(Ranking.State.HIT, after.state());
      assertTrue(!Arrays.equals(before.scores(), after.scores()), "the hour counts");
    }
  }

  @Test
  void anEmptyHistoryIsRefusedByName() {
    try (var client = client()) {
      var refused =
          assertThrows(RankingException.class, () -> client.rank(request(new long[0], CANDIDATES)));

      assertTrue(refused.getMessage().contains("want at least 1"), refused.getMessage());
    }
  }

  private static RankingClient client() {
    return RankingClient.builder("localhost:" + server.port())
        .deadline(Duration.ofSeconds(30))
        .build();
  }

  private static RankingRequest request(long[] history, long[] candidates) {
    return request(history, candidates, "someone", HOUR);
  }

  private static RankingRequest request(
      long[] history, long[] candidates, String user, float hour) {
    return request("ranker", history, candidates, user, hour);
  }

  private static RankingRequest request(
      String model, long[] history, long[] candidates, String user, float hour) {
    return RankingRequest.builder(model)
        .user(user)
        .history(longs("clicked", history), floats("age", new float[] {AGE}, 1))
        .candidates(longs("item", candidates))
        .context(floats("hour", new float[] {hour}, 1))
        .build();
  }

  private static float[] expected(long[] history, long[] candidates) {
    int m = candidates.length;
    var clicked = new long[m * history.length];
    var ages = new float[m];
    var hours = new float[m];
    for (int i = 0; i < m; i++) {
      System.arraycopy(history, 0, clicked, i * history.length, history.length);
      ages[i] = AGE;
      hours[i] = HOUR;
    }
    try (var runner = OrtRunner.factory(1).open(whole)) {
      var outputs =
          runner.run(
              Map.of(
                  "clicked",
                  TensorData.longs(Shape.of(m, history.length), clicked),
                  "age",
                  TensorData.floats(Shape.of(m, 1), ages),
                  "item",
                  TensorData.longs(Shape.of(m), candidates),
                  "hour",
                  TensorData.floats(Shape.of(m, 1), hours)));
      return ((NumericTensor) outputs.get("score")).toFloats();
    }
  }

  private static Model pointwise() {
    var random = new Random(8);
    var graph = new GraphBuilder("pointwise");
    String item = graph.input("item", DType.INT64, "batch");
    String price = graph.input("price", DType.FLOAT32, "batch", 1);
    String table = graph.initializer("items", weights(random, ITEMS, WIDTH));
    String joined = graph.concat(1, graph.gather(table, item), price);
    String logit = graph.matmul(joined, graph.initializer("w", weights(random, WIDTH + 1, 1)));
    graph.named("score", "Sigmoid", Map.<String, Attribute>of(), logit);
    graph.output("score", DType.FLOAT32, "batch", 1);
    return new Model(graph.build(), Model.IR_VERSION, Map.of("", 20L), Map.of());
  }

  private static String[] withWhole(String... roles) {
    return Stream.concat(Stream.of(roles), Stream.of("--whole")).toArray(String[]::new);
  }

  private static Model ranker() {
    var random = new Random(7);
    var graph = new GraphBuilder("din");
    String clicked = graph.input("clicked", DType.INT64, "batch", "clicks");
    String age = graph.input("age", DType.FLOAT32, "batch", 1);
    String item = graph.input("item", DType.INT64, "batch");
    String hour = graph.input("hour", DType.FLOAT32, "batch", 1);
    String table = graph.initializer("items", weights(random, ITEMS, WIDTH));
    String events =
        graph.add(
            "Relu",
            graph.matmul(
                graph.gather(table, clicked),
                graph.initializer("w0", weights(random, WIDTH, WIDTH))));
    String target = graph.gather(table, item);
    String attention =
        graph.softmax(graph.matmul(graph.unsqueeze(target, 1), graph.transpose(events, 0, 2, 1)));
    String pooled = graph.add("Squeeze", graph.matmul(attention, events), graph.vector(1));
    String joined = graph.concat(1, pooled, target, age, hour);
    String hidden =
        graph.add(
            "Relu",
            graph.matmul(
                joined, graph.initializer("w1", weights(random, 2 * WIDTH + 2, 2 * WIDTH))));
    String logit = graph.matmul(hidden, graph.initializer("w2", weights(random, 2 * WIDTH, 1)));
    graph.named(
        "score",
        "Squeeze",
        Map.<String, Attribute>of(),
        graph.add("Sigmoid", logit),
        graph.vector(1));
    graph.output("score", DType.FLOAT32, "batch");
    return new Model(graph.build(), Model.IR_VERSION, Map.of("", 20L), Map.of());
  }

  private static TensorData weights(Random random, int rows, int columns) {
    var values = new float[rows * columns];
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) random.nextGaussian() / 2;
    }
    return TensorData.floats(Shape.of(rows, columns), values);
  }
}

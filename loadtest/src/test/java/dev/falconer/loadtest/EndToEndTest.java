package dev.falconer.loadtest;

import static dev.falconer.client.FeatureColumn.longs;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.falconer.bundle.Columns;
import dev.falconer.client.Ranking;
import dev.falconer.client.RankingClient;
import dev.falconer.client.RankingException;
import dev.falconer.client.RankingRequest;
import dev.falconer.kernel.Isa;
import dev.falconer.kernel.NativeKernels;
import dev.falconer.loadtest.bench.OverheadBench;
import dev.falconer.loadtest.cli.Commands;
import dev.falconer.loadtest.process.ServerProcess;
import dev.falconer.loadtest.traffic.Pools;
import dev.falconer.server.FalconerServer;
import dev.falconer.server.ServerConfig;
import dev.falconer.v1.Golden;
import io.grpc.Status;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** From a bundle by the compressor, through the server, to the client and a load report. */
class EndToEndTest {
  /** Float32 sums in another order. */
  private static final float TOLERANCE = 1e-5f;

  private static final Duration PATIENT = Duration.ofSeconds(60);

  @TempDir private static Path repository;
  @TempDir private Path out;
  private static Path bundle = Path.of("");
  private static FalconerServer server;

  @BeforeAll
  static void start() throws IOException {
    bundle = TinyBundle.write(repository);
    server = start("plain");
  }

  private static FalconerServer start(String variant) throws IOException {
    var config = ServerConfig.of(repository).withPorts(0, -1);
    return FalconerServer.start(config.withVariants(config.variants().with(variant)));
  }

  @AfterAll
  static void stop() {
    server.close();
  }

  private static String target() {
    return "localhost:" + server.port();
  }

  private static RankingRequest request(Golden golden, String user) {
    var sent = golden.getRequest();
    return RankingRequest.builder("feed")
        .user(user)
        .history(
            longs("history_item", Columns.toLongs(sent.getHistory(0).getData())),
            longs("history_action", Columns.toLongs(sent.getHistory(1).getData())))
        .candidates(longs("candidate_item", Columns.toLongs(sent.getCandidate(0).getData())))
        .itemIds(Columns.toLongs(sent.getCandidate(0).getData()))
        .build();
  }

  @Test
  void ranksGoldenRequestsAsTheBundleSays() {
    try (var client = RankingClient.builder(target()).deadline(PATIENT).build()) {
      var pools = Pools.read(bundle);
      for (int i = 0; i < pools.golden().size(); i++) {
        var golden = pools.golden().get(i);
        for (var mode : RankingRequest.Mode.values()) {
          var ranking = client.rank(request(golden, "golden-" + i).withMode(mode));

          assertArrayEquals(
              Columns.toFloats(golden.getScores()), ranking.scores(), TOLERANCE, mode.name());
          assertEquals(ranking.candidates(), ranking.size());
        }
      }
    }
  }

  @Test
  void servesWhatTheCompressorPacked() throws IOException {
    var pools = Pools.read(bundle);
    assumeTrue(NativeKernels.load(Isa.AVX512VNNI).execution().isPresent(), "no native kernels");
    var packed =
        pools.manifest().getGraphs().getCandidateList().stream()
            .filter(variant -> !variant.getOperators().isEmpty())
            .toList();
    assertEquals(2, packed.size(), pools.manifest().getGraphs().toString());
    for (var variant : packed) {
      try (var own = start(variant.getName() + ":native");
          var client = RankingClient.builder("localhost:" + own.port()).deadline(PATIENT).build()) {
        for (var golden : pools.golden()) {
          assertArrayEquals(
              Columns.toFloats(golden.getScores()),
              client.rank(request(golden, "packed")).scores(),
              (float) variant.getMaxDifference() + TOLERANCE,
              variant.getName());
        }
      }
    }
  }

  @Test
  void warmedUserHits() {
    try (var client = RankingClient.builder(target()).deadline(PATIENT).build()) {
      var request = request(Pools.read(bundle).golden().get(1), "warmed");

      assertEquals(Ranking.State.MISS, client.warm(request).state());

      assertEquals(Ranking.State.HIT, client.rank(request).state());
    }
  }

  @Test
  void measuresTheServerBesideBareOnnxRuntime() {
    var overhead = OverheadBench.run(bundle, Pools.read(bundle), target(), 16, 50);

    assertEquals(TinyBundle.HISTORY_MAX, overhead.events());
    assertTrue(overhead.bare() > 0 && overhead.server() > overhead.bare(), overhead.text());
    assertTrue(overhead.json().contains("\"server_overhead_us\""));
  }

  @Test
  void loadTestsToJsonAndAPage() throws Exception {
    var scenario =
        Files.writeString(
            out.resolve("short.yaml"),
            """
            name: short
            users: 50
            candidates: 6
            slo_p99_ms: 5000
            warmup_seconds: 0.2
            closed_loop_seconds: 0.3
            step_seconds: 0.4
            rates: {start: 50, factor: 2, steps: 2, refinements: 0}
            """);

    int code =
        Commands.run(
            "loadtest",
            "--target",
            target(),
            "--bundle",
            bundle.toString(),
            "--scenario",
            scenario.toString(),
            "--out",
            out.toString());

    assertEquals(0, code);
    var json = new ObjectMapper().readTree(out.resolve("loadtest.json").toFile());
    assertEquals("1", json.path("version").asText());
    assertEquals(TinyBundle.HISTORY_MAX, json.path("scenario").path("history_high").asInt());
    for (var mode : List.of("cache", "bypass", "whole")) {
      var result = json.path("modes").path(mode);
      assertTrue(result.path("met").asBoolean(), result.toString());
      assertEquals(100, result.path("highest_rate").asDouble());
      assertTrue(result.path("closed_loop").path("p50_ms").asDouble() > 0);
      assertTrue(result.path("closed_loop").path("errors").isEmpty());
      assertTrue(result.path("closed_loop").path("stages_us").path("score").asDouble() > 0);
    }
    var cached = json.path("modes").path("cache");
    var states = new HashSet<String>();
    cached.path("closed_loop").path("states").fieldNames().forEachRemaining(states::add);
    cached
        .path("steps")
        .forEach(step -> step.path("states").fieldNames().forEachRemaining(states::add));
    assertEquals(Set.of("HIT", "EXTEND", "MISS"), states);
    assertTrue(Files.size(out.resolve("loadtest.html")) > 50_000);
  }

  @Test
  void ranksARequestWrittenAsJson() throws Exception {
    var file =
        Files.writeString(
            out.resolve("request.json"),
            """
            {"user": "json", "history": {"history_item": [5, 6], "history_action": [1, 2]},
             "candidates": {"candidate_item": [5, 6, 7]}}
            """);

    assertEquals(
        0, Commands.run("rank", "--target", target(), "--request", file.toString(), "--top", "2"));
    assertEquals(
        1,
        Commands.run(
            "rank", "--target", target(), "--request", file.toString(), "--model", "nobody"));
  }

  @Test
  void serverKilledDuringLoadIsUnavailableAndGoesOnAfterARestart() throws Exception {
    int port = ServerProcess.freePort();
    var request = request(Pools.read(bundle).golden().get(1), "killed");
    try (var client =
        RankingClient.builder("localhost:" + port).deadline(PATIENT).maxAttempts(2).build()) {
      var process = serve(port);
      try {
        assertEquals(Ranking.State.MISS, rankWhenUp(client, request).state());

        var codes = loadUntilFailure(client, request, process);

        assertEquals(Set.of(Status.Code.UNAVAILABLE), codes);
      } finally {
        process.destroyForcibly().waitFor();
      }
      process = serve(port);
      try {
        var ranking = rankWhenUp(client, request);

        assertEquals(Ranking.State.MISS, ranking.state(), "the states died with the server");
        assertEquals(Ranking.State.HIT, client.rank(request).state());
      } finally {
        process.destroyForcibly().waitFor();
      }
    }
  }

  /** Keeps calls in flight, kills the server in their midst, and returns how calls failed. */
  private static Set<Status.Code> loadUntilFailure(
      RankingClient client, RankingRequest request, Process process) {
    var codes = new HashSet<Status.Code>();
    for (int round = 0; codes.isEmpty(); round++) {
      var calls = new ArrayList<CompletableFuture<Ranking>>();
      for (int i = 0; i < 32; i++) {
        calls.add(client.rankAsync(request));
      }
      if (round == 2) {
        process.destroyForcibly();
      }
      for (var call : calls) {
        try {
          call.join();
        } catch (CompletionException failed) {
          codes.add(((RankingException) failed.getCause()).code());
        }
      }
    }
    return codes;
  }

  private static Ranking rankWhenUp(RankingClient client, RankingRequest request) {
    long limit = System.nanoTime() + PATIENT.toNanos();
    while (true) {
      try {
        return client.rank(request);
      } catch (RankingException down) {
        assertEquals(Status.Code.UNAVAILABLE, down.code());
        assertTrue(System.nanoTime() < limit, "the server does not come up: " + down);
      }
    }
  }

  /** A server of its own process, which can be killed. */
  private Process serve(int port) throws IOException {
    var java = Path.of(System.getProperty("java.home", ""), "bin", "java").toString();
    var builder =
        new ProcessBuilder(
            java,
            "-Xss16m",
            "--enable-native-access=ALL-UNNAMED",
            "--add-modules=jdk.incubator.vector",
            "dev.falconer.server.Main",
            "serve",
            "--variant",
            "plain",
            "--model-repository",
            repository.toString(),
            "--grpc-port",
            Integer.toString(port),
            "--metrics-port",
            "-1");
    builder.environment().put("CLASSPATH", System.getProperty("java.class.path", ""));
    builder.redirectErrorStream(true).redirectOutput(out.resolve("server.log").toFile());
    return builder.start();
  }
}

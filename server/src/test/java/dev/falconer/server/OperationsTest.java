package dev.falconer.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.common.util.concurrent.ListenableFuture;
import dev.falconer.server.fixture.Ask;
import dev.falconer.server.fixture.TestServer;
import dev.falconer.server.fixture.TinyBundle;
import dev.falconer.v1.Mode;
import dev.falconer.v1.RankReply;
import dev.falconer.v1.RankingGrpc;
import io.grpc.Channel;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.health.v1.HealthCheckRequest;
import io.grpc.health.v1.HealthCheckResponse;
import io.grpc.health.v1.HealthCheckResponse.ServingStatus;
import io.grpc.health.v1.HealthGrpc;
import io.grpc.reflection.v1.ServerReflectionGrpc;
import io.grpc.reflection.v1.ServerReflectionRequest;
import io.grpc.reflection.v1.ServerReflectionResponse;
import io.grpc.stub.StreamObserver;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What an operator sees: health, reflection, metrics, the drain. */
class OperationsTest {
  private static final int LONG_REQUESTS = 6;

  /** After so many the server answers short ones without its pool. */
  private static final int SHORT_REQUESTS = 400;

  @TempDir Path repository;

  private TestServer start() throws IOException {
    return TestServer.over(repository, TinyBundle.feed(1));
  }

  /** Queues what a stream brings. */
  private static final class Stream<T> implements StreamObserver<T> {
    private final BlockingQueue<T> values = new LinkedBlockingQueue<>();

    @Override
    public void onNext(T value) {
      values.add(value);
    }

    @Override
    public void onError(Throwable t) {}

    @Override
    public void onCompleted() {}

    T next() throws InterruptedException {
      T value = values.poll(30, TimeUnit.SECONDS);
      if (value == null) {
        throw new AssertionError("nothing came in 30 s");
      }
      return value;
    }
  }

  @Test
  void healthSaysServingForTheServerAndTheService() throws IOException {
    try (var server = start()) {
      var health = HealthGrpc.newBlockingStub(server.channel());
      for (String service : List.of("", "falconer.v1.Ranking")) {
        var request = HealthCheckRequest.newBuilder().setService(service).build();
        assertEquals(ServingStatus.SERVING, health.check(request).getStatus());
      }
    }
  }

  @Test
  void reflectionDescribesTheService() throws Exception {
    try (var server = start()) {
      var replies = new Stream<ServerReflectionResponse>();
      var requests = ServerReflectionGrpc.newStub(server.channel()).serverReflectionInfo(replies);

      requests.onNext(ServerReflectionRequest.newBuilder().setListServices("").build());
      var services =
          replies.next().getListServicesResponse().getServiceList().stream()
              .map(service -> service.getName())
              .toList();
      requests.onNext(
          ServerReflectionRequest.newBuilder()
              .setFileContainingSymbol("falconer.v1.Ranking.Rank")
              .build());
      int files = replies.next().getFileDescriptorResponse().getFileDescriptorProtoCount();
      requests.onCompleted();

      assertTrue(services.contains("falconer.v1.Ranking"), services.toString());
      assertTrue(services.contains("grpc.health.v1.Health"), services.toString());
      assertTrue(files >= 1);
    }
  }

  @Test
  void metricsCountWhatWasAnswered() throws IOException {
    try (var server = start()) {
      for (int n = 1; n <= 3; n++) {
        server.stub().rank(Ask.of("u", n, 10).feed(Mode.CACHE));
      }
      server.stub().rank(Ask.of("u", 3, 10).feed(Mode.CACHE));
      assertThrows(
          StatusRuntimeException.class, () -> server.stub().rank(Ask.of("u", 3, 1).to("no")));

      var metrics = server.metrics();

      assertEquals(4, metrics.get("falconer_requests_total{rpc=\"Rank\",status=\"OK\"}"));
      assertEquals(1, metrics.get("falconer_requests_total{rpc=\"Rank\",status=\"NOT_FOUND\"}"));
      assertEquals(1, metrics.get("falconer_state_outcomes_total{outcome=\"MISS\"}"));
      assertEquals(2, metrics.get("falconer_state_outcomes_total{outcome=\"EXTEND\"}"));
      assertEquals(1, metrics.get("falconer_state_outcomes_total{outcome=\"HIT\"}"));
      assertEquals(1, metrics.get("falconer_state_cache_entries"));
      // Two tensors of 4 rows of 8 floats.
      assertEquals(256, metrics.get("falconer_state_cache_bytes"));
      assertEquals(3, metrics.get("falconer_encode_seconds_count"));
      assertEquals(4, metrics.get("falconer_score_seconds_count"));
      assertEquals(5, metrics.get("falconer_queue_delay_seconds_count"));
      assertEquals(5, metrics.get("falconer_request_seconds_count"));
      assertEquals(40, metrics.get("falconer_request_candidates_sum"));
      assertEquals(
          1,
          metrics.get(
              "falconer_model_info{execution=\"onnxruntime\",model=\"feed\",variant=\"plain\",version=\"1\"}"));
      assertTrue(metrics.containsKey("jvm_threads_current"));
    }
  }

  /** Enough work for a metrics page to see it under way, however busy the machine. */
  private static List<ListenableFuture<RankReply>> longRequests(Channel channel) {
    var stub = RankingGrpc.newFutureStub(channel);
    return IntStream.range(0, LONG_REQUESTS)
        .mapToObj(_ -> stub.rank(Ask.of("last", 32, 4096).feed(Mode.WHOLE)))
        .toList();
  }

  @Test
  void aLongRequestAmongShortOnesHoldsNothingUp() throws Exception {
    try (var server = start()) {
      for (int i = 0; i < SHORT_REQUESTS; i++) {
        server.stub().rank(Ask.of("u", 3, 10).feed(Mode.CACHE));
      }
      var inFlight =
          RankingGrpc.newFutureStub(server.channel()).rank(Ask.of("u", 32, 4096).feed(Mode.WHOLE));

      HealthGrpc.newBlockingStub(server.channel()).check(HealthCheckRequest.getDefaultInstance());

      assertFalse(inFlight.isDone(), "the health check waited for the ranking");
      assertEquals(4096, inFlight.get().getOrderCount());
    }
  }

  @Test
  void drainingSaysNotServingAndEndsWhatIsInFlight() throws Exception {
    try (var server = start()) {
      var watch = new Stream<HealthCheckResponse>();
      HealthGrpc.newStub(server.channel()).watch(HealthCheckRequest.getDefaultInstance(), watch);
      assertEquals(ServingStatus.SERVING, watch.next().getStatus());
      var inFlight = longRequests(server.channel());
      server.awaitInFlight();

      var closing = Thread.ofPlatform().start(server.server()::close);

      assertEquals(ServingStatus.NOT_SERVING, watch.next().getStatus());
      for (var answer : inFlight) {
        assertEquals(4096, answer.get().getOrderCount());
      }
      closing.join();
      var failure =
          assertThrows(
              StatusRuntimeException.class,
              () -> server.stub().rank(Ask.of("late", 3, 3).feed(Mode.CACHE)));
      assertEquals(Status.Code.UNAVAILABLE, failure.getStatus().getCode());
    }
  }

  @Test
  void sigtermEndsTheProgramWithZeroAfterWhatIsInFlight() throws Exception {
    TinyBundle.feed(1).write(repository);
    try (var server = new ServerProcess(repository)) {
      var inFlight = longRequests(server.channel());
      server.awaitInFlight();

      server.terminate();

      for (var answer : inFlight) {
        assertEquals(4096, answer.get().getOrderCount());
      }
      assertEquals(0, server.exitStatus());
    }
  }

  @Test
  void theProgramOverABadBundleEndsWithItsName() throws IOException {
    var folder = TinyBundle.feed(1).write(repository);
    Files.delete(folder.resolve("weights.bin"));
    var said = new ByteArrayOutputStream();
    PrintStream err = System.err;
    System.setErr(new PrintStream(said, true, StandardCharsets.UTF_8));
    int status;
    try {
      status = Main.run("serve", "--model-repository", repository.toString());
    } finally {
      System.setErr(err);
    }

    assertEquals(1, status);
    String text = said.toString(StandardCharsets.UTF_8);
    assertTrue(text.contains("weights.bin: missing"), text);
  }

  @Test
  void aFlagOutOfRangeIsNamed() {
    assertEquals(1, Main.run("serve", "--model-repository", "x", "--threads", "0"));
    assertEquals(2, Main.run("serve"));
    assertEquals(0, Main.run("serve", "--help"));
  }
}

package dev.falconer.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.ByteString;
import dev.falconer.bundle.Columns;
import dev.falconer.server.fixture.Ask;
import dev.falconer.server.fixture.TestServer;
import dev.falconer.server.fixture.TinyBundle;
import dev.falconer.v1.Column;
import dev.falconer.v1.DataType;
import dev.falconer.v1.Int64List;
import dev.falconer.v1.Mode;
import dev.falconer.v1.Objective;
import dev.falconer.v1.RankReply;
import dev.falconer.v1.RankRequest;
import dev.falconer.v1.RankingGrpc;
import dev.falconer.v1.WarmRequest;
import io.grpc.CallOptions;
import io.grpc.MethodDescriptor;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.ClientCalls;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Every malformed request has a status and a text that helps, and harms nothing. */
class MalformedRequestTest {
  private static final Ask GOOD = Ask.of("good", 4, 6);

  @TempDir static Path repository;
  private static TestServer server;
  private static RankReply expected;

  @BeforeAll
  static void start() throws IOException {
    server = TestServer.over(repository, TinyBundle.feed(1));
    expected = server.stub().rank(GOOD.feed(Mode.BYPASS));
  }

  @AfterAll
  static void stop() {
    server.close();
  }

  record Case(String name, Status.Code code, String text, Consumer<RankRequest.Builder> change) {
    @Override
    public String toString() {
      return name;
    }
  }

  private static Case invalid(String name, String text, Consumer<RankRequest.Builder> change) {
    return new Case(name, Status.Code.INVALID_ARGUMENT, text, change);
  }

  private static Column shaped(Column column, long... rowShape) {
    var changed = column.toBuilder().clearRowShape();
    for (long length : rowShape) {
      changed.addRowShape(length);
    }
    return changed.build();
  }

  private static Column strings(String name, int... bytes) {
    var data = new byte[bytes.length];
    for (int i = 0; i < bytes.length; i++) {
      data[i] = (byte) bytes[i];
    }
    return Columns.column(name, DataType.STRING, ByteString.copyFrom(data));
  }

  static Stream<Case> cases() {
    float nan = Float.NaN;
    return Stream.of(
        new Case(
            "unknown model",
            Status.Code.NOT_FOUND,
            "no model 'food'; this server has [feed]",
            r -> r.setModel("food")),
        new Case(
            "unknown version",
            Status.Code.NOT_FOUND,
            "no version '9' of model 'feed'; this server has version 1",
            r -> r.setVersion("9")),
        invalid(
            "missing column",
            "candidate column 'candidate_dense': missing, want candidate_dense FLOAT32 [3]; got"
                + " [candidate_item]",
            r -> r.removeCandidate(1)),
        invalid(
            "unknown column",
            "candidate column 'price': the model reads no such column; it reads candidate_item"
                + " INT64 [], candidate_dense FLOAT32 [3]",
            r -> r.addCandidate(Columns.floats("price", new float[6]))),
        invalid(
            "column in the wrong place",
            "request column 'candidate_item': the model reads no such column",
            r -> r.addRequest(r.getCandidate(0))),
        invalid(
            "column sent twice",
            "history column 'history_item': sent twice",
            r -> r.addHistory(r.getHistory(0))),
        invalid(
            "wrong dtype",
            "candidate column 'candidate_item': got FLOAT64, want INT64",
            r -> r.setCandidate(0, r.getCandidate(0).toBuilder().setDtype(DataType.FLOAT64))),
        invalid(
            "no dtype",
            "column 'candidate_item': no data type has the number 0",
            r -> r.setCandidate(0, r.getCandidate(0).toBuilder().clearDtype())),
        invalid(
            "unknown dtype",
            "column 'candidate_item': no data type has the number 77",
            r -> r.setCandidate(0, r.getCandidate(0).toBuilder().setDtypeValue(77))),
        invalid(
            "wrong row shape",
            "candidate column 'candidate_dense': got row shape [2], want [3]",
            r -> r.setCandidate(1, shaped(r.getCandidate(1), 2))),
        invalid(
            "negative axis",
            "candidate column 'candidate_dense': got row shape [-1], want [3]",
            r -> r.setCandidate(1, shaped(r.getCandidate(1), -1))),
        invalid(
            "axis of zero",
            "candidate column 'candidate_dense': got row shape [0], want [3]",
            r -> r.setCandidate(1, shaped(r.getCandidate(1), 0))),
        invalid(
            "axes whose product overflows",
            "got row shape [4611686018427387904, 4], want [3]",
            r -> r.setCandidate(1, shaped(r.getCandidate(1), 1L << 62, 4))),
        invalid(
            "one byte too few",
            "candidate column 'candidate_dense': got 71 bytes, want a multiple of 12 for rows of"
                + " FLOAT32 [3]",
            r ->
                r.setCandidate(
                    1,
                    r.getCandidate(1).toBuilder()
                        .setData(r.getCandidate(1).getData().substring(0, 71)))),
        invalid(
            "unequal rows of candidates",
            "candidate column 'candidate_dense': got 5 rows, want 6 as candidate_item",
            r -> r.setCandidate(1, Columns.floats("candidate_dense", new float[15], 3))),
        invalid(
            "unequal rows of history",
            "history column 'history_action': got 3 rows, want 4 as history_item",
            r -> r.setHistory(1, Columns.longs("history_action", new long[3]))),
        invalid(
            "two rows for one user",
            "history column 'user_country': got 2 rows, want 1",
            r -> r.setHistory(3, Columns.strings("user_country", List.of("ch", "de")))),
        invalid(
            "no row of the request",
            "request column 'context_hour': got 0 rows, want 1",
            r -> r.setRequest(0, Columns.longs("context_hour", new long[0]))),
        invalid(
            "history too long",
            "history: got 33 events, want at most 32",
            r -> r.clearHistory().addAllHistory(Ask.of("u", 33, 0).to("feed").getHistoryList())),
        invalid(
            "too many candidates",
            "candidates: got 4097, want at most 4096 (--max-candidates)",
            r ->
                r.clearCandidate()
                    .addAllCandidate(Ask.of("u", 0, 4097).to("feed").getCandidateList())),
        invalid(
            "NaN in a candidate",
            "candidate column 'candidate_dense': row 1 holds NaN or infinity",
            r ->
                r.setCandidate(
                    1,
                    Columns.floats(
                        "candidate_dense",
                        new float[] {0, 0, 0, 0, nan, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0},
                        3))),
        invalid(
            "infinity in the history",
            "history column 'history_dense': row 3 holds NaN or infinity",
            r ->
                r.setHistory(
                    2,
                    Columns.floats(
                        "history_dense",
                        new float[] {0, 0, 0, 0, 0, 0, Float.NEGATIVE_INFINITY, 0},
                        2))),
        invalid(
            "too few item ids",
            "item_ids: got 2, want 6, one per candidate",
            r -> r.setInt64Ids(Int64List.newBuilder().addValues(1).addValues(2))),
        invalid(
            "unknown task",
            "objective: no task 'share'; the model has [click, like]",
            r -> r.setObjective(Objective.newBuilder().putWeights("share", 1))),
        invalid(
            "NaN weight",
            "objective: weight of task 'like' is NaN",
            r -> r.setObjective(Objective.newBuilder().putWeights("like", Double.NaN))),
        invalid(
            "unknown bid column",
            "objective: no candidate column 'bid' to bid with; got [candidate_item,"
                + " candidate_dense]",
            r -> r.setObjective(Objective.newBuilder().setBidColumn("bid"))),
        invalid(
            "bid of the wrong type",
            "bid column 'candidate_item': got INT64 [], want FLOAT32 []",
            r -> r.setObjective(Objective.newBuilder().setBidColumn("candidate_item"))),
        invalid(
            "bids for some",
            "bid column 'bid': got 5 rows, want 6 as the others",
            r ->
                r.addCandidate(Columns.floats("bid", new float[5]))
                    .setObjective(Objective.newBuilder().setBidColumn("bid"))),
        invalid(
            "NaN bid",
            "bid column 'bid': row 2 is not a finite number",
            r ->
                r.addCandidate(Columns.floats("bid", new float[] {1, 1, nan, 1, 1, 1}))
                    .setObjective(Objective.newBuilder().setBidColumn("bid"))),
        invalid("no user key", "user_key is empty", r -> r.clearUserKey().setMode(Mode.CACHE)),
        invalid("negative top_k", "top_k -1, not at least 0", r -> r.setTopK(-1)),
        invalid("unknown mode", "no mode has the number 9", r -> r.setModeValue(9)),
        invalid(
            "string longer than its column",
            "column 'user_country': string 0: its length says 9 bytes, 2 are left",
            r -> r.setHistory(3, strings("user_country", 9, 0, 0, 0, 'c', 'h'))),
        invalid(
            "string of negative length",
            "column 'user_country': string 0: its length says 4294967295 bytes, 2 are left",
            r -> r.setHistory(3, strings("user_country", 255, 255, 255, 255, 'c', 'h'))),
        invalid(
            "string length cut off",
            "column 'user_country': string 1: its length is cut off after 3 bytes",
            r -> r.setHistory(3, strings("user_country", 0, 0, 0, 0, 1, 0, 0))),
        invalid(
            "string that is not UTF-8",
            "column 'user_country': string 0: it is not UTF-8",
            r -> r.setHistory(3, strings("user_country", 2, 0, 0, 0, 0xc3, 0x28))));
  }

  @ParameterizedTest
  @MethodSource("cases")
  void hasItsStatusAndTextAndTheNextRequestIsAnswered(Case bad) {
    var request = GOOD.builder("feed").setMode(Mode.BYPASS);
    bad.change().accept(request);

    var failure =
        assertThrows(StatusRuntimeException.class, () -> server.stub().rank(request.build()));

    assertEquals(bad.code(), failure.getStatus().getCode(), failure.getMessage());
    assertTrue(failure.getMessage().contains(bad.text()), failure.getMessage());
    assertGoodRequestStillWorks();
  }

  @Test
  void everyProblemIsListed() {
    var request = GOOD.builder("feed").clearUserKey().setTopK(-3).removeCandidate(1).build();

    var failure = assertThrows(StatusRuntimeException.class, () -> server.stub().rank(request));

    for (String part : List.of("user_key is empty", "top_k -3", "'candidate_dense': missing")) {
      assertTrue(failure.getMessage().contains(part), failure.getMessage());
    }
  }

  @Test
  void warmingChecksAsRankingDoes() {
    var request =
        WarmRequest.newBuilder()
            .setModel("feed")
            .setUserKey("u")
            .addAllHistory(GOOD.to("feed").getHistoryList())
            .removeHistory(1)
            .build();

    var failure = assertThrows(StatusRuntimeException.class, () -> server.stub().warm(request));

    assertEquals(Status.Code.INVALID_ARGUMENT, failure.getStatus().getCode());
    assertTrue(failure.getMessage().contains("'history_action': missing"), failure.getMessage());
    assertGoodRequestStillWorks();
  }

  @Test
  void bytesThatAreNoRequestAreInvalid() {
    byte[] whole = GOOD.feed(Mode.BYPASS).toByteArray();
    for (int length : new int[] {1, 7, whole.length / 2, whole.length - 1}) {
      var raw = RankingGrpc.getRankMethod().toBuilder(new Raw(), replies()).build();

      var failure =
          assertThrows(
              StatusRuntimeException.class,
              () ->
                  ClientCalls.blockingUnaryCall(
                      server.channel(),
                      raw,
                      CallOptions.DEFAULT,
                      java.util.Arrays.copyOf(whole, length)));

      assertEquals(
          Status.Code.INVALID_ARGUMENT, failure.getStatus().getCode(), failure.getMessage());
      assertGoodRequestStillWorks();
    }
  }

  private static MethodDescriptor.Marshaller<RankReply> replies() {
    return RankingGrpc.getRankMethod().getResponseMarshaller();
  }

  @Test
  void aMessageOverTheLimitIsRejected() {
    var request =
        GOOD.builder("feed").addCandidate(Columns.floats("x", new float[(16 << 20) / 4])).build();

    var failure = assertThrows(StatusRuntimeException.class, () -> server.stub().rank(request));

    assertEquals(
        Status.Code.RESOURCE_EXHAUSTED, failure.getStatus().getCode(), failure.getMessage());
    assertGoodRequestStillWorks();
  }

  private static void assertGoodRequestStillWorks() {
    assertEquals(expected.getScores(), server.stub().rank(GOOD.feed(Mode.BYPASS)).getScores());
  }

  private static final class Raw implements MethodDescriptor.Marshaller<byte[]> {
    @Override
    public InputStream stream(byte[] value) {
      return new ByteArrayInputStream(value);
    }

    @Override
    public byte[] parse(InputStream stream) {
      throw new UnsupportedOperationException();
    }
  }
}

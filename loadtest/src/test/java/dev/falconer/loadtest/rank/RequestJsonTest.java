package dev.falconer.loadtest.rank;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.falconer.bundle.Columns;
import dev.falconer.client.HistoryWindow;
import dev.falconer.client.RankingClient;
import dev.falconer.loadtest.FakeServer;
import dev.falconer.v1.DataType;
import dev.falconer.v1.RankRequest;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class RequestJsonTest {
  private static RankRequest sent(String json) throws Exception {
    return sent(json, Optional.empty());
  }

  private static RankRequest sent(String json, Optional<HistoryWindow> window) throws Exception {
    try (var server = new FakeServer(_ -> false);
        var client = RankingClient.builder(server.target()).deadline(FakeServer.PATIENT).build()) {
      client.rank(RequestJson.read("feed", json, window).build());
      return server.requests().getFirst();
    }
  }

  private static void assertRefused(String part, String json) {
    var refused =
        assertThrows(
            IllegalArgumentException.class, () -> RequestJson.read("feed", json, Optional.empty()));
    assertTrue(refused.toString().contains(part), refused.toString());
  }

  @Test
  void readsColumnsByTheKindOfTheirValues() throws Exception {
    var request =
        sent(
            """
            {"user": "u-17",
             "history": {"history_item": [3, 8], "history_text": ["a", "é"]},
             "candidates": {"candidate_dense": [[0, 1.5], [2, 3]], "candidate_item": [5, 6]},
             "context": {"is_mobile": [true], "price": {"dtype": "FLOAT64", "values": [2]}}}
            """);

    assertEquals("u-17", request.getUserKey());
    assertEquals(DataType.INT64, request.getHistory(0).getDtype());
    assertEquals(List.of("a", "é"), Columns.toStrings(request.getHistory(1).getData()));
    assertEquals(DataType.FLOAT32, request.getCandidate(0).getDtype());
    assertEquals(List.of(2L), request.getCandidate(0).getRowShapeList());
    assertEquals(1.5f, Columns.toFloats(request.getCandidate(0).getData())[1]);
    assertEquals(List.of(5L, 6L), request.getInt64Ids().getValuesList());
    assertEquals(DataType.BOOL, request.getRequest(0).getDtype());
    assertEquals(DataType.FLOAT64, request.getRequest(1).getDtype());
  }

  @Test
  void takesAnEmptyHistoryOfADeclaredType() throws Exception {
    var request =
        sent(
            """
            {"user": 17, "candidates": {"candidate_item": ["x"]},
             "history": {"history_item": {"dtype": "STRING", "values": []}, "history_action": []}}
            """);

    assertEquals("17", request.getUserKey());
    assertEquals(DataType.STRING, request.getHistory(0).getDtype());
    assertEquals(DataType.INT64, request.getHistory(1).getDtype());
    assertEquals(List.of("x"), request.getStringIds().getValuesList());
  }

  @Test
  void multipliesByBids() throws Exception {
    var request =
        sent(
            """
            {"user": 1, "history": {"history_item": [3]},
             "candidates": {"candidate_item": [1], "bid": [0.5]}}
            """);

    assertEquals("bid", request.getObjective().getBidColumn());
    assertEquals(DataType.FLOAT32, request.getCandidate(1).getDtype());
  }

  @Test
  void keepsALongHistoryWithinTheWindow() throws Exception {
    var json =
        """
        {"user": 1, "history": {"history_item": [1, 2, 3, 4, 5], "country": [7]},
         "candidates": {"candidate_item": [1]}}
        """;

    var kept = sent(json, Optional.of(new HistoryWindow(1, 3)));

    assertArrayEquals(new long[] {3, 4, 5}, Columns.toLongs(kept.getHistory(0).getData()));
    assertArrayEquals(new long[] {7}, Columns.toLongs(kept.getHistory(1).getData()));
  }

  @Test
  void namesWhatIsWrong() {
    assertRefused("no JSON", "{");
    assertRefused("unknown key 'item'", "{\"item\": 1}");
    assertRefused("'x' mixes kinds", "{\"candidates\": {\"x\": [1, \"a\"]}}");
    assertRefused("'x': its rows differ", "{\"candidates\": {\"x\": [[1, 2], [3]]}}");
    assertRefused("'x' is NUMBER", "{\"candidates\": {\"x\": 4}}");
    assertRefused(
        "dtype 'INT4'", "{\"candidates\": {\"x\": {\"dtype\": \"INT4\", \"values\": [1]}}}");
  }
}

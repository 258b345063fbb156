package dev.falconer.client;

import static dev.falconer.client.FeatureColumn.longs;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.falconer.v1.Mode;
import org.junit.jupiter.api.Test;

class RankingRequestTest {
  private static RankingRequest.Builder request() {
    return RankingRequest.builder("feed").user("u").candidates(longs("item", new long[2]));
  }

  private static void assertRefused(String part, RankingRequest.Builder builder) {
    var refused = assertThrows(IllegalArgumentException.class, builder::build);
    assertTrue(refused.toString().contains(part), refused.toString());
  }

  @Test
  void refusesWhatNoModelCouldServe() {
    assertRefused("'b' has 1", request().candidates(longs("b", new long[1])));
    assertRefused("3 item ids for 2", request().itemIds(new long[3]));
    assertRefused("'item' is given twice", request().history(longs("item", new long[2])));
    assertRefused("has 2 rows", request().context(longs("page", new long[2])));
    assertRefused("at least one candidate column", RankingRequest.builder("feed").user("u"));
    assertRefused(
        "mode CACHE", RankingRequest.builder("feed").candidates(longs("item", new long[2])));
    assertThrows(IllegalArgumentException.class, () -> request().topK(-1));
    assertThrows(IllegalArgumentException.class, () -> request().weight("click", Double.NaN));
    assertThrows(IllegalArgumentException.class, () -> RankingRequest.builder(""));
  }

  @Test
  void needsNoUserWithoutTheCache() {
    var request =
        RankingRequest.builder("feed")
            .mode(RankingRequest.Mode.WHOLE)
            .candidates(longs("item", new long[2]))
            .build();

    assertEquals(Mode.WHOLE, request.toProto().getMode());
  }

  @Test
  void builderGoesOnWithoutChangingWhatItBuilt() {
    var builder = request();
    var first = builder.build();

    var second = builder.history(longs("history", new long[1])).topK(1).build();

    assertEquals(0, first.toProto().getHistoryCount());
    assertEquals(0, first.toProto().getTopK());
    assertEquals(1, second.toProto().getHistoryCount());
    assertEquals(1, builder.build().toProto().getCandidateCount());
  }

  @Test
  void changesModeAlone() {
    var request = request().itemIds(new String[] {"a", "b"}).build();

    var whole = request.withMode(RankingRequest.Mode.WHOLE).toProto();

    assertEquals(request.toProto(), whole.toBuilder().setMode(Mode.CACHE).build());
  }
}

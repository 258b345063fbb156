package dev.falconer.server.admission;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.falconer.server.admission.LoneRequests.Work;
import org.junit.jupiter.api.Test;

class LoneRequestsTest {
  private static final Work CACHED = new Work("feed CACHE", 100);

  private final Admission admission = new Admission(4);
  private final LoneRequests lone = new LoneRequests(admission);

  @Test
  void thePoolAnswersUntilShortRequestsAreUsual() {
    admission.enter();
    assertFalse(lone.isOne(CACHED), "nothing is known");
    take(20);
    assertFalse(lone.isOne(CACHED), "code may be cold");
    take(100);
    assertTrue(lone.isOne(CACHED));
  }

  @Test
  void aRequestInCompanyGoesToThePool() {
    take(300);
    admission.enter();
    assertTrue(lone.isOne(CACHED));
    admission.enter();
    assertFalse(lone.isOne(CACHED));
    admission.leave();
    assertTrue(lone.isOne(CACHED));
  }

  @Test
  void shortRequestsOfOneKindSayNothingOfAnother() {
    take(300);
    admission.enter();

    assertFalse(lone.isOne(new Work("feed WHOLE", 100)));
    assertFalse(lone.isOne(new Work("ads CACHE", 100)));
  }

  @Test
  void moreOfTheSameTakesLonger() {
    take(300);
    admission.enter();

    assertTrue(lone.isOne(new Work(CACHED.kind(), 150)));
    assertFalse(lone.isOne(new Work(CACHED.kind(), 300)));
  }

  @Test
  void oneLongRequestEndsIt() {
    take(300);
    admission.enter();
    lone.took(CACHED, 20 * LoneRequests.SHORT_NANOS);
    assertFalse(lone.isOne(CACHED));
    take(30);
    assertFalse(lone.isOne(CACHED), "it is remembered");
    take(200);
    assertTrue(lone.isOne(CACHED));
  }

  private void take(int times) {
    for (int i = 0; i < times; i++) {
      lone.took(CACHED, LoneRequests.SHORT_NANOS / 2);
    }
  }
}

package dev.falconer.server.admission;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

class LoneRequestsTest {
  private final Admission admission = new Admission(4);
  private final LoneRequests lone = new LoneRequests(admission);

  @Test
  void thePoolAnswersUntilShortRequestsAreUsual() {
    admission.enter();
    assertFalse(lone.isOne(), "nothing is known");
    take(LoneRequests.SHORT_NANOS / 2, 20);
    assertFalse(lone.isOne(), "code may be cold");
    take(LoneRequests.SHORT_NANOS / 2, 200);
    assertTrue(lone.isOne());
  }

  @Test
  void aRequestInCompanyGoesToThePool() {
    take(LoneRequests.SHORT_NANOS / 2, 300);
    admission.enter();
    assertTrue(lone.isOne());
    admission.enter();
    assertFalse(lone.isOne());
    admission.leave();
    assertTrue(lone.isOne());
  }

  @Test
  void oneLongRequestEndsIt() {
    take(LoneRequests.SHORT_NANOS / 2, 300);
    admission.enter();
    lone.took(20 * LoneRequests.SHORT_NANOS);
    assertFalse(lone.isOne());
    take(LoneRequests.SHORT_NANOS / 2, 30);
    assertFalse(lone.isOne(), "it is remembered");
    take(LoneRequests.SHORT_NANOS / 2, 200);
    assertTrue(lone.isOne());
  }

  private void take(long nanos, int times) {
    for (int i = 0; i < times; i++) {
      lone.took(nanos);
    }
  }
}

package dev.falconer.kernel;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

class ScalarAttentionTest extends AttentionContract {
  @Override
  Attention execution() {
    return new ScalarAttention();
  }

  @Test
  void theExponentialIsOfTwoFromMinus126To0() {
    assertEquals(1, ScalarAttention.exponential(0));
    for (float x = 0; x > -126; x -= .01f) {
      assertEquals(1, ScalarAttention.exponential(x) / Math.pow(2, x), 2e-3, "of " + x);
    }
    assertEquals(Float.MIN_NORMAL, ScalarAttention.exponential(-126));
    assertEquals(Float.MIN_NORMAL, ScalarAttention.exponential(Float.NEGATIVE_INFINITY));
    assertTrue(Float.isNaN(ScalarAttention.exponential(Float.NaN)));
  }

  /** Levels of query and token, and the share in 255ths, are whole here: nothing is rounded. */
  @Test
  void wholeLevelsAreTakenAsTheyAre() {
    AttentionCase each = AttentionCase.of(1, 4, true, 2, 1, 1);
    float[] query = {127, -5, 0, 3};
    float[][] keys = {{63, 1, -2, 7}, {-63, 9, 4, 0}};
    float[][] values = {{63, -7, 2, 0}, {-21, 1, 63, 5}};
    float[] add = {0, 0};
    double by = each.shape().scale();
    double[] scores = new double[2];
    for (int t = 0; t < 2; t++) {
      for (int i = 0; i < 4; i++) {
        each.query()[i] = query[i] / 127;
        each.keys()[4 * t + i] = keys[t][i] / 63 / 16;
        each.values()[4 * t + i] = values[t][i];
        scores[t] += by * query[i] * keys[t][i] / 127 / 63 / 16;
      }
    }
    double share = Math.exp(scores[1] - scores[0]);
    double rounded = Math.rint(share * 255) / 255;
    float[] y = each.mask(add).run(execution());
    for (int i = 0; i < 4; i++) {
      double wanted = (values[0][i] + rounded * values[1][i]) / (1 + share);
      assertEquals(wanted, y[i], 2e-3 * 63, "value " + i);
    }
  }
}

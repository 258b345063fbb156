package dev.falconer.kernel;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What every execution of attention does. */
abstract class AttentionContract {
  /** Of the largest magnitude among the values. */
  private static final double TOLERANCE = 1e-5;

  /** Of int8 to exact attention, of Gaussian tensors: the levels of keys and values are 63. */
  private static final double ROUNDING = .03;

  /** Returns the execution. */
  abstract Attention execution();

  /** Returns whether an execution computes int8. */
  boolean has(boolean isInt8) {
    return execution().has(new AttentionShape(1, 1, 1, isInt8));
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void everyNumberOfRows(boolean isInt8) {
    for (int rows = 0; rows <= 17; rows++) {
      check(AttentionCase.of(2, 32, isInt8, 40, rows, 1000 + rows));
      check(AttentionCase.of(1, 16, isInt8, 19, rows, 2000 + rows).own());
    }
    for (int rows : new int[] {23, 31, 65, 97}) {
      check(AttentionCase.of(2, 20, isInt8, 33, rows, 1000 + rows).own().masked());
    }
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void everyWidthAndNumberOfHeads(boolean isInt8) {
    for (int width : new int[] {1, 3, 4, 8, 16, 20, 32, 33, 48, 64, 128, 256}) {
      for (int heads = 1; heads <= 4; heads += width > 33 ? 3 : 1) {
        AttentionCase each = AttentionCase.of(heads, width, isInt8, 37, 7, width + heads);
        check(heads % 2 == 0 ? each.own() : each);
        check(each.tokensFirst());
      }
    }
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void everyNumberOfTokens(boolean isInt8) {
    for (int tokens : new int[] {0, 1, 2, 15, 16, 17, 255, 256, 257, 512, 1000}) {
      for (int width : new int[] {16, 20}) {
        AttentionCase each = AttentionCase.of(2, width, isInt8, tokens, 7, tokens + 5);
        check(each);
        check(each.own());
        check(each.tokensFirst().masked().own());
        if (tokens > 0) {
          check(each.masked());
        }
      }
    }
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void theServedShape(boolean isInt8) {
    check(AttentionCase.of(4, 32, isInt8, 512, 35, 31).tokensFirst().own());
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void tensorsMayLieAnywhere(boolean isInt8) {
    for (int width : new int[] {20, 32}) {
      AttentionCase each = AttentionCase.of(2, width, isInt8, 33, 13, 5).own().masked();
      check(each.at(2 * width + 3, 4));
      check(each.at(2L * width, 13));
      check(each.at(1024, 0)); // strides of 4096 bytes
      check(each.at(1024, 60).tokensFirst());
    }
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void aRowsResultDoesNotDependOnItsCompany(boolean isInt8) {
    if (!has(isInt8)) {
      return;
    }
    for (int tokens : new int[] {5, 300}) {
      AttentionCase each = AttentionCase.of(2, 20, isInt8, tokens, 19, 6).own();
      float[] huge = each.query().clone();
      Arrays.fill(huge, 0, 40, 1e6f);
      huge[3 * 40] = Float.NaN;
      huge[18 * 40 + 39] = Float.POSITIVE_INFINITY;
      float[] together = each.run(execution());
      float[] beside = each.query(huge).run(execution());
      for (int r = 1; r < 18; r++) {
        float[] row = Arrays.copyOfRange(together, 40 * r, 40 * r + 40);
        String what = each + ": row " + r;
        assertArrayEquals(each.row(r).run(execution()), row, what);
        if (r != 3) {
          assertArrayEquals(Arrays.copyOfRange(beside, 40 * r, 40 * r + 40), row, what);
        }
      }
      for (int i = 0; i < 20; i++) {
        assertTrue(Float.isNaN(beside[3 * 40 + i]), each + ": a query with NaN");
        assertEquals(together[3 * 40 + 20 + i], beside[3 * 40 + 20 + i], each + ": other head");
        assertTrue(Float.isNaN(beside[18 * 40 + 20 + i]), each + ": a query with infinity");
      }
    }
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void maskedTokensCountForNothing(boolean isInt8) {
    if (!has(isInt8)) {
      return;
    }
    int tokens = 600; // the first and the last block of 256 masked whole, one token left
    AttentionCase each = AttentionCase.of(2, 20, isInt8, tokens, 5, 7);
    var mask = new float[tokens];
    Arrays.fill(mask, Float.NEGATIVE_INFINITY);
    mask[300] = -3;
    check(each.mask(mask));
    check(each.mask(mask).own());
    float[] y = each.mask(mask).run(execution());
    for (int i = 0; i < y.length; i++) {
      float value = each.values()[(i / 20 % 2 * tokens + 300) * 20 + i % 20];
      assertEquals(value, y[i], isInt8 ? each.most() / 126 : 1e-6, "value " + i);
    }

    mask[300] = Float.NEGATIVE_INFINITY;
    for (float value : each.mask(mask).run(execution())) {
      assertTrue(Float.isNaN(value), "every token masked: " + value);
    }
    AttentionCase own = each.mask(mask).own();
    assertArrayEquals(own.ownValues(), own.run(execution()), 1e-6f, "own token alone is left");
  }

  /** Of the lowest float as mask, which others take for -infinity, scores vanish beside. */
  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void tokensOfTheLowestMaskAreEqual(boolean isInt8) {
    if (!has(isInt8)) {
      return;
    }
    AttentionCase each = AttentionCase.of(1, 16, isInt8, 270, 3, 8);
    var mask = new float[270];
    Arrays.fill(mask, -Float.MAX_VALUE);
    float[] y = each.mask(mask).run(execution());
    for (int i = 0; i < y.length; i++) {
      double mean = 0;
      for (int t = 0; t < 270; t++) {
        mean += each.values()[16 * t + i % 16] / 270.0;
      }
      assertEquals(mean, y[i], isInt8 ? .01 : 1e-5, "value " + i);
    }
    mask[269] = 0;
    check(each.mask(mask));
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void noTokenGivesZerosAndOneItsValue(boolean isInt8) {
    if (!has(isInt8)) {
      return;
    }
    AttentionCase none = AttentionCase.of(2, 20, isInt8, 0, 9, 9);
    assertArrayEquals(new float[9 * 40], none.run(execution()), "no token");
    AttentionCase own = none.own();
    assertArrayEquals(own.ownValues(), own.run(execution()), 1e-6f, "its own token");
    AttentionCase one = AttentionCase.of(1, 20, isInt8, 1, 9, 10);
    float[] y = one.run(execution());
    for (int i = 0; i < y.length; i++) {
      double rounding = isInt8 ? one.most() / 126 : 0;
      assertEquals(one.values()[i % 20], y[i], rounding + 1e-6, "one token");
    }
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void noNumberInATokenReachesItsHeadAlone(boolean isInt8) {
    if (!has(isInt8)) {
      return;
    }
    AttentionCase each = AttentionCase.of(3, 8, isInt8, 300, 5, 11);
    float[] before = each.run(execution());
    for (float none : new float[] {Float.NaN, Float.POSITIVE_INFINITY}) {
      for (boolean isKey : new boolean[] {true, false}) {
        float[] tokens = isKey ? each.keys() : each.values();
        int at = (300 + 280) * 8 + 3; // of the second head
        float was = tokens[at];
        tokens[at] = none;
        float[] y = each.run(execution());
        tokens[at] = was;
        for (int r = 0; r < 5; r++) {
          for (int i = 0; i < 8; i++) {
            String what = "%s as %s, row %d".formatted(none, isKey ? "key" : "value", r);
            assertEquals(before[24 * r + i], y[24 * r + i], what);
            assertEquals(before[24 * r + 16 + i], y[24 * r + 16 + i], what);
            if (isInt8 || (Float.isNaN(none) && (isKey || i == 3))) {
              assertTrue(Float.isNaN(y[24 * r + 8 + i]), what + ": " + y[24 * r + 8 + i]);
            }
          }
        }
      }
    }
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void zerosAndTinyNumbersAndLargeScores(boolean isInt8) {
    AttentionCase each = AttentionCase.of(1, 16, isInt8, 300, 9, 12);
    float[] query = each.query();
    Arrays.fill(query, 0, 16, 0);
    Arrays.fill(query, 16, 32, Float.MIN_VALUE);
    Arrays.fill(query, 32, 48, 1e-30f);
    Arrays.fill(each.keys(), 0, 16, 0);
    Arrays.fill(each.keys(), 16, 32, Float.MIN_VALUE);
    Arrays.fill(each.values(), 32, 48, 0);
    Arrays.fill(each.values(), 48, 64, Float.MIN_VALUE);
    check(each);
    float[] large = query.clone();
    for (int i = 48; i < large.length; i++) {
      large[i] *= 12;
    }
    check(each.query(large));
    Arrays.fill(each.values(), 0);
    check(each);
  }

  /** A row that points at one token with a score of thousands takes that token's value. */
  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void farLargerScoresTakeAll(boolean isInt8) {
    if (!has(isInt8)) {
      return;
    }
    AttentionCase each = AttentionCase.of(1, 64, isInt8, 513, 5, 13);
    for (int r = 0; r < 5; r++) {
      for (int i = 0; i < 64; i++) {
        each.query()[64 * r + i] = 1e4f * each.keys()[64 * (100 * r + 7) + i];
      }
    }
    float[] y = each.run(execution());
    for (int i = 0; i < y.length; i++) {
      float value = each.values()[64 * (100 * (i / 64) + 7) + i % 64];
      assertEquals(value, y[i], isInt8 ? .05 : 1e-6, "value " + i);
    }
  }

  @Test
  void roundingCostsLittle() {
    if (!has(true)) {
      return;
    }
    for (int width : new int[] {16, 32, 64}) {
      for (int tokens : new int[] {16, 512}) {
        AttentionCase each = AttentionCase.of(2, width, true, tokens, 20, 14).own();
        double[] exact = each.exact();
        float[] y = each.run(execution());
        double tolerance = ROUNDING * each.most();
        for (int i = 0; i < y.length; i++) {
          assertEquals(exact[i], y[i], tolerance, each::toString);
        }
      }
    }
  }

  @Test
  void aRoundedTokenIsItsLevelsZerosAndItsScale() {
    if (!has(true)) {
      return;
    }
    float[] tokens = {
      1, -2, .5f, 0, 2, // 63 levels to 2: 31.5 is halfway, and rounded to the even one
      0, 0, 0, 0, Float.MIN_VALUE,
      3, Float.NaN, 0, 0, 0
    };
    var wanted = ByteBuffer.allocate(3 * 12).order(ByteOrder.LITTLE_ENDIAN);
    wanted.put(new byte[] {32, -63, 16, 0, 63, 0, 0, 0}).putFloat(2f / 63);
    wanted.put(new byte[8]).putFloat(0x1p-100f / 63);
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment from = arena.allocateFrom(ValueLayout.JAVA_FLOAT, tokens);
      MemorySegment to = arena.allocate(3 * 12, 4);
      execution().round(5, from.address(), 3, to.address());
      byte[] got = to.toArray(ValueLayout.JAVA_BYTE);
      assertArrayEquals(Arrays.copyOf(wanted.array(), 24), Arrays.copyOf(got, 24));
      assertTrue(Float.isNaN(to.get(ValueLayout.JAVA_FLOAT, 32)), "the scale of a token with NaN");
    }
  }

  /** Compares with the definition: of float32 in double precision, of int8 the scalar execution. */
  private void check(AttentionCase each) {
    if (!has(each.shape().isInt8())) {
      return;
    }
    float[] y = each.run(execution());
    double[] wanted = new double[y.length];
    if (each.shape().isInt8()) {
      float[] reference = each.run(new ScalarAttention());
      Arrays.setAll(wanted, i -> reference[i]);
    } else {
      wanted = each.exact();
    }
    for (int i = 0; i < y.length; i++) {
      String what =
          "%s: row %d, %d".formatted(each, i / each.shape().all(), i % each.shape().all());
      assertEquals(wanted[i], y[i], TOLERANCE * each.most() + Float.MIN_NORMAL, what);
    }
  }
}

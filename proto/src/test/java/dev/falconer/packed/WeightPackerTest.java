package dev.falconer.packed;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import org.junit.jupiter.api.Test;

class WeightPackerTest {
  /** Two outputs of six inputs; inputs 1 and 5 are kept by either, 0 by one. */
  private static final float[] WEIGHT = {0, 1.5f, 0, 0, 0, -2, 3, 0, 0, 0, 0, 4};

  @Test
  void aPanelStoresTheInputsThatAnyOfItsOutputsKeeps() {
    byte[] packed = WeightPacker.floats(Layout.PANEL16, 2, 6, WEIGHT);

    var wanted = ByteBuffer.allocate(64 * 6).order(ByteOrder.LITTLE_ENDIAN);
    header(wanted, Layout.PANEL16, 0, 2, 6, 3, 0, 0);
    wanted.putInt(64, 0).putInt(68, 3); // starts
    wanted.putInt(128, 0).putInt(132, 1).putInt(136, 5); // inputs
    wanted.putFloat(192, 0).putFloat(196, 3);
    wanted.putFloat(256, 1.5f).putFloat(260, 0);
    wanted.putFloat(320, -2).putFloat(324, 4);
    assertArrayEquals(wanted.array(), packed);
  }

  @Test
  void everyOutputHasItsOwnInputsOfSixteen() {
    byte[] packed = WeightPacker.floats(Layout.PERMUTE16, 2, 6, WEIGHT);

    var wanted = ByteBuffer.allocate(64 * 5).order(ByteOrder.LITTLE_ENDIAN);
    header(wanted, Layout.PERMUTE16, 0, 2, 6, 2, 0, 0);
    wanted.putFloat(64, 1.5f).putFloat(68, 3); // first slot
    wanted.putInt(128, 1).putInt(132, 0);
    wanted.putFloat(192, -2).putFloat(196, 4); // second
    wanted.putInt(256, 5).putInt(260, 5);
    assertArrayEquals(wanted.array(), packed);
  }

  @Test
  void levelsStandInFours() {
    byte[] levels = {0, 15, 0, 0, 0, -20, 30, 0, 0, 0, 0, -128};
    byte[] packed = levels(Layout.PANEL16, levels, 127);

    var wanted = ByteBuffer.allocate(64 * 8).order(ByteOrder.LITTLE_ENDIAN);
    header(wanted, Layout.PANEL16, 1, 2, 6, 1, 127, 128);
    wanted.putInt(64, 0).putInt(68, 1);
    wanted.putInt(128, 0).putInt(132, 1).putInt(136, 5).putInt(140, 5);
    wanted.put(192, new byte[] {0, 15, -20, 0, 30, 0, -128, 0});
    wanted.putFloat(256, .5f).putFloat(260, .25f);
    wanted.putInt(320, -5).putInt(324, -98);
    rounding(wanted, 384);
    assertArrayEquals(wanted.array(), packed);

    byte[] groups = levels(Layout.PANEL16X4, levels, 63);
    wanted = ByteBuffer.allocate(64 * 9).order(ByteOrder.LITTLE_ENDIAN);
    header(wanted, Layout.PANEL16X4, 1, 2, 6, 2, 63, 128);
    wanted.putInt(64, 0).putInt(68, 2);
    wanted.putInt(128, 0).putInt(132, 1);
    wanted.put(192, new byte[] {0, 15, 0, 0, 30, 0, 0, 0});
    wanted.put(256, new byte[] {0, -20, 0, 0, 0, -128, 0, 0});
    wanted.putFloat(320, .5f).putFloat(324, .25f);
    wanted.putInt(384, -5).putInt(388, -98);
    rounding(wanted, 448);
    assertArrayEquals(wanted.array(), groups);
  }

  @Test
  void aPermutedLevelStandsBesideItsInput() {
    byte[] levels = {0, 15, 0, 0, 0, -20, 30, 0, 0, 0, 0, 40};
    byte[] packed = levels(Layout.PERMUTE16, levels, 127);

    var wanted = ByteBuffer.allocate(64 * 7).order(ByteOrder.LITTLE_ENDIAN);
    header(wanted, Layout.PERMUTE16, 1, 2, 6, 1, 127, 40);
    wanted.put(64, new byte[] {15, -20, 0, 0, 30, 40});
    wanted.put(128, new byte[] {1, 5, 0, 0, 0, 5});
    wanted.putFloat(192, .5f).putFloat(196, .25f);
    wanted.putInt(256, -5).putInt(260, 70);
    rounding(wanted, 320);
    assertArrayEquals(wanted.array(), packed);
  }

  @Test
  void headersAreReadBackAndOthersRefused() {
    byte[] packed = WeightPacker.floats(Layout.DENSE, 17, 5, new float[85]);

    PackedHeader header = PackedHeader.read(MemorySegment.ofArray(packed));

    assertEquals(new PackedHeader(Layout.DENSE, false, 17, 5, 10, 0, 0), header);
    assertEquals(2, header.panels());
    assertSays("97 bytes that don't begin", new byte[97]);
    assertSays("640 bytes, want 704", java.util.Arrays.copyOf(packed, 640));
    byte[] later = packed.clone();
    later[4] = 3;
    assertSays("of version 3", later);
    var error =
        assertThrows(
            IllegalArgumentException.class,
            () -> WeightPacker.floats(Layout.PANEL16X4, 1, 4, new float[4]));
    assertTrue(error.getMessage().contains("PANEL16X4 float32"), error.getMessage());
  }

  private static byte[] levels(Layout layout, byte[] levels, int most) {
    var rounding =
        new Rounding(most, new float[] {0, -1, 0, 0, 0, 2}, new float[] {1, 1, 0, 0, 0, 4});
    return WeightPacker.levels(layout, 2, 6, levels, new float[] {.5f, .25f}, rounding);
  }

  /** Writes centres and factors. */
  private static void rounding(ByteBuffer wanted, int at) {
    wanted.putFloat(at + 4, -1).putFloat(at + 20, 2);
    wanted.putFloat(at + 64, 1).putFloat(at + 68, 1).putFloat(at + 84, 4);
  }

  @Test
  void aRoundingIsOfFiniteNumbersForEachInput() {
    var error =
        assertThrows(
            IllegalArgumentException.class,
            () -> new Rounding(63, new float[] {0, Float.NaN}, new float[] {1, 1}));
    assertTrue(error.getMessage().contains("input 1: centre NaN"), error.getMessage());
    error =
        assertThrows(
            IllegalArgumentException.class, () -> new Rounding(63, new float[2], new float[1]));
    assertTrue(error.getMessage().contains("2 centres, 1 factors"), error.getMessage());
    error =
        assertThrows(
            IllegalArgumentException.class,
            () ->
                WeightPacker.levels(
                    Layout.DENSE, 1, 3, new byte[3], new float[1], Rounding.plain(63, 2)));
    assertTrue(error.getMessage().contains("2 centres for 3 inputs"), error.getMessage());
  }

  private static void assertSays(String message, byte[] packed) {
    var error =
        assertThrows(
            IllegalArgumentException.class, () -> PackedHeader.read(MemorySegment.ofArray(packed)));
    assertTrue(error.getMessage().contains(message), error.getMessage());
  }

  private static void header(ByteBuffer wanted, Layout layout, int type, int... fields) {
    wanted.put(0, "FALW".getBytes(java.nio.charset.StandardCharsets.US_ASCII));
    wanted.putInt(4, 2).putInt(8, layout.code()).putInt(12, type);
    for (int i = 0; i < fields.length; i++) {
      wanted.putInt(16 + 4 * i, fields[i]);
    }
  }
}

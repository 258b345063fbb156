package dev.falconer.client;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.falconer.v1.DataType;
import java.lang.foreign.Arena;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.Test;

class FeatureColumnTest {
  private static void assertBytes(String hex, FeatureColumn column) {
    assertEquals(hex, HexFormat.of().formatHex(column.toProto().getData().toByteArray()));
  }

  @Test
  void packsLittleEndian() {
    assertBytes("0000803f000000c0", FeatureColumn.floats("x", new float[] {1, -2}));
    assertBytes("000000000000f03f", FeatureColumn.doubles("x", new double[] {1}));
    assertBytes("0100000000010000", FeatureColumn.ints("x", new int[] {1, 256}));
    assertBytes("feffffffffffffff", FeatureColumn.longs("x", new long[] {-2}));
    assertBytes("0100", FeatureColumn.booleans("x", new boolean[] {true, false}));
    assertBytes(
        "02000000c3a9" + "00000000" + "0100000061",
        FeatureColumn.strings("x", new String[] {"é", "", "a"}));
  }

  @Test
  void namesTypeAndRowShape() {
    var proto = FeatureColumn.floats("dense", new float[12], 2, 3).toProto();

    assertEquals("dense", proto.getName());
    assertEquals(DataType.FLOAT32, proto.getDtype());
    assertEquals(List.of(2L, 3L), proto.getRowShapeList());
    assertEquals(2, FeatureColumn.floats("dense", new float[12], 2, 3).rows());
  }

  @Test
  void keepsWhatWasPackedWhenTheArrayChanges() {
    var values = new long[] {1};
    var column = FeatureColumn.longs("x", values);

    values[0] = 9;

    assertBytes("0100000000000000", column);
  }

  @Test
  void wrapsHeapMemoryWithoutCopy() {
    var bytes = ByteBuffer.wrap(new byte[] {0, 1, 2, 0}).position(1).limit(3);
    var column = FeatureColumn.wrap("x", FeatureColumn.Type.UINT8, bytes);

    bytes.put(1, (byte) 7);

    assertBytes("0702", column);
  }

  @Test
  void wrapsDirectAndForeignMemory() {
    try (var arena = Arena.ofConfined()) {
      var segment = arena.allocateFrom(ValueLayout.JAVA_BYTE, (byte) 1, (byte) 2);
      var direct = ByteBuffer.allocateDirect(3).put(new byte[] {0, 1, 2}).position(1);

      assertBytes("0102", FeatureColumn.wrap("x", FeatureColumn.Type.UINT8, direct));
      assertBytes("0102", FeatureColumn.wrap("x", FeatureColumn.Type.INT8, segment));
      assertEquals(1, direct.position());
    }
  }

  @Test
  void readsWrappedBytesAsLittleEndianWhateverTheBuffersOrder() {
    var bytes = ByteBuffer.allocate(4).order(ByteOrder.BIG_ENDIAN).put(3, (byte) 1);

    assertBytes("00000001", FeatureColumn.wrap("x", FeatureColumn.Type.INT32, bytes));
  }

  @Test
  void sharesRowsOfEveryWidth() {
    var dense = FeatureColumn.floats("x", new float[] {1, 2, 3, 4, 5, 6}, 2).rows(1, 3);
    assertEquals(FeatureColumn.floats("x", new float[] {3, 4, 5, 6}, 2).toProto(), dense.toProto());

    var words = FeatureColumn.strings("x", new String[] {"a", "bb", "c", "", "e", "f"}, 2);
    assertEquals(
        FeatureColumn.strings("x", new String[] {"c", ""}, 2).toProto(),
        words.rows(1, 2).toProto());
    assertEquals(0, words.rows(3, 3).rows());
    assertThrows(IndexOutOfBoundsException.class, () -> words.rows(2, 4));
  }

  @Test
  void refusesBytesThatMakeNoRows() {
    var odd =
        assertThrows(
            IllegalArgumentException.class,
            () -> FeatureColumn.wrap("x", FeatureColumn.Type.INT64, ByteBuffer.allocate(9)));
    assertTrue(odd.toString().contains("9 bytes"), odd.toString());
    assertThrows(IllegalArgumentException.class, () -> FeatureColumn.floats("x", new float[5], 2));
    assertThrows(IllegalArgumentException.class, () -> FeatureColumn.floats("x", new float[5], 0));
    assertThrows(IllegalArgumentException.class, () -> FeatureColumn.longs("", new long[1]));
  }

  @Test
  void refusesWrappedStringsThatRunPastTheEnd() {
    for (var bytes :
        List.of(
            new byte[] {1, 0, 0},
            new byte[] {2, 0, 0, 0, 'a'},
            new byte[] {-1, -1, -1, -1, 'a'},
            new byte[] {-1, -1, -1, 127, 'a'})) {
      assertThrows(
          IllegalArgumentException.class,
          () -> FeatureColumn.wrap("x", FeatureColumn.Type.STRING, ByteBuffer.wrap(bytes)));
    }
  }

  @Test
  void mayHoldNoRows() {
    assertEquals(0, FeatureColumn.longs("x", new long[0]).rows());
    assertArrayEquals(
        new byte[0], FeatureColumn.longs("x", new long[0]).toProto().getData().toByteArray());
  }
}

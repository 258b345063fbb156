package dev.falconer.compressor.data;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.falconer.compressor.onnx.Shape;
import dev.falconer.compressor.onnx.TensorData;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Files as numpy 2 writes them. */
class NpzFileTest {
  @TempDir Path folder = Path.of("");

  @Test
  void readsNumbersTruthAndTexts() throws IOException {
    ByteBuffer floats = bytes(8).putFloat(1.5f).putFloat(-2);
    ByteBuffer longs = bytes(16).putLong(3).putLong(1L << 40);
    ByteBuffer texts = bytes(16).put("ab".getBytes(java.nio.charset.Charset.forName("UTF-32LE")));
    Path file =
        npz(
            Map.of(
                "price.npy", npy("<f4", "(2, 1)", floats),
                "item.npy", npy("<i8", "(2,)", longs),
                "seen.npy", npy("|b1", "()", bytes(1).put((byte) 1)),
                "name.npy", npy("<U2", "(2,)", texts)));

    assertEquals(
        Map.of(
            "price", TensorData.floats(Shape.of(2, 1), 1.5f, -2),
            "item", TensorData.vector(3, 1L << 40),
            "seen", TensorData.bools(Shape.of(), true),
            "name", TensorData.strings(Shape.of(2), List.of("ab", ""))),
        NpzFile.read(file));
  }

  @Test
  void saysWhatToSaveInstead() throws IOException {
    assertProblem(
        "ascontiguousarray", npy("<f4', 'fortran_order': True, 'x': '", "(1, 1, 1)", bytes(4)));
    assertProblem("newbyteorder", npy(">f4", "(1,)", bytes(4)));
    assertProblem("takes 8 bytes, got 4", npy("<f4", "(2,)", bytes(4)));
    assertProblem("elements of type |O", npy("|O", "(1,)", bytes(8)));
    assertProblem("does not begin as an npy array", new byte[20]);
    Path text = Files.writeString(folder.resolve("text.npz"), "user,item\n");
    var problem = assertThrows(IllegalArgumentException.class, () -> NpzFile.read(text));
    assertTrue(problem.getMessage().contains("is no .npz file"), problem.getMessage());
  }

  private void assertProblem(String text, byte[] array) throws IOException {
    Path file = npz(Map.of("x.npy", array));
    var problem = assertThrows(IllegalArgumentException.class, () -> NpzFile.read(file));
    assertTrue(problem.getMessage().contains(text), problem.getMessage());
    assertTrue(problem.getMessage().contains("array \"x\""), problem.getMessage());
  }

  private static ByteBuffer bytes(int size) {
    return ByteBuffer.allocate(size).order(ByteOrder.LITTLE_ENDIAN);
  }

  private static byte[] npy(String type, String shape, ByteBuffer elements) {
    String header = "{'descr': '%s', 'fortran_order': False, 'shape': %s, }".formatted(type, shape);
    String padded = header + " ".repeat(127 - 10 - header.length()) + "\n";
    var array = new byte[10 + padded.length() + elements.capacity()];
    ByteBuffer.wrap(array)
        .order(ByteOrder.LITTLE_ENDIAN)
        .put((byte) 0x93)
        .put("NUMPY".getBytes(StandardCharsets.US_ASCII))
        .put((byte) 1)
        .put((byte) 0)
        .putShort((short) padded.length())
        .put(padded.getBytes(StandardCharsets.US_ASCII))
        .put(elements.rewind());
    return array;
  }

  private Path npz(Map<String, byte[]> entries) throws IOException {
    Path file = folder.resolve("arrays.npz");
    try (var zip = new ZipOutputStream(Files.newOutputStream(file))) {
      for (var entry : entries.entrySet()) {
        zip.putNextEntry(new ZipEntry(entry.getKey()));
        zip.write(entry.getValue());
      }
    }
    return file;
  }
}

package dev.falconer.compressor.data;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.falconer.compressor.onnx.NumericTensor;
import dev.falconer.compressor.onnx.Shape;
import dev.falconer.compressor.onnx.TensorData;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class NpyFileTest {
  @TempDir Path folder;

  @Test
  void readsWhatItWrites() throws IOException {
    for (NumericTensor array :
        List.of(
            TensorData.floats(Shape.of(2, 3), 1, 2, 3, 4, 5, 6),
            TensorData.doubles(Shape.of(3), 1, -.5, Math.PI),
            TensorData.bools(Shape.of(1, 2), true, false))) {
      Path file = folder.resolve("array.npy");

      NpyFile.write(array, file);

      assertEquals(array, NpyFile.read(file));
      assertFalse(Files.exists(folder.resolve("array.npy.part")));
    }
  }

  @Test
  void writesTheHeaderThatNumpyWrites() throws IOException {
    Path file = folder.resolve("array.npy");

    NpyFile.write(TensorData.floats(Shape.of(2, 1), 1, 2), file);

    byte[] bytes = Files.readAllBytes(file);
    assertEquals(128 + 8, bytes.length);
    String header = new String(bytes, 0, 128, StandardCharsets.ISO_8859_1);
    assertTrue(header.startsWith("\u0093NUMPY\u0001\u0000v\u0000{'descr': '<f4', "), header);
    assertTrue(header.endsWith(" \n"), header);
  }

  @Test
  void readsAMatrixInFortranOrder() throws IOException {
    Path file = folder.resolve("array.npy");
    NpyFile.write(TensorData.floats(Shape.of(2, 3), 1, 4, 2, 5, 3, 6), file);
    String bytes = Files.readString(file, StandardCharsets.ISO_8859_1);
    Files.writeString(
        file,
        bytes.replace("'fortran_order': False", "'fortran_order': True "),
        StandardCharsets.ISO_8859_1);

    assertEquals(TensorData.floats(Shape.of(2, 3), 1, 2, 3, 4, 5, 6), NpyFile.read(file));
  }

  @Test
  void refusesFilesThatEndEarly() throws IOException {
    Path file = folder.resolve("array.npy");
    NpyFile.write(TensorData.floats(Shape.of(2, 3), 1, 4, 2, 5, 3, 6), file);
    byte[] bytes = Files.readAllBytes(file);

    for (int length : new int[] {0, 5, 8, 9, 20, 128, 151}) {
      Files.write(file, java.util.Arrays.copyOf(bytes, length));
      assertThrows(IllegalArgumentException.class, () -> NpyFile.read(file), length + " bytes");
    }
  }
}

package dev.falconer.compressor.solver;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Objects;
import java.util.stream.Stream;

/**
 * A layer and the figures that published code gets on it, in {@code oracles} of the folder
 * FALCONER_DATA, default {@code ../shared/data}. Tests that ask for it where it is absent are
 * skipped.
 */
final class LayerData {
  private LayerData() {}

  /** Returns a file under {@code oracles}; skips the test where there is none. */
  static Path file(String name) {
    Path file =
        Stream.of(System.getenv("FALCONER_DATA"), "../shared/data", "../../shared/data")
            .filter(Objects::nonNull)
            .map(folder -> Path.of(folder, "oracles", name))
            .filter(Files::exists)
            .findFirst()
            .orElse(Path.of("absent"));
    assumeTrue(Files.exists(file), "no oracles/" + name + " in FALCONER_DATA");
    return file;
  }

  /** Returns the layer's weight [512, 512]. */
  static Matrix weight() {
    return matrix("layer/p512.W.f32");
  }

  /** Returns the layer's gram [512, 512] of 4,096 rows. */
  static Matrix gram() {
    return matrix("layer/p512.H.f32");
  }

  static JsonNode json(String name) {
    try {
      return new ObjectMapper().readTree(file(name).toFile());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  static byte[] bytes(String name) {
    try {
      return Files.readAllBytes(file(name));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static Matrix matrix(String name) {
    FloatBuffer floats =
        ByteBuffer.wrap(bytes(name)).order(ByteOrder.LITTLE_ENDIAN).asFloatBuffer();
    var values = new double[512 * 512];
    for (int i = 0; i < values.length; i++) {
      values[i] = floats.get(i);
    }
    return Matrix.over(512, 512, values);
  }
}

package dev.falconer.compressor.data;

import dev.falconer.compressor.onnx.NumericTensor;
import dev.falconer.compressor.onnx.TensorData;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileChannel.MapMode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;

/** Reads and writes one array of numbers as {@code numpy.save(file, array)} does. */
public final class NpyFile {
  private static final int CHUNK = 1 << 24;

  private NpyFile() {}

  /**
   * Returns the array, row-major; a matrix may lie in the file in Fortran order.
   *
   * @throws IllegalArgumentException naming the file when it holds something else
   */
  public static NumericTensor read(Path file) throws IOException {
    try (var arena = Arena.ofConfined();
        FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
      TensorData array =
          NpyArray.parse(file.toString(), channel.map(MapMode.READ_ONLY, 0, channel.size(), arena));
      if (array instanceof NumericTensor numbers) {
        return numbers;
      }
      throw new IllegalArgumentException(file + " holds texts, needs numbers");
    }
  }

  /** Writes an array of float, double, int, long or bool: beside the file first, then moved. */
  public static void write(NumericTensor array, Path file) throws IOException {
    Path absolute = file.toAbsolutePath();
    Path beside = absolute.resolveSibling(absolute.getFileName() + ".part");
    try {
      try (FileChannel channel =
          FileChannel.open(
              beside,
              StandardOpenOption.CREATE,
              StandardOpenOption.WRITE,
              StandardOpenOption.TRUNCATE_EXISTING)) {
        writeAll(channel, ByteBuffer.wrap(NpyArray.header(array)));
        long size = array.bytes().byteSize();
        for (long from = 0; from < size; from += CHUNK) {
          long length = Math.min(CHUNK, size - from);
          writeAll(channel, array.bytes().asSlice(from, length).asByteBuffer());
        }
      }
      Files.move(beside, absolute, StandardCopyOption.ATOMIC_MOVE);
    } finally {
      Files.deleteIfExists(beside);
    }
  }

  private static void writeAll(FileChannel channel, ByteBuffer bytes) throws IOException {
    while (bytes.hasRemaining()) {
      channel.write(bytes);
    }
  }
}

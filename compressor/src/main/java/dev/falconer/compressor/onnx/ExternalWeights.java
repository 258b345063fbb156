package dev.falconer.compressor.onnx;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * The weights file that the graphs of a bundle share. Equal contents lie in it once.
 *
 * <pre>
 * | tensor | zeros to 64 | tensor | zeros to 64 | ...      in the order of first use
 * </pre>
 */
public final class ExternalWeights {
  /** Smaller tensors stay in the graph's own file. */
  private static final long SMALLEST = 1024;

  private static final long ALIGNMENT = 64;

  /** Mapped weights are in memory piece by piece only while they are written. */
  private static final long PIECE = 1 << 24;

  private final String fileName;
  private final Map<Content, Long> places = new LinkedHashMap<>();
  private long end;

  /** Returns an empty file of the given name, to lie beside the graphs. */
  public ExternalWeights(String fileName) {
    this.fileName = fileName;
  }

  String fileName() {
    return fileName;
  }

  boolean takes(NumericTensor tensor) {
    return tensor.bytes().byteSize() >= SMALLEST;
  }

  /** Returns the offset of the tensor's bytes, placing them if they are new. */
  long place(NumericTensor tensor) {
    return places.computeIfAbsent(
        new Content(tensor.bytes()),
        content -> {
          long offset = end;
          end += (content.bytes.byteSize() + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
          return offset;
        });
  }

  /** Writes what was placed. Call after the graphs were written. */
  public void write(Path folder) throws IOException {
    try (FileChannel channel =
        FileChannel.open(
            folder.resolve(fileName),
            StandardOpenOption.CREATE,
            StandardOpenOption.TRUNCATE_EXISTING,
            StandardOpenOption.WRITE)) {
      for (var entry : places.entrySet()) {
        MemorySegment bytes = entry.getKey().bytes;
        for (long from = 0; from < bytes.byteSize(); from += PIECE) {
          MemorySegment piece = bytes.asSlice(from, Math.min(PIECE, bytes.byteSize() - from));
          write(channel, piece.asByteBuffer(), entry.getValue() + from);
          if (piece.isMapped()) {
            piece.unload();
          }
        }
      }
      if (end > 0 && channel.size() < end) {
        channel.write(ByteBuffer.wrap(new byte[1]), end - 1);
      }
    }
  }

  private static void write(FileChannel channel, ByteBuffer bytes, long from) throws IOException {
    long at = from;
    while (bytes.hasRemaining()) {
      at += channel.write(bytes, at);
    }
  }

  /** Bytes compared by content. */
  private static final class Content {
    private static final long SAMPLES = 256;

    private final MemorySegment bytes;
    private final int hash;

    Content(MemorySegment bytes) {
      this.bytes = bytes;
      this.hash = hash(bytes);
    }

    /** Reads a few words of many: tables of one size seldom agree in all of them. */
    private static int hash(MemorySegment bytes) {
      long hash = bytes.byteSize();
      long words = bytes.byteSize() / 8;
      long step = Math.max(1, words / SAMPLES);
      for (long i = 0; i < words; i += step) {
        hash = hash * 31 + bytes.getAtIndex(ValueLayout.JAVA_LONG_UNALIGNED, i);
      }
      return Long.hashCode(hash);
    }

    @Override
    public boolean equals(Object other) {
      return other instanceof Content content
          && hash == content.hash
          && (bytes.equals(content.bytes) || bytes.mismatch(content.bytes) == -1);
    }

    @Override
    public int hashCode() {
      return hash;
    }
  }
}

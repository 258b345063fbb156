package dev.falconer.compressor.learn;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.falconer.compressor.onnx.DType;
import dev.falconer.compressor.onnx.NumericTensor;
import dev.falconer.compressor.onnx.Shape;
import java.io.BufferedOutputStream;
import java.io.ByteArrayInputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.security.DigestOutputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The file of a stopped training.
 *
 * <pre>
 * "FALCKPT1" | header length, 4 bytes | header, JSON | tensors' bytes in its order | SHA-256
 * </pre>
 *
 * <p>Lengths are big-endian, tensors little-endian. The digest covers all before it.
 */
final class CheckpointFile {
  private static final String MAGIC = "FALCKPT1";
  private static final int DIGEST_BYTES = 32;
  private static final ObjectMapper JSON = new ObjectMapper();

  private CheckpointFile() {}

  /**
   * A training's whole state.
   *
   * @param identity what must be equal for another run to go on
   * @param tensors weights, moments and kept weights by kind and name
   */
  record Content(
      Map<String, String> identity, TrainingState state, Map<String, NumericTensor> tensors) {}

  private record Header(Map<String, String> identity, TrainingState state, List<Entry> tensors) {}

  private record Entry(String name, DType dtype, List<Long> dims) {}

  /** Writes beside the file and moves into place: the file is whole at any time. */
  static void write(Path file, Content content) {
    Path beside = file.resolveSibling(file.getFileName() + ".part");
    try {
      MessageDigest digest = sha256();
      try (FileChannel channel =
              FileChannel.open(
                  beside,
                  StandardOpenOption.CREATE,
                  StandardOpenOption.TRUNCATE_EXISTING,
                  StandardOpenOption.WRITE);
          var buffered =
              new BufferedOutputStream(java.nio.channels.Channels.newOutputStream(channel));
          var out = new DataOutputStream(new DigestOutputStream(buffered, digest))) {
        body(out, content);
        out.flush();
        buffered.write(digest.digest());
        buffered.flush();
        channel.force(true);
      }
      Files.move(beside, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    } catch (IOException e) {
      throw new UncheckedIOException("cannot write checkpoint " + file + ": " + e.getMessage(), e);
    }
  }

  private static void body(DataOutputStream out, Content content) throws IOException {
    List<Entry> entries =
        content.tensors().entrySet().stream()
            .map(entry ->
                new Entry(
                    entry.getKey(),
                    entry.getValue().dtype(),
                    Arrays.stream(entry.getValue().shape().dims()).boxed().toList()))
            .toList();
    byte[] header =
        JSON.writeValueAsBytes(new Header(content.identity(), content.state(), entries));
    out.writeBytes(MAGIC);
    out.writeInt(header.length);
    out.write(header);
    for (NumericTensor tensor : content.tensors().values()) {
      copy(tensor.bytes(), out);
    }
  }

  private static void copy(MemorySegment bytes, OutputStream out) throws IOException {
    out.write(bytes.toArray(ValueLayout.JAVA_BYTE));
  }

  /**
   * Returns the file's content.
   *
   * @throws IllegalArgumentException when it is damaged
   */
  static Content read(Path file) {
    try {
      byte[] bytes = Files.readAllBytes(file);
      int body = bytes.length - DIGEST_BYTES;
      if (body < MAGIC.length() + Integer.BYTES) {
        throw damaged(file, "it has only " + bytes.length + " bytes");
      }
      MessageDigest digest = sha256();
      digest.update(bytes, 0, body);
      if (!Arrays.equals(digest.digest(), Arrays.copyOfRange(bytes, body, bytes.length))) {
        throw damaged(file, "its SHA-256 doesn't match");
      }
      var in = new DataInputStream(new ByteArrayInputStream(bytes, 0, body));
      String magic =
          new String(in.readNBytes(MAGIC.length()), java.nio.charset.StandardCharsets.US_ASCII);
      if (!magic.equals(MAGIC)) {
        throw damaged(file, "it starts with \"" + magic + "\"");
      }
      Header header = JSON.readValue(in.readNBytes(in.readInt()), Header.class);
      var tensors = new LinkedHashMap<String, NumericTensor>();
      for (Entry entry : header.tensors()) {
        Shape shape = Shape.of(entry.dims().stream().mapToLong(Long::longValue).toArray());
        byte[] raw = in.readNBytes(Math.toIntExact(shape.size() * entry.dtype().bytes()));
        tensors.put(
            entry.name(), NumericTensor.copied(entry.dtype(), shape, MemorySegment.ofArray(raw)));
      }
      return new Content(header.identity(), header.state(), tensors);
    } catch (IOException e) {
      throw new UncheckedIOException("cannot read checkpoint " + file + ": " + e.getMessage(), e);
    }
  }

  private static IllegalArgumentException damaged(Path file, String how) {
    return new IllegalArgumentException(
        "checkpoint " + file + " is damaged: " + how + ". Delete it to start again.");
  }

  static MessageDigest sha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java has SHA-256", e);
    }
  }
}

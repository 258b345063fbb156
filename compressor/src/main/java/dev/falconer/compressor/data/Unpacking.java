package dev.falconer.compressor.data;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;
import java.util.zip.GZIPInputStream;
import org.tukaani.xz.XZInputStream;

/** Reads files that may be compressed, by the end of their name: .xz or .gz. */
final class Unpacking {
  private static final int BUFFER = 1 << 16;

  private Unpacking() {}

  private static boolean isPacked(Path file) {
    return file.toString().endsWith(".xz") || file.toString().endsWith(".gz");
  }

  /** Returns the unpacked bytes of a file; the caller closes it. */
  static InputStream open(Path file) throws IOException {
    if (!Files.isRegularFile(file)) {
      throw new LogException(
          Files.exists(file) ? file + " is no file" : "there is no file " + file);
    }
    InputStream raw;
    try {
      raw = new BufferedInputStream(Files.newInputStream(file), BUFFER);
    } catch (NoSuchFileException e) {
      throw new LogException("there is no file " + file, e);
    }
    try {
      if (file.toString().endsWith(".xz")) {
        return new BufferedInputStream(new XZInputStream(raw), BUFFER);
      }
      return file.toString().endsWith(".gz") ? new GZIPInputStream(raw, BUFFER) : raw;
    } catch (IOException e) {
      raw.close();
      throw new LogException("%s can't be unpacked: %s".formatted(file, e.getMessage()), e);
    }
  }

  /** Returns a file to read without unpacking: the file itself, or an unpacked copy in a folder. */
  static Path plain(Path file, Path folder, Progress progress) throws IOException {
    try (InputStream in = open(file)) {
      if (!isPacked(file)) {
        return file;
      }
      Path copy = Files.createTempFile(folder, "log", ".plain");
      try (var out = Files.newOutputStream(copy)) {
        var buffer = new byte[BUFFER];
        long done = 0;
        for (int read = in.read(buffer); read >= 0; read = in.read(buffer)) {
          out.write(buffer, 0, read);
          done += read;
          progress.step("unpacking " + file.getFileName(), done, 0);
        }
      }
      return copy;
    } catch (LogException e) {
      throw e;
    } catch (IOException e) {
      throw new LogException(
          "%s can't be unpacked into %s: %s".formatted(file, folder, e.getMessage()), e);
    }
  }

  /** Returns the SHA-256 of the files as they are, one after the other, as 64 hex digits. */
  static String sha256(List<Path> files) throws IOException {
    MessageDigest digest;
    try {
      digest = MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java has SHA-256", e);
    }
    var buffer = new byte[BUFFER];
    for (Path file : files) {
      try (InputStream in = Files.newInputStream(file)) {
        for (int read = in.read(buffer); read >= 0; read = in.read(buffer)) {
          digest.update(buffer, 0, read);
        }
      }
    }
    return HexFormat.of().formatHex(digest.digest());
  }
}

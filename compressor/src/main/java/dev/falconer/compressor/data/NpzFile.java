package dev.falconer.compressor.data;

import dev.falconer.compressor.onnx.TensorData;
import java.io.IOException;
import java.io.InputStream;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.zip.ZipEntry;
import java.util.zip.ZipException;
import java.util.zip.ZipFile;

/** Reads arrays that {@code numpy.savez(file, name=array, ...)} wrote: a zip of NAME.npy. */
public final class NpzFile {
  private static final String SUFFIX = ".npy";

  private NpzFile() {}

  /**
   * Returns the arrays by name.
   *
   * @throws IllegalArgumentException naming the file or the array that is of another form
   */
  public static Map<String, TensorData> read(Path file) throws IOException {
    var arrays = new LinkedHashMap<String, TensorData>();
    try (var zip = new ZipFile(file.toFile())) {
      for (ZipEntry entry : Collections.list(zip.entries())) {
        if (entry.getName().endsWith(SUFFIX)) {
          String name = entry.getName().substring(0, entry.getName().length() - SUFFIX.length());
          try (InputStream in = zip.getInputStream(entry)) {
            arrays.put(
                name,
                NpyArray.parse(
                    file + ": array \"" + name + "\"", MemorySegment.ofArray(in.readAllBytes())));
          }
        }
      }
    } catch (ZipException e) {
      throw new IllegalArgumentException(
          file + " is no .npz file: write one by numpy.savez(\"" + file.getFileName() + "\", ...)",
          e);
    }
    return arrays;
  }
}

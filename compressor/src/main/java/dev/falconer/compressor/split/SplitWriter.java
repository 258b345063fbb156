package dev.falconer.compressor.split;

import dev.falconer.compressor.onnx.ExternalWeights;
import dev.falconer.compressor.onnx.Model;
import dev.falconer.compressor.onnx.OnnxWriter;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;

/**
 * Writes the graphs of a bundle with their weights in one file beside them, each content once.
 * Equal graphs give equal bytes.
 */
public final class SplitWriter {
  /** Name of the user graph's file. */
  public static final String USER = "user.onnx";

  /** Name of the candidate graph's file. */
  public static final String CANDIDATE = "candidate.onnx";

  /** Name of the weights' file. */
  public static final String WEIGHTS = "weights.bin";

  private SplitWriter() {}

  /** Writes both halves into a folder that exists. */
  public static void write(SplitModel split, Path folder) throws IOException {
    write(folder, split.user(), Map.of(CANDIDATE, split.candidate()));
  }

  /** Writes a single graph. */
  public static void write(Path folder, String file, Model graph) throws IOException {
    var weights = new ExternalWeights(WEIGHTS);
    OnnxWriter.write(graph, folder.resolve(file), weights);
    weights.write(folder);
  }

  /**
   * Writes the user graph and other graphs that share its weights.
   *
   * @param others by file name
   */
  public static void write(Path folder, Model user, Map<String, Model> others) throws IOException {
    var weights = new ExternalWeights(WEIGHTS);
    OnnxWriter.write(user, folder.resolve(USER), weights);
    for (var other : new TreeMap<>(others).entrySet()) {
      OnnxWriter.write(other.getValue(), folder.resolve(other.getKey()), weights);
    }
    weights.write(folder);
  }
}

package dev.falconer.compressor.bundle;

import dev.falconer.compressor.onnx.Model;
import dev.falconer.compressor.onnx.TensorData;
import dev.falconer.compressor.pack.PackOptions;
import dev.falconer.compressor.split.SplitModel;
import dev.falconer.v1.Provenance;
import dev.falconer.v1.Switches;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What goes into a bundle.
 *
 * @param name of the model, a folder of the repository
 * @param version a positive integer
 * @param whole the single graph
 * @param plain the whole graph, split or left as it is
 * @param variants further splits whose user graphs are the plain one's, by name: "int8"
 * @param packings how the plain candidate graph is packed into further variants, by their names
 * @param tasks columns of the scores
 * @param scoreOutput output of the graphs that holds the scores
 * @param golden feeds of the whole graph, one user each
 * @param calibration feeds of the whole graph, which tell what int8 is to round; may be empty
 */
public record BundleRequest(
    String name,
    long version,
    Model whole,
    SplitModel plain,
    Map<String, SplitModel> variants,
    Map<String, PackOptions> packings,
    List<String> tasks,
    String scoreOutput,
    List<Map<String, TensorData>> golden,
    List<Map<String, TensorData>> calibration,
    Switches switches,
    Provenance provenance) {
  /** Checks the name and version, which become folders. */
  public BundleRequest {
    variants = Map.copyOf(new java.util.TreeMap<>(variants));
    packings = Collections.unmodifiableMap(new LinkedHashMap<>(packings));
    tasks = List.copyOf(tasks);
    golden = List.copyOf(golden);
    calibration = List.copyOf(calibration);
    if (!name.matches("[A-Za-z0-9][A-Za-z0-9._-]*")) {
      throw new IllegalArgumentException(
          "model name \"" + name + "\": letters, digits, dot, dash and underscore, please");
    }
    if (version < 1) {
      throw new IllegalArgumentException("version " + version + ": a positive integer, please");
    }
    if (golden.isEmpty()) {
      throw new IllegalArgumentException("a bundle needs at least one golden request");
    }
  }
}

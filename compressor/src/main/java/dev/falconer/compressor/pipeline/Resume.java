package dev.falconer.compressor.pipeline;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.falconer.compressor.onnx.Graph;
import dev.falconer.compressor.onnx.Model;
import dev.falconer.compressor.onnx.OnnxReader;
import dev.falconer.compressor.onnx.OnnxWriter;
import dev.falconer.compressor.onnx.TensorData;
import dev.falconer.compressor.pipeline.LayerwiseCompression.State;
import dev.falconer.compressor.report.LayerReport;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A compression on the way, in a file beside the result: what was done when the process ended is
 * not done again.
 */
public final class Resume {
  private static final String KEY = "falconer.resume.key";
  private static final String DONE = "falconer.resume.layers";
  private static final ObjectMapper JSON = new ObjectMapper();

  private final Path file;
  private final String key;

  /**
   * Names the file of a result.
   *
   * @param out file of the result
   * @param key digest of all that the result depends on
   */
  public Resume(Path out, String key) {
    this.file = out.resolveSibling(out.getFileName() + ".resume");
    this.key = key;
  }

  /** Returns the file. */
  public Path file() {
    return file;
  }

  /** Returns where a compression of the same key stopped; none when there is none. */
  public Optional<State> read() throws IOException {
    if (!Files.exists(file)) {
      return Optional.empty();
    }
    Model model = OnnxReader.read(file);
    if (!key.equals(model.metadata().get(KEY))) {
      return Optional.empty();
    }
    List<LayerReport> done =
        JSON.readValue(
            model.metadata().getOrDefault(DONE, "[]"), new TypeReference<List<LayerReport>>() {});
    var metadata = new HashMap<>(model.metadata());
    metadata.remove(KEY);
    metadata.remove(DONE);
    var parts = new LinkedHashMap<String, Parts>();
    Map<String, TensorData> tensors = new LinkedHashMap<>(model.graph().initializers());
    done.forEach(report -> parts.put(report.layer(), StoredParts.of(report.layer(), tensors)));
    tensors.keySet().removeIf(StoredParts::isStored);
    return Optional.of(
        new State(
            model.withGraph(model.graph().withInitializers(tensors)).withMetadata(metadata),
            done,
            parts));
  }

  /** Writes how far a compression came. */
  public void write(State state) throws IOException {
    var metadata = new HashMap<>(state.model().metadata());
    metadata.put(KEY, key);
    try {
      metadata.put(DONE, JSON.writeValueAsString(state.done()));
    } catch (JsonProcessingException e) {
      throw new IllegalStateException(e);
    }
    Graph graph = state.model().graph();
    Map<String, TensorData> tensors = new LinkedHashMap<>(graph.initializers());
    tensors.putAll(StoredParts.tensors(state.parts()));
    OnnxWriter.write(
        state.model().withGraph(graph.withInitializers(tensors)).withMetadata(metadata), file);
  }

  /** Removes the file. */
  public void end() throws IOException {
    Files.deleteIfExists(file);
  }
}

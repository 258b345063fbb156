package dev.falconer.compressor.structure;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.falconer.compressor.fixture.LinearModels;
import dev.falconer.compressor.fixture.MeasuredData;
import dev.falconer.compressor.fixture.RealModels;
import dev.falconer.compressor.layer.LinearLayer;
import dev.falconer.compressor.layer.LinearLayers;
import dev.falconer.compressor.onnx.DType;
import dev.falconer.compressor.onnx.Graph;
import dev.falconer.compressor.onnx.Model;
import dev.falconer.compressor.onnx.NumericTensor;
import dev.falconer.compressor.onnx.OnnxReader;
import dev.falconer.compressor.onnx.Shape;
import dev.falconer.compressor.onnx.TensorData;
import dev.falconer.compressor.onnx.ValueInfo;
import java.io.IOException;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Models by others. The files lie in {@code onnx} of the measured data. */
class RealRemovalTest {
  /** Length of a history; exports by TorchScript run only with that which they were traced with. */
  private static final long HISTORY = 7;

  @ParameterizedTest
  @CsvSource({
    "mnist, Parameter87, 8 channels of 25",
    "mnist, Parameter193, 16 channels of 16",
    "tract_keras_example, sequential/dense_1/MatMul/ReadVariableOp:0, 32 neurons of 1",
    "SkardiLabs_ncf, W5, 32 neurons of 1",
    "vespa_custom_similarity, fc2.weight, 256 neurons of 1",
    "vespa_transformer, 238, 2 heads of 8",
    "vespa_transformer, 246, 32 neurons of 1"
  })
  void theCutModelGivesWhatTheWholeGives(String name, String weight, String groups)
      throws IOException {
    Model model = RealModels.read(name);

    Removal removal = CutCheck.search(model, feed(model, 3, 1)).of(CutCheck.layer(model, weight));

    int count = removal.groups().count();
    assertEquals(groups, "%d %s of %d".formatted(count, removal.noun(), removal.inputsOfGroup()));
    Map<Removal, List<Integer>> kept = Map.of(removal, CutCheck.chosen(count, 1));
    CutCheck.assertCutIsZeroed(model, kept, feed(model, 2, 2), name);
  }

  /**
   * Rankers as PyTorch exports them, by TorchScript and by dynamo: all that can be removed at once,
   * at another batch than the one whose shapes were seen.
   */
  @Test
  void rankersExportedByPyTorchAreCutInAllTheirLayersAtOnce() throws IOException {
    var found = new TreeMap<String, Integer>();
    for (Path file : exports()) {
      Model model = OnnxReader.read(file);
      RemovalSearch search = CutCheck.search(model, feed(model, 3, 1));
      Map<Removal, List<Integer>> kept = new LinkedHashMap<>();
      for (LinearLayer layer : LinearLayers.find(model.graph(), Set.of()).layers()) {
        try {
          Removal removal = search.of(layer);
          kept.put(removal, CutCheck.chosen(removal.groups().count(), 1));
          found.merge(removal.noun(), 1, Integer::sum);
        } catch (Refused e) {
          assertTrue(e.getMessage().contains("\""), file + ": " + e.getMessage());
        }
      }
      if (!kept.isEmpty()) {
        CutCheck.assertCutIsZeroed(model, kept, feed(model, 2, 2), file.toString());
      }
    }
    assertEquals(Map.of("heads", 9, "neurons", 57), found);
  }

  private static List<Path> exports() throws IOException {
    try (var files = Files.list(MeasuredData.of("onnx/split-zoo"))) {
      return files.filter(file -> file.toString().endsWith(".onnx")).sorted().toList();
    }
  }

  private static Map<String, TensorData> feed(Model model, long batch, long seed) {
    Graph graph = model.graph();
    var feed = new LinkedHashMap<String, TensorData>();
    var random = new Random(seed);
    var lengths = new HashMap<String, Long>(Map.of("len", HISTORY));
    for (ValueInfo input : graph.inputs()) {
      long[] dims =
          Objects.requireNonNull(input.dims()).stream()
              .mapToLong(dim ->
                  switch (dim) {
                    case ValueInfo.Dim.Fixed(long length) -> length;
                    case ValueInfo.Dim.Symbol(String name) -> lengths.getOrDefault(name, batch);
                    case ValueInfo.Dim.Unknown _ -> batch;
                  })
              .toArray();
      NumericTensor numbers = LinearModels.gaussian(random, dims);
      feed.put(
          input.name(), input.dtype() == DType.FLOAT32 ? numbers : ids(input.dtype(), numbers));
    }
    return feed;
  }

  /** Small numbers above 0: tables have ten rows and more. */
  private static TensorData ids(DType dtype, NumericTensor numbers) {
    Shape shape = numbers.shape();
    var ids = new long[(int) shape.size()];
    for (int i = 0; i < ids.length; i++) {
      ids[i] = 1 + (long) Math.min(8, Math.abs(4 * numbers.at(i)));
    }
    NumericTensor tensor = NumericTensor.allocate(dtype, shape);
    for (int i = 0; i < ids.length; i++) {
      switch (dtype) {
        case INT64 -> tensor.bytes().setAtIndex(ValueLayout.JAVA_LONG_UNALIGNED, i, ids[i]);
        case INT32 -> tensor.bytes().setAtIndex(ValueLayout.JAVA_INT_UNALIGNED, i, (int) ids[i]);
        default -> throw new IllegalArgumentException("ids of " + dtype);
      }
    }
    return tensor;
  }
}

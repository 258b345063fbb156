package dev.falconer.compressor.pack;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.falconer.compressor.axes.Roles;
import dev.falconer.compressor.axes.Roles.Role;
import dev.falconer.compressor.axes.SplitRefusal;
import dev.falconer.compressor.evaluate.OrtRunner;
import dev.falconer.compressor.fixture.MeasuredData;
import dev.falconer.compressor.onnx.Model;
import dev.falconer.compressor.onnx.OnnxReader;
import dev.falconer.compressor.split.Splitter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/** Candidate graphs of rankers as PyTorch exports them, in {@code onnx/split-zoo}. */
class SplitZooPackingTest {
  private static final long SEED = 3;
  private static final List<String> OPERATORS =
      List.of("CandidateBlock", "CandidateAttention", "CandidateMlp", "SparseMatMul");

  /** Operators of {@link #OPERATORS} found by the family of exports. */
  private static final Map<String, List<Long>> FOUND =
      Map.ofEntries(
          Map.entry("Append", List.of(2L, 0L, 0L, 0L)),
          Map.entry("AppendX", List.of(2L, 0L, 0L, 0L)),
          Map.entry("AvgPool", List.of(0L, 0L, 0L, 1L)),
          Map.entry("BST2", List.of(1L, 0L, 0L, 0L)),
          Map.entry("BST2b", List.of(0L, 0L, 3L, 6L)),
          Map.entry("DCN2", List.of(0L, 0L, 0L, 3L)),
          Map.entry("DINrep", List.of(0L, 0L, 0L, 3L)),
          Map.entry("DINs", List.of(0L, 0L, 0L, 3L)),
          Map.entry("DLRM", List.of(0L, 0L, 0L, 1L)),
          Map.entry("EmbBag", List.of(0L, 0L, 0L, 0L)),
          Map.entry("GRU4", List.of(0L, 0L, 0L, 1L)),
          Map.entry("HSTU", List.of(0L, 0L, 0L, 4L)),
          Map.entry("LSTM4", List.of(0L, 0L, 0L, 1L)),
          Map.entry("MMoE", List.of(0L, 0L, 0L, 4L)),
          Map.entry("SDPA", List.of(0L, 1L, 0L, 1L)),
          Map.entry("SIM", List.of(0L, 0L, 0L, 0L)));

  @Test
  void everyExportOfAFamilyHasTheSamePiecesAndComputesTheSame() throws IOException {
    var found = new TreeMap<String, List<Long>>();
    try (var files = Files.list(MeasuredData.of("onnx/split-zoo"))) {
      for (Path file : files.filter(each -> each.toString().endsWith(".onnx")).sorted().toList()) {
        Optional<Model> candidate = candidate(file);
        if (candidate.isEmpty()) {
          continue;
        }
        Packed packed = Packing.of(candidate.get(), PackOptions.FLOATS);
        double difference = PackCheck.difference(candidate.get(), packed.model(), SEED, 1);
        assertTrue(difference <= PackCheck.ROUNDING, file + ": " + difference);
        String name = file.getFileName().toString().replace(".onnx", "");
        found.put(name, OPERATORS.stream().map(packed.report()::count).toList());
      }
    }

    found.forEach((name, counts) -> System.out.println(name + " " + counts));
    found.forEach((name, counts) ->
        assertEquals(FOUND.get(name.substring(0, name.indexOf('_'))), counts, name));
    assertEquals(59, found.size());
  }

  private static Optional<Model> candidate(Path file) throws IOException {
    Model model = OnnxReader.read(file);
    var roles = new HashMap<String, Role>();
    model
        .graph()
        .inputs()
        .forEach(input ->
            roles.put(input.name(), input.name().equals("item_id") ? Role.CANDIDATE : Role.USER));
    try {
      return Optional.of(
          new Splitter(OrtRunner.factory(1))
              .plan(model, new Roles(roles), Splitter.Options.DEFAULT.withHistoryMax(20))
              .split()
              .candidate());
    } catch (SplitRefusal refusal) {
      return Optional.empty();
    }
  }
}

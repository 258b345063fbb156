package dev.falconer.compressor.pack;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.falconer.compressor.axes.Roles;
import dev.falconer.compressor.evaluate.OrtRunner;
import dev.falconer.compressor.onnx.Model;
import dev.falconer.compressor.onnx.OnnxReader;
import dev.falconer.compressor.onnx.OnnxWriter;
import dev.falconer.compressor.split.Splitter;
import dev.falconer.compressor.zoo.CandidateSelf;
import dev.falconer.compressor.zoo.Fusion;
import dev.falconer.compressor.zoo.HistoryMask;
import dev.falconer.compressor.zoo.RankerConfig;
import dev.falconer.compressor.zoo.Rankers;
import dev.falconer.compressor.zoo.Vocabulary;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The candidate graphs of the zoo's rankers, packed. */
class RankerPackingTest {
  private static final long SEED = 23;

  /**
   * Of logits of about 1 by random weights: roundings of seven bits through up to four layers, a
   * little more than what was measured.
   */
  private static final double INT8_ROUNDING = .05;

  @Test
  void everyLayerIsABlockAndTheHeadIsAChain() {
    for (HistoryMask mask : HistoryMask.values()) {
      for (CandidateSelf self : CandidateSelf.values()) {
        for (int layers : new int[] {1, 2, 4}) {
          String which = mask + " " + self + " " + layers + ", seed " + SEED;
          Model candidate = candidate(mask, self, layers);

          Packed packed = Packing.of(candidate, PackOptions.FLOATS);

          PackReport report = packed.report();
          assertEquals(layers, report.count("CandidateBlock"), which + "\n" + report);
          assertEquals(1, report.count("CandidateMlp"), which + "\n" + report);
          assertEquals(1, report.count("SparseMatMul"), which + "\n" + report);
          assertEquals(0, report.count("CandidateAttention"), which + "\n" + report);
          double difference = PackCheck.difference(candidate, packed.model(), SEED, 6);
          assertTrue(difference <= PackCheck.ROUNDING, which + ": " + difference);
        }
      }
    }
  }

  @Test
  void int8StaysWithinItsRounding() {
    for (CandidateSelf self : CandidateSelf.values()) {
      Model candidate = candidate(HistoryMask.CAUSAL, self, 2);
      for (PackOptions options : List.of(PackOptions.BYTES, PackOptions.BYTES_ANYWHERE)) {
        Packed packed = Packing.of(candidate, options);

        double difference = PackCheck.difference(candidate, packed.model(), SEED, 6);
        assertTrue(
            difference > 1e-4 && difference <= INT8_ROUNDING, self + " " + options + difference);
        assertTrue(
            packed.report().nodes().stream()
                .flatMap(node -> node.weights().stream())
                .allMatch(PackReport.Weight::isInt8),
            packed.report()::toString);
      }
    }
  }

  @Test
  void whatNothingReadsAnyMoreIsGone() {
    Model candidate = candidate(HistoryMask.CAUSAL, CandidateSelf.OWN, 2);

    Model packed = Packing.of(candidate, PackOptions.FLOATS).model();

    Set<String> left = packed.graph().initializers().keySet();
    assertTrue(left.stream().noneMatch(name -> name.endsWith("ffn.in.weight")), left::toString);
    assertEquals(candidate.graph().inputs(), packed.graph().inputs());
    assertEquals(candidate.graph().outputs(), packed.graph().outputs());
    assertEquals(candidate.metadata(), packed.metadata());
    assertEquals(1L, packed.opsets().get("dev.falconer"));
    Set<String> types =
        packed.graph().nodes().stream().map(node -> node.type()).collect(Collectors.toSet());
    assertTrue(!types.contains("Softmax") && !types.contains("Gelu"), types::toString);
  }

  @Test
  void theOwnTokensProjectionsAreStackedUnderTheQuerys() {
    Model candidate = candidate(HistoryMask.CAUSAL, CandidateSelf.OWN, 1);

    PackReport report = Packing.of(candidate, PackOptions.FLOATS).report();

    PackReport.Weight stacked = report.nodes().getFirst().weights().getFirst();
    assertEquals(
        List.of(
            "layer0.attention.query.weight",
            "layer0.attention.key.weight",
            "layer0.attention.value.weight"),
        stacked.names());
    assertEquals(3 * 16, stacked.out());
    assertTrue(report.nodes().getFirst().attention().contains("own token"), report::toString);
  }

  @Test
  void equalModelsGiveEqualFilesThatAreReadBack(@TempDir Path folder) throws IOException {
    Model candidate = candidate(HistoryMask.FULL, CandidateSelf.NONE, 1);

    byte[] first = OnnxWriter.toBytes(Packing.of(candidate, PackOptions.BYTES).model());
    byte[] second = OnnxWriter.toBytes(Packing.of(candidate, PackOptions.BYTES).model());

    assertArrayEquals(first, second);
    Path file = Files.write(folder.resolve("packed.onnx"), first);
    assertEquals(
        Packing.of(candidate, PackOptions.BYTES).model().graph(), OnnxReader.read(file).graph());
  }

  private static Model candidate(HistoryMask mask, CandidateSelf self, int layers) {
    var ids = new ArrayList<Long>();
    var categories = new ArrayList<Integer>();
    for (long i = 0; i < 20; i++) {
      ids.add(i);
      categories.add((int) i % 5);
    }
    var config =
        new RankerConfig(
            Fusion.APPEND,
            mask,
            self,
            16,
            layers,
            4,
            50,
            2,
            1,
            List.of(24, 12),
            List.of("click", "like"),
            3,
            2,
            4,
            3,
            2);
    Model ranker = Rankers.build(config, new Vocabulary(ids, List.of(), categories), SEED);
    return new Splitter(OrtRunner.factory(1))
        .plan(ranker, Roles.of(ranker), Splitter.Options.DEFAULT)
        .split()
        .candidate();
  }
}

package dev.falconer.compressor.bundle;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.falconer.bundle.BundleException;
import dev.falconer.bundle.GoldenFile;
import dev.falconer.bundle.ManifestFile;
import dev.falconer.compressor.axes.Roles;
import dev.falconer.compressor.data.Inputs;
import dev.falconer.compressor.evaluate.OrtRunner;
import dev.falconer.compressor.onnx.Model;
import dev.falconer.compressor.onnx.Shape;
import dev.falconer.compressor.onnx.TensorData;
import dev.falconer.compressor.pack.PackOptions;
import dev.falconer.compressor.split.Splitter;
import dev.falconer.compressor.zoo.CandidateSelf;
import dev.falconer.compressor.zoo.Fusion;
import dev.falconer.compressor.zoo.HistoryMask;
import dev.falconer.compressor.zoo.RankerConfig;
import dev.falconer.compressor.zoo.Rankers;
import dev.falconer.compressor.zoo.Vocabulary;
import dev.falconer.v1.Manifest;
import dev.falconer.v1.Provenance;
import dev.falconer.v1.StateTensor;
import dev.falconer.v1.Switches;
import dev.falconer.v1.Variant;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class BundleWriterTest {
  private static final BundleRequest REQUEST = request(1);
  private static final BundleWriter WRITER =
      new BundleWriter(file -> OrtRunner.open(file, 1), OrtRunner.factory(1));

  @TempDir Path repository;

  @Test
  void writesAVersionThatReadsBack() throws IOException {
    Path folder = WRITER.write(repository, REQUEST, _ -> List.of());

    Manifest manifest = ManifestFile.read(folder);
    assertEquals(repository.resolve("feed").resolve("1"), folder);
    assertEquals(4, manifest.getStateCount());
    assertTrue(manifest.getGrowth().getSupported(), manifest.getGrowth().getReason());
    assertEquals(REQUEST.golden().size(), GoldenFile.read(folder.resolve("golden.bin")).size());
    assertEquals(
        List.of(
            "candidate.onnx",
            "candidate.packed-int8.onnx",
            "candidate.packed.onnx",
            "golden.bin",
            "manifest.json",
            "user.onnx",
            "user.packed-int8.onnx",
            "weights.bin",
            "whole.onnx"),
        names(folder));
    assertTrue(manifest.getMicroBatch() >= 32);
    var variants = manifest.getGraphs().getCandidateList();
    assertEquals(
        List.of("plain", "packed", "packed-int8"),
        variants.stream().map(Variant::getName).toList());
    assertEquals(
        List.of("", "dev.falconer/1", "dev.falconer/1"),
        variants.stream().map(Variant::getOperators).toList());
    assertEquals(
        List.of("", "", "user.packed-int8.onnx"), variants.stream().map(Variant::getUser).toList());
    assertEquals(
        manifest.getStateList().stream().map(tensor -> tensor.getName() + ".int8").toList(),
        variants.get(2).getStateList().stream().map(StateTensor::getName).toList());
    assertTrue(variants.get(1).getMaxDifference() <= 1e-5, variants.toString());
    assertEquals("plain", manifest.getGraphs().getServed(), "by a server without the operators");
  }

  @Test
  void refusesAFlippedByteInAnyFile() throws IOException {
    Path folder = WRITER.write(repository, REQUEST, _ -> List.of());
    var random = new Random(5);
    for (String name : names(folder)) {
      Path file = folder.resolve(name);
      byte[] good = Files.readAllBytes(file);
      for (int trial = 0; trial < 20; trial++) {
        byte[] bad = good.clone();
        int at = random.nextInt(bad.length);
        bad[at] ^= (byte) (1 << random.nextInt(8));
        Files.write(file, bad);

        var refusal =
            assertThrows(BundleException.class, () -> ManifestFile.read(folder), name + " " + at);
        assertTrue(refusal.getMessage().contains(name), refusal.getMessage());
      }
      Files.write(file, good);
    }
  }

  @Test
  void neverOverwritesAVersion() throws IOException {
    WRITER.write(repository, REQUEST, _ -> List.of());

    var refusal =
        assertThrows(IOException.class, () -> WRITER.write(repository, REQUEST, _ -> List.of()));

    assertTrue(refusal.getMessage().contains("exists"), refusal.getMessage());
  }

  @Test
  void leavesNothingWhenQualityCannotBeMeasured() {
    assertThrows(
        IllegalStateException.class,
        () ->
            WRITER.write(
                repository,
                REQUEST,
                _ -> {
                  throw new IllegalStateException("no data");
                }));

    assertEquals(List.of(), names(repository.resolve("feed")));
  }

  @Test
  void leavesNothingOnAFullDisk() throws Exception {
    Path disk = Files.createDirectory(repository.resolve("small"));
    assumeTrue(
        run("mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", disk.toString()) == 0,
        "mounting a small disk needs root");
    try {
      assertThrows(IOException.class, () -> WRITER.write(disk, REQUEST, _ -> List.of()));

      assertEquals(List.of(), names(disk.resolve("feed")));
    } finally {
      assertEquals(0, run("umount", disk.toString()));
    }
  }

  @Test
  void aVariantMustKeepTheStates() {
    var other =
        new BundleRequest(
            "feed",
            1,
            REQUEST.whole(),
            REQUEST.plain(),
            Map.of("int8", request(2).plain()),
            Map.of(),
            REQUEST.tasks(),
            Inputs.SCORES,
            REQUEST.golden(),
            REQUEST.calibration(),
            REQUEST.switches(),
            REQUEST.provenance());

    var refusal =
        assertThrows(
            IllegalArgumentException.class, () -> WRITER.write(repository, other, _ -> List.of()));

    assertTrue(refusal.getMessage().contains("another user graph"), refusal.getMessage());
  }

  private static int run(String... command) throws IOException, InterruptedException {
    return new ProcessBuilder(command).redirectErrorStream(true).start().waitFor();
  }

  private static List<String> names(Path folder) {
    try (Stream<Path> files = Files.list(folder)) {
      return files.map(file -> file.getFileName().toString()).sorted().toList();
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }

  private static BundleRequest request(long seed) {
    var config =
        new RankerConfig(
            Fusion.APPEND,
            HistoryMask.CAUSAL,
            CandidateSelf.NONE,
            16,
            2,
            2,
            20,
            2,
            1,
            List.of(8),
            List.of("click"),
            3,
            0,
            0,
            0,
            0);
    Model whole = Rankers.build(config, Vocabulary.counting(1000), seed);
    var golden = List.of(feeds(0, 3, 1), feeds(1, 1, 2), feeds(20, 8, 3), feeds(7, 0, 4));
    Map<String, Roles.Role> roles =
        Map.of(
            Inputs.HISTORY_ITEM, Roles.Role.USER,
            Inputs.HISTORY_ACTION, Roles.Role.USER,
            Inputs.HISTORY_LENGTH, Roles.Role.LENGTH,
            Inputs.CANDIDATE_ITEM, Roles.Role.CANDIDATE);
    var plain =
        new Splitter(OrtRunner.factory(1)).split(whole, new Roles(roles), Splitter.Options.DEFAULT);
    assertFalse(plain.state().isEmpty());
    return new BundleRequest(
        "feed",
        1,
        whole,
        plain,
        Map.of(),
        PackOptions.ALL,
        config.tasks(),
        Inputs.SCORES,
        golden,
        golden,
        Switches.getDefaultInstance(),
        Provenance.getDefaultInstance());
  }

  /** Feeds as batches give them: one row of padding where there is no event. */
  private static Map<String, TensorData> feeds(int events, int candidates, long seed) {
    var random = new Random(seed);
    int padded = Math.max(1, events);
    return Map.of(
        Inputs.HISTORY_ITEM,
        TensorData.longs(Shape.of(1, padded), random.longs(padded, 1, 1000).toArray()),
        Inputs.HISTORY_ACTION,
        TensorData.longs(Shape.of(1, padded), random.longs(padded, 0, 4).toArray()),
        Inputs.HISTORY_LENGTH,
        TensorData.vector(events),
        Inputs.CANDIDATE_ITEM,
        TensorData.longs(Shape.of(1, candidates), random.longs(candidates, 1, 1100).toArray()));
  }
}

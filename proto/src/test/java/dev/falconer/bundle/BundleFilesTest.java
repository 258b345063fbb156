package dev.falconer.bundle;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.ByteString;
import dev.falconer.v1.Golden;
import dev.falconer.v1.Graphs;
import dev.falconer.v1.Manifest;
import dev.falconer.v1.RankRequest;
import dev.falconer.v1.Variant;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class BundleFilesTest {
  @TempDir Path folder;

  @Test
  void readsBackWhatWasWritten() throws IOException {
    Manifest manifest = write();

    Manifest read = ManifestFile.read(folder);

    assertEquals(manifest, read.toBuilder().clearManifestSha256().build());
  }

  @Test
  void operatorsAreWrittenWhereAVariantHasSome() throws IOException {
    var plain = Variant.newBuilder().setName("plain").setFile("candidate.onnx");
    var packed = Variant.newBuilder().setName("packed").setOperators("dev.falconer/1");

    ManifestFile.write(folder, Manifest.newBuilder().setGraphs(graphs(plain)).build());
    // Programs that don't know the field refuse a manifest that has it.
    assertFalse(Files.readString(folder.resolve(ManifestFile.NAME)).contains("operators"));

    var both =
        Manifest.newBuilder().setFormat(ManifestFile.FORMAT).setGraphs(graphs(plain, packed));
    ManifestFile.write(folder, both.build());
    var read = ManifestFile.read(folder).getGraphs().getCandidateList();
    assertEquals(List.of("", "dev.falconer/1"), read.stream().map(Variant::getOperators).toList());
  }

  private static Graphs.Builder graphs(Variant.Builder... variants) {
    var graphs = Graphs.newBuilder().setServed("plain");
    List.of(variants).forEach(graphs::addCandidate);
    return graphs;
  }

  @Test
  void refusesEveryFlippedByteOfEveryFile() throws IOException {
    write();
    for (String name : List.of(ManifestFile.NAME, "user.onnx")) {
      Path file = folder.resolve(name);
      byte[] good = Files.readAllBytes(file);
      for (int i = 0; i < good.length; i++) {
        byte[] bad = good.clone();
        bad[i] ^= 1;
        Files.write(file, bad);
        String place = name + " byte " + i;
        var refusal = assertThrows(BundleException.class, () -> ManifestFile.read(folder), place);
        assertTrue(refusal.getMessage().contains(name), place + ": " + refusal.getMessage());
      }
      Files.write(file, good);
    }
    ManifestFile.read(folder);
  }

  @Test
  void namesAMissingFile() throws IOException {
    write();
    Files.delete(folder.resolve("user.onnx"));

    var refusal = assertThrows(BundleException.class, () -> ManifestFile.read(folder));

    assertTrue(refusal.getMessage().contains("user.onnx: missing"), refusal.getMessage());
  }

  @Test
  void goldenRequestsKeepTheirOrder() throws IOException {
    var golden =
        List.of(
            Golden.newBuilder().setRequest(RankRequest.newBuilder().setModel("a")).build(),
            Golden.newBuilder().setScores(ByteString.copyFromUtf8("12345678")).build());

    GoldenFile.write(folder.resolve(GoldenFile.NAME), golden);

    assertEquals(golden, GoldenFile.read(folder.resolve(GoldenFile.NAME)));
  }

  @Test
  void columnsGiveBackTheirValues() {
    float[] floats = {1.5f, -2};
    long[] longs = {Long.MIN_VALUE, 7};
    var strings = List.of("", "grüße", "a\0b");

    assertArrayEquals(floats, Columns.toFloats(Columns.floats("f", floats).getData()));
    assertArrayEquals(longs, Columns.toLongs(Columns.longs("l", longs).getData()));
    assertEquals(strings, Columns.toStrings(Columns.strings("s", strings).getData()));
  }

  @Test
  void refusesAStringThatRunsPastItsColumn() {
    ByteString whole = Columns.strings("s", List.of("abc")).getData();

    assertThrows(IllegalArgumentException.class, () -> Columns.toStrings(whole.substring(0, 6)));
  }

  private Manifest write() throws IOException {
    Files.writeString(folder.resolve("user.onnx"), "not a real graph");
    Manifest manifest =
        Manifest.newBuilder()
            .setFormat(ManifestFile.FORMAT)
            .setName("feed")
            .addFiles(ManifestFile.digest(folder, "user.onnx"))
            .build();
    ManifestFile.write(folder, manifest);
    return manifest;
  }
}

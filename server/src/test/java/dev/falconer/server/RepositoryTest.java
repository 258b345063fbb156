package dev.falconer.server;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.falconer.bundle.BundleException;
import dev.falconer.bundle.Columns;
import dev.falconer.bundle.ManifestFile;
import dev.falconer.server.fixture.Ask;
import dev.falconer.server.fixture.Oracle;
import dev.falconer.server.fixture.TestServer;
import dev.falconer.server.fixture.TinyBundle;
import dev.falconer.v1.Manifest;
import dev.falconer.v1.Mode;
import dev.falconer.v1.StateOutcome;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is served, what is refused, and how a version takes over. */
class RepositoryTest {
  private static final float TOLERANCE = 1e-5f;

  @TempDir Path repository;

  private void flip(Path file) throws IOException {
    byte[] bytes = Files.readAllBytes(file);
    bytes[bytes.length / 2] ^= 1;
    Files.write(file, bytes);
  }

  private static ServerConfig withLimits(
      ServerConfig c, String variant, OptionalInt microBatch, int maxMessageBytes) {
    return new ServerConfig(
        c.modelRepository(),
        0,
        -1,
        Duration.ZERO,
        1,
        1 << 20,
        c.stateExpiry(),
        c.variants().with(variant),
        microBatch,
        maxMessageBytes,
        c.maxCandidates(),
        c.maxConcurrent(),
        c.exitTimeout());
  }

  private String refusal(ServerConfig config) {
    return String.valueOf(
        assertThrows(
                BundleException.class,
                () -> {
                  try (var server = FalconerServer.start(config)) {
                    throw new AssertionError("started on port " + server.port());
                  }
                })
            .getMessage());
  }

  private String refusal() {
    return refusal(ServerConfig.of(repository).withPorts(0, -1));
  }

  /** Changes the manifest and gives it and the files the digests that fit. */
  private void rewrite(Path folder, UnaryOperator<Manifest.Builder> change) throws IOException {
    var manifest = ManifestFile.read(folder).toBuilder();
    ManifestFile.write(folder, change.apply(manifest).build());
  }

  @Test
  void aFlippedByteInAnyFileIsRefusedAndNamed() throws IOException {
    Path folder = TinyBundle.feed(1).write(repository);
    List<Path> files;
    try (var entries = Files.list(folder)) {
      files = entries.toList();
    }
    assertEquals(6, files.size());
    for (Path file : files) {
      flip(file);
      String refusal = refusal();
      assertTrue(refusal.contains(String.valueOf(file.getFileName())), refusal);
      flip(file);
    }
    TestServer.over(repository).close();
  }

  @Test
  void anEmptyRepositoryIsRefused() {
    String refusal = refusal();

    assertTrue(refusal.contains("holds no model"), refusal);
  }

  @Test
  void aFileWithoutDigestIsRefused() throws IOException {
    Path folder = TinyBundle.feed(1).write(repository);
    Files.writeString(folder.resolve("more.bin"), "weights that nobody vouches for");

    String refusal = refusal();

    assertTrue(refusal.contains("no digest of [more.bin]"), refusal);
  }

  @Test
  void aBundleUnderAnotherNameIsRefused() throws IOException {
    Path folder = TinyBundle.feed(1).write(repository);
    Files.createDirectories(repository.resolve("ads"));
    Files.move(folder, repository.resolve("ads/1"));

    String refusal = refusal();

    assertTrue(refusal.contains("is of feed version 1, lies in ads/1"), refusal);
  }

  @Test
  void otherScoresThanTheGoldenOnesAreRefused() throws IOException {
    Path folder = TinyBundle.feed(1).write(repository);
    Path other = new TinyBundle("other", "1", 999, TinyBundle.Form.GROWING).write(repository);
    Files.copy(
        other.resolve("candidate.onnx"),
        folder.resolve("candidate.onnx"),
        java.nio.file.StandardCopyOption.REPLACE_EXISTING);
    var digest = ManifestFile.digest(folder, "candidate.onnx");
    var original = ManifestFile.read(other).toBuilder();
    original.setName("feed").clearFiles();
    for (var file : ManifestFile.read(other).getFilesList()) {
      original.addFiles(
          file.getFile().equals("candidate.onnx")
              ? digest
              : ManifestFile.digest(folder, file.getFile()));
    }
    ManifestFile.write(folder, original.build());

    String refusal = refusal();

    assertTrue(
        refusal.contains("feed version 1: golden.bin request 0: candidate 0 scores"), refusal);
  }

  @Test
  void aGraphThatReadsWhatNoColumnGivesIsRefused() throws IOException {
    Path folder = TinyBundle.feed(1).write(repository);
    rewrite(folder, manifest -> manifest.removeColumns(manifest.getColumnsCount() - 1));

    String refusal = refusal();

    assertTrue(refusal.contains("input 'context_hour' is neither a column nor a state"), refusal);
  }

  @Test
  void aMessageLimitTooSmallForAFullRequestIsRefusedWithTheNumber() throws IOException {
    TinyBundle.feed(1).write(repository);

    String refusal =
        refusal(withLimits(ServerConfig.of(repository), "auto", OptionalInt.empty(), 100_000));

    assertTrue(
        refusal.contains("a request of 4096 candidates and 32 events takes 141608 bytes"), refusal);
    assertTrue(refusal.contains("--max-message-bytes is 100000: raise it"), refusal);
  }

  @Test
  void anUnknownVariantIsRefused() throws IOException {
    TinyBundle.feed(1).write(repository);

    String refusal =
        refusal(withLimits(ServerConfig.of(repository), "int8", OptionalInt.empty(), 1 << 24));

    assertTrue(refusal.contains("no variant 'int8' of feed; there is [plain]"), refusal);
  }

  @Test
  void scoresDoNotDependOnTheMicroBatch() throws IOException {
    TinyBundle.feed(1).write(repository);
    var request = Ask.of("u", 5, 61).feed(Mode.CACHE);
    try (var oracle = new Oracle(repository.resolve("feed/1/whole.onnx"))) {
      for (int size : new int[] {1, 2, 60, 61, 62, 256}) {
        var config =
            withLimits(ServerConfig.of(repository), "plain", OptionalInt.of(size), 1 << 24);
        try (var server = new TestServer(config)) {
          assertArrayEquals(
              oracle.scores(request),
              Columns.toFloats(server.stub().rank(request).getScores()),
              TOLERANCE,
              "micro-batch " + size);
        }
      }
    }
  }

  @Test
  void aBadNewVersionChangesNothingUntilItIsRepaired() throws IOException {
    var request = Ask.of("u", 5, 6).feed(Mode.CACHE);
    try (var server = TestServer.over(repository, TinyBundle.feed(1))) {
      Path second = TinyBundle.feed(2).write(repository);
      flip(second.resolve("user.onnx"));

      server.server().pollRepository();
      server.server().pollRepository();
      assertEquals("1", server.stub().rank(request).getVersion());

      flip(second.resolve("user.onnx"));
      rewrite(second, manifest -> manifest.setManifestSha256("").setHistoryMax(31));
      server.server().pollRepository();
      assertEquals("2", server.stub().rank(request).getVersion());
    }
  }

  @Test
  void theHighestVersionIsServedAndAModelMayBeAddedOrRolledBack() throws IOException {
    var request = Ask.of("u", 5, 6).feed(Mode.CACHE);
    TinyBundle.feed(9).write(repository);
    try (var server = TestServer.over(repository, TinyBundle.feed(10))) {
      assertEquals("10", server.stub().rank(request).getVersion());

      new TinyBundle("ads", "1", 5, TinyBundle.Form.STATELESS).write(repository);
      Files.move(repository.resolve("feed/10"), repository.resolve("feed/.10"));
      server.server().pollRepository();

      assertEquals("9", server.stub().rank(request).getVersion());
      var ads = Ask.of("u", 0, 3).withoutHistory().to("ads");
      assertEquals("1", server.stub().rank(ads).getVersion());
    }
  }

  @Test
  void aVersionTakesOverUnderLoadWithItsOwnColdScores() throws Exception {
    var ask = Ask.of("user", 9, 20);
    int versions = 4;
    Map<String, float[]> expected = new ConcurrentHashMap<>();
    for (int version = 1; version <= versions; version++) {
      Path folder = TinyBundle.feed(version).write(repository.resolve("staging"));
      try (var oracle = new Oracle(folder.resolve("whole.onnx"))) {
        expected.put(Integer.toString(version), oracle.scores(ask.feed(Mode.CACHE)));
      }
    }
    Path models = Files.createDirectories(repository.resolve("models/feed"));
    Files.move(repository.resolve("staging/feed/1"), models.resolve("1"));
    try (var server = TestServer.over(repository.resolve("models"));
        var clients = Executors.newFixedThreadPool(2)) {
      var isDone = new AtomicBoolean();
      var hasBegun = new CountDownLatch(2);
      var seen = ConcurrentHashMap.<String>newKeySet();
      var traffic =
          List.of(1, 2).stream()
              .map(_ ->
                  clients.submit(() -> {
                    while (!isDone.get()) {
                      var reply = server.stub().rank(ask.feed(Mode.CACHE));
                      seen.add(reply.getVersion());
                      hasBegun.countDown();
                      assertArrayEquals(
                          expected.get(reply.getVersion()),
                          Columns.toFloats(reply.getScores()),
                          TOLERANCE);
                    }
                    return true;
                  }))
              .toList();
      try {
        hasBegun.await();
        for (int version = 2; version <= versions; version++) {
          Files.move(repository.resolve("staging/feed/" + version), models.resolve("" + version));
          server.server().pollRepository();
          var other = Ask.of("cold-" + version, 9, 20);
          var first = server.stub().rank(other.feed(Mode.CACHE));
          assertEquals(Integer.toString(version), first.getVersion());
          assertEquals(StateOutcome.MISS, first.getState());
        }
      } finally {
        isDone.set(true);
      }
      for (var client : traffic) {
        assertTrue(client.get());
      }
      assertTrue(seen.contains("1") && seen.size() > 1, seen.toString());
    }
  }
}

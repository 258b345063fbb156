package dev.falconer.server;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.falconer.bundle.BundleException;
import dev.falconer.bundle.Columns;
import dev.falconer.kernel.Isa;
import dev.falconer.kernel.NativeKernels;
import dev.falconer.kernel.VectorKernels;
import dev.falconer.server.choice.Wanted;
import dev.falconer.server.fixture.Ask;
import dev.falconer.server.fixture.Oracle;
import dev.falconer.server.fixture.TestServer;
import dev.falconer.server.fixture.TinyBundle;
import dev.falconer.server.fixture.TinyVariant;
import dev.falconer.server.fixture.TinyVariant.Product;
import dev.falconer.v1.Mode;
import dev.falconer.v1.StateOutcome;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Which variant of a model is served. */
class VariantTest {
  private static final TinyVariant PACKED = new TinyVariant("packed", Product.PACKED, 0);

  /** Not of Java, which takes seconds to be compiled. */
  private static final TinyVariant INT8 = new TinyVariant("int8", Product.PACKED_INT8, 0);

  /** Products of the plain graph, beside which a variant without any is much faster. */
  private static final int HEAVY = 6;

  @TempDir Path folder;

  private TestServer start(String variant, Isa most) throws IOException {
    var c = ServerConfig.of(folder.resolve("models"));
    var variants =
        new VariantConfig(
            Wanted.parse(variant), folder.resolve("cache"), Duration.ofMillis(40), most);
    return new TestServer(
        new ServerConfig(
            c.modelRepository(),
            0,
            0,
            Duration.ZERO,
            1,
            1 << 20,
            c.stateExpiry(),
            variants,
            OptionalInt.of(40),
            c.maxMessageBytes(),
            c.maxCandidates(),
            c.maxConcurrent(),
            c.exitTimeout()));
  }

  private TestServer start(String variant) throws IOException {
    return start(variant, Isa.AVX512VNNI);
  }

  private String refusal(String variant, Isa most) {
    return String.valueOf(
        assertThrows(BundleException.class, () -> start(variant, most).close()).getMessage());
  }

  private void write(int version, TinyVariant... variants) throws IOException {
    TinyBundle.feed(version).with(HEAVY, variants).write(folder.resolve("models"));
  }

  private Path cached() {
    return folder.resolve("cache/feed/1.json");
  }

  private static void assumeNative() {
    var kernels = NativeKernels.load(Isa.AVX512VNNI);
    assumeTrue(kernels.execution().isPresent(), kernels.notice());
  }

  /** Returns the variant of a version and what computes it, as the metrics page tells. */
  private static String served(TestServer server, int version) throws IOException {
    return server.metrics().keySet().stream()
        .filter(name -> name.startsWith("falconer_model_info"))
        .filter(name -> label(name, "version").equals(Integer.toString(version)))
        .map(name -> label(name, "variant") + ":" + label(name, "execution"))
        .findFirst()
        .orElse("none");
  }

  private static String label(String name, String label) {
    int start = name.indexOf(label + "=\"") + label.length() + 2;
    return name.substring(start, name.indexOf('"', start));
  }

  private static double speedup(TestServer server, String variant) throws IOException {
    int colon = variant.indexOf(':');
    String metric =
        "falconer_variant_speedup{execution=\"%s\",model=\"feed\",variant=\"%s\",version=\"1\"}"
            .formatted(variant.substring(colon + 1), variant.substring(0, colon));
    return server.metrics().getOrDefault(metric, Double.NaN);
  }

  private void assertScores(TestServer server, double tolerance) {
    var request = Ask.of("u", 5, 61).feed(Mode.CACHE);
    try (var oracle = new Oracle(folder.resolve("models/feed/1/whole.onnx"))) {
      assertArrayEquals(
          oracle.scores(request),
          Columns.toFloats(server.stub().rank(request).getScores()),
          (float) tolerance);
    }
  }

  @Test
  void theFastestIsServedAndTheRatiosAreTold() throws IOException {
    assumeNative();
    write(1, new TinyVariant("heavier", Product.DENSE, 2 * HEAVY), INT8);

    try (var server = start("auto")) {
      assertEquals("int8:native", served(server, 1));
      assertTrue(speedup(server, "int8:native") > 1.02, "of " + server.metrics());
      assertTrue(speedup(server, "heavier:onnxruntime") < 1, "of " + server.metrics());
      assertScores(server, .05);
    }
  }

  /** State that follows from the plain one's is encoded, kept and extended with it. */
  @Test
  void aVariantMayReadMoreStateThanThePlainOne() throws IOException {
    write(1, new TinyVariant("halved", Product.HALVED, 0));

    try (var server = start("auto");
        var oracle = new Oracle(folder.resolve("models/feed/1/whole.onnx"))) {
      assertEquals("halved:onnxruntime", served(server, 1));
      var outcomes = new ArrayList<StateOutcome>();
      for (int events : new int[] {5, 5, 8, 0}) {
        var request = Ask.of("u", events, 61).feed(Mode.CACHE);
        var response = server.stub().rank(request);
        outcomes.add(response.getState());
        assertArrayEquals(
            oracle.scores(request), Columns.toFloats(response.getScores()), 1e-5f, "" + events);
      }
      assertEquals(
          List.of(StateOutcome.MISS, StateOutcome.HIT, StateOutcome.EXTEND, StateOutcome.MISS),
          outcomes);
    }
  }

  @Test
  void thePlainOneIsServedWhereAllOthersAreSlower() throws IOException {
    write(1, new TinyVariant("heavier", Product.PACKED_INT8, 2 * HEAVY));

    try (var server = start("auto")) {
      assertEquals("plain:onnxruntime", served(server, 1));
    }
  }

  @Test
  void whatBreaksItsPromiseIsNotServedHoweverFast() throws IOException {
    write(1, new TinyVariant("wrong", Product.WRONG, 0));

    try (var server = start("auto")) {
      assertEquals("plain:onnxruntime", served(server, 1));
      assertScores(server, 1e-5);
    }
    String refusal = refusal("wrong", Isa.AVX512VNNI);
    assertTrue(refusal.contains("golden.bin request 0: candidate 0 scores 0.5 in"), refusal);
    assertTrue(refusal.contains("is more than 1.0012"), refusal);
  }

  @Test
  void aNamedVariantIsServed() throws IOException {
    assumeNative();
    write(1, PACKED, INT8);

    try (var server = start("plain")) {
      assertEquals("plain:onnxruntime", served(server, 1));
    }
    try (var server = start("packed")) {
      assertEquals("packed:native", served(server, 1));
      assertScores(server, 1e-5);
    }
    try (var server = start("int8:native")) {
      assertScores(server, .05);
    }
    assertFalse(Files.exists(cached()), "nothing was measured");
  }

  @Test
  void aNamedVariantThatIsNotThereIsRefusedWithThoseThatAre() throws IOException {
    assumeNative();
    write(1, PACKED);

    String unknown = refusal("int8", Isa.AVX512VNNI);
    assertTrue(
        unknown.contains("no variant 'int8' of feed; there is [plain, packed:java, packed:native]"),
        unknown);
    String capped = refusal("packed:native", Isa.JAVA);
    assertTrue(
        capped.contains(
            "no variant 'packed:native' of feed; there is [plain, packed:java];"
                + " no native kernels: FALCONER_MAX_ISA is java"),
        capped);
    String foreign = refusal("plain:java", Isa.JAVA);
    assertTrue(foreign.contains("no variant 'plain:java'"), foreign);
  }

  @Test
  void whatJavaCannotComputeIsServedByNativeCodeAlone() throws IOException {
    assumeNative();
    write(1, INT8);

    try (var server = start("auto")) {
      assertEquals("int8:native", served(server, 1));
      assertTrue(Double.isNaN(speedup(server, "int8:java")));
    }
    try (var server = start("auto", Isa.JAVA)) {
      assertEquals("plain:onnxruntime", served(server, 1));
    }
    String refusal = refusal("int8:java", Isa.AVX512VNNI);
    assertTrue(refusal.contains("candidate.int8.onnx: "), refusal);
    assertTrue(refusal.contains("doesn't multiply DENSE in int8"), refusal);
  }

  @Test
  void withoutNativeCodeVectorsInJavaServe() throws IOException {
    assumeTrue(VectorKernels.of(Isa.JAVA).execution().isPresent());
    write(1, PACKED);

    try (var server = start("auto", Isa.JAVA)) {
      assertEquals("packed:java", served(server, 1));
      assertScores(server, 1e-5);
    }
  }

  @Test
  void whatOpensAndFailsIsNotServed() throws IOException {
    assumeNative();
    write(1, new TinyVariant("misfit", Product.MISFIT, 0));

    try (var server = start("auto")) {
      assertEquals("plain:onnxruntime", served(server, 1));
      assertScores(server, 1e-5);
    }
    String refusal = refusal("misfit:native", Isa.AVX512VNNI);
    assertTrue(refusal.contains("x is [1, 1, 8], want 9 columns"), refusal);
  }

  @Test
  void whatPromisesRoughScoresIsServedWhereItIsNamedAlone() throws IOException {
    write(1, new TinyVariant("rough", Product.ROUGH, 0));

    try (var server = start("auto")) {
      assertEquals("plain:onnxruntime", served(server, 1));
    }
    try (var server = start("rough")) {
      assertEquals("rough:onnxruntime", served(server, 1));
    }
  }

  @Test
  void operatorsOfAnotherSetAreLeftAlone() throws IOException {
    write(1, new TinyVariant("foreign", Product.FOREIGN, 0));

    try (var server = start("auto")) {
      assertEquals("plain:onnxruntime", served(server, 1));
    }
  }

  @Test
  void aMeasuredChoiceHoldsUntilSomethingItDependsOnChanges() throws IOException {
    assumeNative();
    write(1, INT8);
    start("auto").close();
    String first = Files.readString(cached());

    // Were it measured again, the plain one would not be chosen.
    Files.writeString(cached(), plain(first));
    try (var server = start("auto")) {
      assertEquals("plain:onnxruntime", served(server, 1));
      assertTrue(speedup(server, "int8:native") > 0, "the times are of the file");
    }

    Files.writeString(cached(), plain(first).replaceFirst("\"cpu\": \"", "$0another "));
    try (var server = start("auto")) {
      assertEquals("int8:native", served(server, 1));
    }
    Files.writeString(cached(), "{");
    try (var server = start("auto")) {
      assertEquals("int8:native", served(server, 1));
    }
    assertTrue(Files.readString(cached()).contains("\"manifest\""), "written anew");
  }

  @Test
  void aVersionOrProgramBuiltAnewInItsPlaceIsMeasuredAgain() throws IOException {
    assumeNative();
    write(1, INT8);
    start("auto").close();
    String first = plain(Files.readString(cached())); // of what isn't measured anew

    Files.writeString(cached(), first.replaceFirst("\"build\": \"", "$0another "));
    try (var server = start("auto")) {
      assertEquals("int8:native", served(server, 1));
    }
    Files.writeString(cached(), first);
    Files.move(folder.resolve("models/feed/1"), folder.resolve("before"));
    write(1, INT8, new TinyVariant("heavier", Product.DENSE, 2 * HEAVY));
    try (var server = start("auto")) {
      assertEquals("int8:native", served(server, 1));
    }
  }

  private static String plain(String json) {
    String key =
        "(\"choice\": \\{\\s+\"key\": \\{\\s+\"variant\": \")int8(\",\\s+\"by\": \")[A-Z]+";
    String changed = json.replaceFirst(key, "$1plain$2ONNX_RUNTIME");
    assertFalse(changed.equals(json), json);
    return changed;
  }

  @Test
  void aKeptChoiceThatCannotBeServedIsMeasuredAgain() throws IOException {
    assumeNative();
    write(1, INT8, new TinyVariant("wrong", Product.WRONG, 0));
    start("auto").close();

    Files.writeString(
        cached(), plain(Files.readString(cached())).replaceFirst("\"plain\"", "\"wrong\""));
    try (var server = start("auto")) {
      assertEquals("int8:native", served(server, 1));
    }
  }

  @Test
  void aNewVersionBringsItsOwnChoice() throws IOException {
    assumeNative();
    write(1, INT8);
    try (var server = start("auto")) {
      double before = speedup(server, served(server, 1));
      assertTrue(before > 1, "of " + server.metrics());

      write(2, new TinyVariant("heavier", Product.DENSE, 2 * HEAVY));
      server.server().pollRepository();

      assertEquals("plain:onnxruntime", served(server, 2));
      assertEquals("none", served(server, 1));
      assertTrue(
          server.metrics().keySet().stream()
              .filter(name -> name.startsWith("falconer_variant_speedup"))
              .allMatch(name -> label(name, "version").equals("2")),
          "of " + server.metrics());
    }
  }
}

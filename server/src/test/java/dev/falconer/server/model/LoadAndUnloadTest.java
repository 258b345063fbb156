package dev.falconer.server.model;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.falconer.server.fixture.TinyBundle;
import dev.falconer.server.fixture.TinyVariant;
import dev.falconer.server.fixture.TinyVariant.Product;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Versions with operators that come and go, in a program of their own. */
class LoadAndUnloadTest {
  private static final long MOST_GROWTH = 8 << 20;

  @TempDir Path folder;

  @Test
  void unloadingGivesTheMemoryBack() throws IOException {
    // Java's vectors, which take seconds to be compiled, are for the long test.
    assertGivesBack(30, new TinyVariant("int8", Product.PACKED_INT8, 0));
  }

  @Tag("long")
  @Test
  void aThousandTimesGiveTheMemoryBack() throws IOException {
    assertGivesBack(
        1000,
        new TinyVariant("packed", Product.PACKED, 0),
        new TinyVariant("int8", Product.PACKED_INT8, 0));
  }

  private void assertGivesBack(int times, TinyVariant... variants) throws IOException {
    Path version = TinyBundle.feed(1).with(1, variants).write(folder.resolve("models"));
    var command =
        List.of(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "-Xms128m",
            "-Xmx128m",
            "-XX:+AlwaysPreTouch",
            "--enable-native-access=ALL-UNNAMED",
            "--add-modules=jdk.incubator.vector",
            LoadAndUnload.class.getName(),
            version.toString(),
            folder.resolve("cache").toString(),
            Integer.toString(times));
    var builder = new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.DISCARD);
    builder.environment().put("CLASSPATH", System.getProperty("java.class.path"));
    builder.environment().put("ORT_DISABLE_TELEMETRY", "1");

    var said = builder.start().inputReader().lines().toList();

    assertEquals(2, said.size(), "the program said " + said);
    assertEquals(Integer.toString(times), said.getFirst(), "models closed");
    long growth = Long.parseLong(said.getLast());
    assertTrue(growth < MOST_GROWTH, "memory outside the heap grew by " + growth + " bytes");
  }
}

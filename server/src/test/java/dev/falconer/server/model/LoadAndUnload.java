package dev.falconer.server.model;

import dev.falconer.kernel.Isa;
import dev.falconer.server.choice.ChoiceRules;
import dev.falconer.server.choice.Wanted;
import dev.falconer.server.engine.OrtEngine;
import dev.falconer.server.memory.Slabs;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.OptionalInt;
import java.util.concurrent.atomic.AtomicInteger;
import javax.management.JMException;
import javax.management.ObjectName;

/**
 * A program that loads a version and unloads it over and over, its variants measured every time.
 * Prints how many closed, and by how many bytes the least memory outside the heap of the last third
 * is above that of the second: Java's compiler takes some for a moment at any time.
 */
final class LoadAndUnload {
  private LoadAndUnload() {}

  /** Takes the version folder, a folder for nothing, and how often. */
  public static void main(String[] arguments) throws IOException, JMException {
    var closed = new AtomicInteger();
    var loader =
        new ModelLoader(
            new OrtEngine(Isa.AVX512VNNI),
            new Slabs(1 << 20),
            new ModelLoader.Limits(OptionalInt.of(40), 100, 1 << 20),
            ChoiceRules.of(
                new Wanted.Fastest(), Path.of(arguments[1]), Duration.ofMillis(5), Map.of()),
            _ -> closed.incrementAndGet());
    int times = Integer.parseInt(arguments[2]);
    long[] least = {Long.MAX_VALUE, Long.MAX_VALUE, Long.MAX_VALUE};
    for (int i = 0; i < times; i++) {
      loader.load(Path.of(arguments[0])).release();
      Files.deleteIfExists(Path.of(arguments[1], "feed", "1.json"));
      if (i % (times / 30) == 0) {
        int third = 3 * i / times;
        least[third] = Math.min(least[third], anonymousBytes());
      }
    }
    System.out.println(closed.get());
    System.out.println(least[2] - least[1]);
  }

  /** Resident memory of no file, of which the heap is a fixed part, once all free is given back. */
  private static long anonymousBytes() throws IOException, JMException {
    System.gc(); // also frees what belonged to threads that ended
    ManagementFactory.getPlatformMBeanServer()
        .invoke(
            new ObjectName("com.sun.management:type=DiagnosticCommand"),
            "systemTrimNativeHeap",
            null,
            null);
    return Files.readAllLines(Path.of("/proc/self/status")).stream()
        .filter(line -> line.startsWith("RssAnon:"))
        .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")) << 10)
        .findFirst()
        .orElseThrow();
  }
}

package dev.falconer.kernel;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Many runs from many threads under each collector, in programs of their own. */
class EnduranceTest {
  private static final long MOST_GROWTH = 8 << 20;

  @ParameterizedTest
  @CsvSource({"G1, native", "Z, native"})
  void resultsStayTheSameAndMemoryToo(String collector, String by) throws IOException {
    assertEndures(collector, by, 7_200);
  }

  @Tag("long")
  @ParameterizedTest
  @CsvSource({"G1, native", "Z, native", "G1, java", "Z, java"})
  void aMillionRunsChangeNothing(String collector, String by) throws IOException {
    assertEndures(collector, by, 1_000_000);
  }

  private static void assertEndures(String collector, String by, int runs) throws IOException {
    boolean isThere =
        by.equals("native")
            ? NativeKernels.load(Isa.AVX512VNNI).execution().isPresent()
            : VectorKernels.of(Isa.JAVA).execution().isPresent();
    assumeTrue(isThere, "nothing computes by " + by);
    var options = new ArrayList<>(Program.VECTORS);
    options.addAll(
        List.of("-XX:+Use" + collector + "GC", "-Xms192m", "-Xmx192m", "-XX:+AlwaysPreTouch"));

    List<String> said = Program.said(Endurance.class, options, by, Integer.toString(runs));

    assertEquals(2, said.size(), "the program said " + said);
    assertEquals("0", said.getFirst(), "results that differ");
    long growth = Long.parseLong(said.getLast());
    assertTrue(growth < MOST_GROWTH, "memory outside the heap grew by " + growth + " bytes");
  }
}

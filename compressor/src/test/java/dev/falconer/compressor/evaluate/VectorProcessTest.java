package dev.falconer.compressor.evaluate;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.falconer.compressor.evaluate.ModelBenchmark.Time;
import dev.falconer.compressor.onnx.Runner;
import dev.falconer.kernel.Isa;
import dev.falconer.kernel.VectorKernels;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class VectorProcessTest {
  @BeforeEach
  void assumeVectors() {
    VectorKernels vectors = VectorKernels.of(Isa.most(System.getenv()));
    assumeTrue(vectors.execution().isPresent(), vectors.notice());
  }

  @Test
  void aGraphIsTimedByVectorsInAProcessOfItsOwn() {
    try (VectorProcess process = VectorProcess.start()) {
      assertTrue(process.toString().startsWith("Java, vectors of "), process.toString());
      int first = process.open(CandidateDomainTest.product("none"));
      int second = process.open(CandidateDomainTest.product("relu"));
      int call = process.warm(second, CandidateDomainTest.FEEDS);
      process.warm(first, CandidateDomainTest.FEEDS);

      List<Time> times = process.time(call);

      assertTrue(times.size() >= 3, times.toString());
      times.forEach(time -> assertTrue(time.wallMillis() > 0, times.toString()));
    }
  }

  @Test
  void whatIsRefusedLeavesTheProcessAlive() {
    try (VectorProcess process = VectorProcess.start()) {
      var refusal =
          assertThrows(
              IllegalArgumentException.class,
              () -> process.open(CandidateDomainTest.product("swoosh")));
      assertTrue(refusal.getMessage().contains("activation \"swoosh\""), refusal.getMessage());

      int graph = process.open(CandidateDomainTest.product("none"));
      var lack = assertThrows(IllegalArgumentException.class, () -> process.warm(graph, Map.of()));
      assertTrue(lack.getMessage().contains("the model reads [x], got []"), lack.getMessage());
      assertEquals(0, process.warm(graph, CandidateDomainTest.FEEDS));
    }
  }

  @Test
  void aDeadProcessIsSaid() {
    try (VectorProcess process = VectorProcess.start()) {
      ProcessHandle.current().children().forEach(ProcessHandle::destroyForcibly);

      var died = assertThrows(Runner.Died.class, () -> process.time(0));

      assertTrue(died.getMessage().contains("SIGKILL"), died.getMessage());
    }
  }
}

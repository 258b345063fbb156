package dev.falconer.kernel.bench;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.falconer.kernel.Isa;
import java.io.IOException;
import org.junit.jupiter.api.Test;

class FamilyProcessTest {
  private static final Shape SHAPE = new Shape(3, 32, 24);

  @Test
  void aKilledProcessIsAnErrorThatSaysSo() throws IOException {
    try (FamilyProcess process = FamilyProcess.start(Family.NATIVE, Isa.AVX512VNNI, 2)) {
      process.awaitReady();
      ProcessHandle.current().children().forEach(ProcessHandle::destroyForcibly);

      var died = assertThrows(FamilyProcess.Died.class, () -> process.run(SHAPE));

      assertTrue(
          died.getMessage().startsWith("the process that measures native was killed, "),
          died.getMessage());
      assertTrue(died.getMessage().contains("at m=3 k=32 n=24"), died.getMessage());
      assertFalse(died.isInterrupted());
    }
  }

  @Test
  void whatAFailedProcessSaidIsInTheError() throws IOException {
    try (FamilyProcess process = FamilyProcess.start(Family.NATIVE, Isa.AVX512VNNI, 2)) {
      process.awaitReady();

      var died = assertThrows(FamilyProcess.Died.class, () -> process.run(new Shape(3, 8, -24)));

      assertTrue(died.getMessage().contains("ended, status 1, "), died.getMessage());
      assertTrue(died.getMessage().contains("Exception"), died.getMessage());
    }
  }

  @Test
  void aStoppedProcessIsNoError() throws IOException {
    FamilyProcess process = FamilyProcess.start(Family.NATIVE, Isa.AVX512VNNI, 2);
    process.close();

    assertTrue(assertThrows(FamilyProcess.Died.class, () -> process.run(SHAPE)).isInterrupted());
  }
}

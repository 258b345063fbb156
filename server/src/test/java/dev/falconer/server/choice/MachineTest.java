package dev.falconer.server.choice;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import java.util.List;
import org.junit.jupiter.api.Test;

class MachineTest {
  @Test
  void theFirstProcessorIsNamedWithWhatVectorsItHas() {
    var machine =
        Machine.of(
            List.of(
                "processor\t: 0",
                "cpu family\t: 25",
                "model\t\t: 17",
                "model name\t: AMD EPYC",
                "stepping\t: 1",
                "flags\t\t: fpu sse2 ssse3 sse4_1 fma avx2 avx512_vnni bmi2 avx",
                "bogomips\t: 5192.29",
                "",
                "processor\t: 1",
                "model name\t: another"));

    assertEquals(
        new Machine("AMD EPYC, family 25, model 17, stepping 1", "avx avx2 avx512_vnni fma sse4_1"),
        machine);
  }

  @Test
  void aFileOfAnotherKindStillNamesSomething() {
    assertEquals("unknown, family ?, model ?, stepping ?", Machine.of(List.of("x: y")).cpu());
    assertFalse(Machine.here().cpu().isEmpty());
  }
}

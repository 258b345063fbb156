package dev.falconer.compressor.solver;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.List;
import org.junit.jupiter.api.Test;

class PatternTest {
  @Test
  void readsAndPrintsNOfM() {
    assertEquals(new Pattern(2, 4), Pattern.parse("2:4"));
    assertEquals("8:32", Pattern.parse("8:32").toString());
  }

  @Test
  void keepsTheCeilingOfItsShareInAShortGroup() {
    var pattern = new Pattern(2, 8);

    assertEquals(2, pattern.keptOf(8));
    assertEquals(2, pattern.keptOf(5));
    assertEquals(1, pattern.keptOf(4));
    assertEquals(1, pattern.keptOf(1));
  }

  @Test
  void refusesWhatIsNoPattern() {
    for (String text : List.of("", "4", "0:4", "4:4", "5:4", "2:4:8", "a:b", "-1:4")) {
      assertThrows(IllegalArgumentException.class, () -> Pattern.parse(text), text);
    }
    assertThrows(IllegalArgumentException.class, () -> PruningSolver.parse("obs"));
    assertEquals(new Wanda(), PruningSolver.parse("wanda"));
  }
}

package dev.falconer.compressor.solver;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.List;
import org.junit.jupiter.api.Test;

class PatternTest {
  @Test
  void readsAndPrintsNOfM() {
    assertEquals(new Pattern.NofM(2, 4), Pattern.parse("2:4"));
    assertEquals("8:32", Pattern.parse("8:32").toString());
  }

  @Test
  void keepsTheCeilingOfItsShareInAShortGroup() {
    var pattern = new Pattern.NofM(2, 8);

    assertEquals(2, pattern.keptOf(8));
    assertEquals(2, pattern.keptOf(5));
    assertEquals(1, pattern.keptOf(4));
    assertEquals(1, pattern.keptOf(1));
  }

  @Test
  void readsAndPrintsEveryForm() {
    assertEquals(new Pattern.Unstructured(.7, Pattern.Scope.DEFAULT), Pattern.parse("70%"));
    assertEquals(new Pattern.Unstructured(.625, Pattern.Scope.ROW), Pattern.parse("62.5%row"));
    assertEquals(new Pattern.Transposable(8, 16), Pattern.parse("8:16t"));
    assertEquals(new Pattern.Panel(16, .25), Pattern.parse("panel16@0.25"));
    assertEquals(new Pattern.Panel(16, .25), Pattern.parse("panel16@.25"));
    assertEquals(new Pattern.Panel(16, .25), Pattern.parse("panel16x1@.25"));
    assertEquals(new Pattern.Panel(16, 4, .25), Pattern.parse("panel16x4@0.25"));
    assertEquals(new Pattern.Block(4, 8, .5), Pattern.parse("block4x8@0.5"));
    for (String text :
        List.of(
            "2:4",
            "70%",
            "57%row",
            "62.5%layer",
            "8:16t",
            "panel16@0.25",
            "panel16x4@0.25",
            "block4x8@1")) {
      assertEquals(text, Pattern.parse(text).toString());
    }
  }

  @Test
  void refusesLayersWhoseSidesItDoesNotDivide() {
    assertThrows(IllegalArgumentException.class, () -> Pattern.parse("2:4t").checkFits(6, 8));
    assertThrows(IllegalArgumentException.class, () -> Pattern.parse("2:4t").checkFits(8, 6));
    assertThrows(
        IllegalArgumentException.class, () -> Pattern.parse("block4x8@0.5").checkFits(8, 12));
    assertThrows(IllegalArgumentException.class, () -> Pattern.parse("2:4").checkFitsWhole(8, 6));
    Pattern.parse("2:4").checkFits(8, 6);
    Pattern.parse("panel16@0.5").checkFitsWhole(20, 6);
  }

  @Test
  void refusesWhatIsNoPattern() {
    for (String text :
        List.of(
            "",
            "4",
            "0:4",
            "4:4",
            "5:4",
            "2:4:8",
            "a:b",
            "-1:4",
            "2:4T",
            "100%",
            "-5%",
            "70%col",
            "0:4t",
            "2:128t",
            "panel16@0",
            "panel0@0.5",
            "panel16@1.5",
            "panel16x0@0.5",
            "panel16x@0.5",
            "block0x4@0.5",
            "99999999999:999999999999")) {
      assertThrows(IllegalArgumentException.class, () -> Pattern.parse(text), text);
    }
    assertThrows(IllegalArgumentException.class, () -> PruningSolver.parse("obs"));
    assertEquals(new Wanda(), PruningSolver.parse("wanda"));
  }
}

package dev.falconer.compressor.pack;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.falconer.compressor.axes.Poly;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class ArrangementTest {
  private static final Poly M = Poly.symbol("m");

  @Test
  void headsAreTakenApartAndPutTogether() {
    Arrangement x = Arrangement.ofRows(lengths(1, M, 16));

    Arrangement apart = x.regrouped(lengths(1, M, 4, 4)).orElseThrow();
    Arrangement turned = apart.transposed(new long[] {0, 2, 1, 3});

    assertEquals(List.of(Atom.feature(4, Poly.of(4))), turned.axis(1));
    assertEquals(List.of(Atom.feature(1, Poly.of(4))), turned.axis(3));
    assertFalse(turned.isFlat());
    Arrangement back = turned.transposed(new long[] {0, 2, 1, 3});
    assertEquals(Optional.of(x), back.regrouped(lengths(1, M, 16)));
    assertTrue(x.isFlat());
  }

  @Test
  void headsOfTheSameLengthAsTheirElementsAreNotTakenForThem() {
    Arrangement apart =
        Arrangement.ofRows(lengths(M, 16)).regrouped(lengths(M, 4, 4)).orElseThrow();

    Arrangement wrong = apart.transposed(new long[] {0, 2, 1});

    assertFalse(wrong.regrouped(lengths(M, 16)).orElseThrow().isFlat());
  }

  @Test
  void rowsAreMergedAndTakenApartOnlyWhereTheyWereMerged() {
    Arrangement x = Arrangement.ofRows(lengths(M, 6, 8));

    Arrangement merged = x.regrouped(lengths(M.times(Poly.of(6)), 8)).orElseThrow();

    assertEquals(Optional.of(x), merged.regrouped(lengths(M, 6, 8)));
    assertEquals(Optional.empty(), merged.regrouped(lengths(M.times(Poly.of(2)), 3, 8)));
    assertTrue(merged.isFlat());
  }

  @Test
  void axesOfLengthOneComeAndGo() {
    Arrangement x = Arrangement.ofRows(lengths(M, 8));

    Arrangement wide = x.regrouped(lengths(1, M, 1, 8)).orElseThrow();

    assertEquals(Optional.of(new Exit(List.of(-1L, 8L))), Exit.of(wide, x));
    assertEquals(Optional.of(Exit.NONE), Exit.of(x, x));
    assertEquals(Optional.empty(), Exit.of(wide, wide.transposed(new long[] {0, 3, 2, 1})));
  }

  private static List<Poly> lengths(Object... lengths) {
    var polys = new ArrayList<Poly>();
    for (Object length : lengths) {
      polys.add(length instanceof Poly poly ? poly : Poly.of((Integer) length));
    }
    return polys;
  }
}

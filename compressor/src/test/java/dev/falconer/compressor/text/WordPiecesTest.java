package dev.falconer.compressor.text;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.List;
import org.junit.jupiter.api.Test;

class WordPiecesTest {
  private static final int CHARACTERS = 64;

  @Test
  void neighboursThatStandTogetherMostOftenBecomeOnePiece() {
    List<String> text = List.of("tot tot tot tot ton ton ton");

    var pieces = new WordPieces(text, CHARACTERS + 2);

    // t+o of seven words, then to+t of four.
    int[] tot = pieces.encode(List.of("tot"));
    int[] ton = pieces.encode(List.of("ton"));
    assertArrayEquals(new int[] {CHARACTERS + 1}, tot);
    assertEquals(2, ton.length);
    assertEquals(CHARACTERS, ton[0]);
  }

  @Test
  void aWordNeverSeenFallsIntoItsPieces() {
    var pieces = new WordPieces(List.of("tot tot tot ton ton ton"), CHARACTERS + 1);

    assertEquals(4, pieces.encode(List.of("atop,")).length);
    assertEquals(1, pieces.encode(List.of(".")).length);
  }

  @Test
  void aCharacterOutsideTheAlphabetIsNamed() {
    var pieces = new WordPieces(List.of("tot"), CHARACTERS);

    assertThrows(IllegalArgumentException.class, () -> pieces.encode(List.of("tot9")));
  }
}

package dev.falconer.compressor.text;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;
import java.util.zip.GZIPInputStream;

/**
 * The definitions and quotations of the GNU Collaborative International Dictionary of English, in
 * the dictionary's order, as lower-case sentences of plain words.
 */
final class DictionaryProse {
  private static final Path FILE = Path.of("/usr/share/dictd/gcide.dict.dz");
  private static final int LEAST_WORDS = 6;

  /** Pronunciations, etymologies and labels; who is quoted. */
  private static final Pattern APPARATUS =
      Pattern.compile("\\\\[^\\\\\\n]*\\\\|\\[[^\\[\\]]*]|\\([^()]*\\)|--[^\\n]*|[{}\"]");

  /** Paragraphs end sentences too. */
  private static final Pattern BETWEEN_SENTENCES =
      Pattern.compile("[.?!]\\s|\\n\\s*\\n|\\n(?=\\S)");

  private static final Pattern PLAIN = Pattern.compile("[a-z][a-z ,;:'-]*");
  private static final Pattern MARK = Pattern.compile("[,;:]");
  private static final Pattern SPACE = Pattern.compile("\\s+");

  private DictionaryProse() {}

  /** Returns the installed dictionary's sentences; skips the test where it isn't installed. */
  static List<String> installed() throws IOException {
    assumeTrue(
        Files.exists(FILE),
        "no " + FILE + ": it comes with Debian's package dict-gcide, apt-get install dict-gcide");
    try (var file = new GZIPInputStream(Files.newInputStream(FILE))) {
      return sentences(new String(file.readAllBytes(), StandardCharsets.UTF_8));
    }
  }

  /** Returns the sentences of a dictionary's text; words and marks are parted by one space. */
  static List<String> sentences(String dictionary) {
    String prose = APPARATUS.matcher(dictionary).replaceAll("");
    var sentences = new ArrayList<String>();
    for (String piece : BETWEEN_SENTENCES.splitAsStream(prose).toList()) {
      String spaced = MARK.matcher(piece.toLowerCase(Locale.ROOT)).replaceAll(" $0 ");
      String sentence = SPACE.matcher(spaced).replaceAll(" ").strip();
      if (PLAIN.matcher(sentence).matches()
          && !sentence.startsWith("syn :")
          && SPACE.split(sentence).length >= LEAST_WORDS) {
        sentences.add(sentence + " .");
      }
    }
    return sentences;
  }
}

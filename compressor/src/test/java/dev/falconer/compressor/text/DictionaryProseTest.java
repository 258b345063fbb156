package dev.falconer.compressor.text;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import org.junit.jupiter.api.Test;

class DictionaryProseTest {
  private static final String ENTRY =
      """
      Benefit \\Ben"e*fit\\, n. [OE. benefet, F.
         bienfait; bene well (adv. of bonus good). See {Fact}.]
         1. An act of kindness; a favor
            conferred (in law).
            [1913 Webster]

                  Bless the Lord, O my soul, and forget not.
                                                   --Ps. ciii. 2.

         Syn: Profit; service; use; avail; fruit; gain.

      Benefit \\Ben"e*fit\\, v. t.
         To be beneficial to 12 other people or so.
         To do good to; to be useful to
      Benefiter \\Ben"e*fit`er\\, n.
      """;

  @Test
  void definitionsAndQuotationsStayAndTheApparatusGoes() {
    assertEquals(
        List.of(
            "an act of kindness ; a favor conferred .",
            "bless the lord , o my soul , and forget not .",
            "to do good to ; to be useful to ."),
        DictionaryProse.sentences(ENTRY));
  }
}

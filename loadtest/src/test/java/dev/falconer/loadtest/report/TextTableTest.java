package dev.falconer.loadtest.report;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;

class TextTableTest {
  @Test
  void alignsColumns() {
    var table = new TextTable("mode", "p50").row("cache", "1.25").row("whole", "310");

    assertEquals(
        """
        mode    p50
        -----------
        cache  1.25
        whole   310
        """,
        table.toString());
  }
}

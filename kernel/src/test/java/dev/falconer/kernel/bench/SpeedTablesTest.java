package dev.falconer.kernel.bench;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.List;
import org.junit.jupiter.api.Test;

class SpeedTablesTest {
  private static final Shape SMALL = new Shape(1, 100, 100);
  private static final Shape LARGE = new Shape(10, 100, 100);

  /** 20,000 and 200,000 operations; the peak in float32 is 10 a nanosecond, in int8 40. */
  private static final List<Result> RESULTS =
      List.of(
          new Result(SMALL, "float32 dense", "ONNX Runtime", 1, 4, 4, 10, .25),
          new Result(SMALL, "int8 dense", "ONNX Runtime", 1, 2, 4, 40, .25),
          new Result(SMALL, "float32 panel16 0.5", "native", .5, 5, 4, 10, .25),
          new Result(SMALL, "int8 dense", "native", 1, 1, 4, 40, .25),
          new Result(LARGE, "float32 dense", "ONNX Runtime", 1, 24, 24, 10, .25),
          new Result(LARGE, "int8 dense", "ONNX Runtime", 1, 12, 24, 40, .25),
          new Result(LARGE, "float32 panel16 0.5", "native", .5, 16, 24, 10, .25),
          new Result(LARGE, "int8 dense", "native", 1, 8, 24, 40, .25),
          new Result(LARGE, "float32 panel16 0.5", "Java", .5, 12, 24, 0, .25));

  @Test
  void formsHaveMediansAndRangesOverShapes() {
    assertEquals(
        """
        | form                | by           | speed-up | range        | over int8 | of peak | range    |
        |---------------------|--------------|----------|--------------|-----------|---------|----------|
        | float32 dense       | ONNX Runtime |     1.00 | 1.00 to 1.00 |           |    67 % | 50 to 83 |
        | int8 dense          | ONNX Runtime |     2.00 | 2.00 to 2.00 |      1.00 |    33 % | 25 to 42 |
        | float32 panel16 0.5 | native       |     1.15 | 0.80 to 1.50 |           |    41 % | 20 to 63 |
        | int8 dense          | native       |     3.50 | 3.00 to 4.00 |      1.75 |    56 % | 50 to 63 |
        | float32 panel16 0.5 | Java         |     2.00 | 2.00 to 2.00 |           |         |          |
        """,
        printed(1));
  }

  @Test
  void aShapeHasItsBestFormAndThoseThatAreLeftDense() {
    assertEquals(
        """
        | m  | k   | n   | best       | by     | speed-up | slower than float32 dense |
        |----|-----|-----|------------|--------|----------|---------------------------|
        |  1 | 100 | 100 | int8 dense | native |     4.00 | float32 panel16 0.5 0.80  |
        | 10 | 100 | 100 | int8 dense | native |     3.00 |                           |
        1 of 4, a form on a shape each, are left to ONNX Runtime's float32 dense, which is faster there than all of our kernels. None is below 1.00 then.
        """,
        printed(2));
  }

  @Test
  void thePeaksAreNamed() {
    assertEquals(
        "Medians and ranges over 2 shapes. Speed-up over float32 dense and over int8 dense of ONNX"
            + " Runtime; share of the peak of the work on weights that are not 0. Peaks: loops,"
            + " float32 10 GFLOP/s, int8 40 GOP/s. The measuring thread waited for a core 25 % of the"
            + " time; its CPU time counts.\n",
        printed(0));
  }

  @Test
  void aResultComesBackFromItsJson() {
    Result result = RESULTS.get(2);

    assertEquals(result, Result.parse(result.json()));
    assertTrue(result.json().contains("\"speedup\": 0.800"), result.json());
    assertTrue(result.json().contains("\"share\": 0.2000"), result.json());
    assertTrue(RESULTS.getLast().json().contains("\"share\": null"));
    var error = assertThrows(IllegalArgumentException.class, () -> Result.parse("nothing"));
    assertEquals("want a result in JSON, got nothing", error.getMessage());
  }

  /** Returns a part of what is printed: the introduction, the forms or the shapes. */
  private static String printed(int part) {
    var text = new StringWriter();
    new SpeedTables(RESULTS).print(new PrintWriter(text, true), "loops");
    String[] parts = text.toString().split("(?<=\n)\n", -1);
    assertEquals(3, parts.length, text.toString());
    return parts[part];
  }
}

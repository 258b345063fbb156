package dev.falconer.compressor.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.falconer.compressor.data.NpyFile;
import dev.falconer.compressor.onnx.DType;
import dev.falconer.compressor.onnx.NumericTensor;
import dev.falconer.compressor.onnx.Shape;
import dev.falconer.compressor.onnx.TensorData;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import picocli.CommandLine;

class SolveCommandTest {
  private static final int OUT = 32;
  private static final int IN = 48;

  @TempDir Path folder;

  private double[] weight = {};
  private double[] gram = {};
  private String output = "";
  private String problems = "";

  @BeforeEach
  void writeALayer() throws IOException {
    var random = new Random(4);
    weight = random.doubles(OUT * IN).map(u -> (float) (u - .5)).toArray();
    gram = new double[IN * IN];
    for (int n = 0; n < 4 * IN; n++) {
      var x = new double[IN];
      for (int i = 0; i < IN; i++) {
        x[i] = (i == 0 ? 0 : .8 * x[i - 1]) + random.nextGaussian();
      }
      for (int i = 0; i < IN * IN; i++) {
        gram[i] += x[i / IN] * x[i % IN];
      }
    }
    write("W", OUT, IN, weight);
    write("H", IN, IN, gram);
  }

  @ParameterizedTest
  @CsvSource({
    "magnitude, 2:4, 768",
    "wanda, 50%, 768",
    "sparsegpt, 70%, 461",
    "alps, 2:4, 768",
    "alps, 70%, 461",
    "alps, panel16@0.25, 384",
    "alps, block4x8@0.25, 384",
    "alps, 75%row, 384",
    "alps, 8:16t, 768"
  })
  void writesAWeightOfTheErrorThatItPrints(String solver, String pattern, int nonZeros)
      throws IOException {
    int code = solve("--solver", solver, "--pattern", pattern, "--mask", path("M"));

    assertEquals(0, code, problems);
    assertEquals(1, output.lines().count(), output);
    JsonNode line = new ObjectMapper().readTree(output);
    NumericTensor written = NpyFile.read(folder.resolve("V.npy"));
    assertEquals(DType.FLOAT32, written.dtype());
    assertEquals(Shape.of(OUT, IN), written.shape());
    assertEquals(error(written.toDoubles()), line.get("relative_error").asDouble(), 1e-10);
    assertEquals(nonZeros, line.get("nnz").asInt());
    assertTrue(line.get("seconds").asDouble() > 0, output);
    assertTrue(line.get("iterations").asInt() >= 1, output);
    NumericTensor mask = NpyFile.read(folder.resolve("M.npy"));
    assertEquals(DType.BOOL, mask.dtype());
    double[] values = written.toDoubles();
    for (int i = 0; i < values.length; i++) {
      assertEquals(mask.longAt(i) == 1, values[i] != 0, "element " + i);
    }
  }

  @ParameterizedTest
  @CsvSource({
    "gptq+cd, --bits 4, .003",
    "gptq+cd, --bits 4 --paper, .006",
    "gptq, --bits 4 --act-order, .006",
    "gptq, --bits 3 --group 16 --grid mse, .02",
    "quantease, --bits 4, .006",
    "rtn, --bits 8, .0001",
    "alps, --pattern 2:4 --bits 4, .05",
    "sparsegpt, --pattern 2:4 --bits 4, .1",
    "wanda, --pattern 2:4 --bits 4, .2",
    "hassle-free-alps, --pattern 2:4 --rank 8, .02",
    "hassle-free-alps, --pattern 2:4 --rank 8 --thorough, .02"
  })
  void roundsAndDecomposes(String solver, String options, double most) throws IOException {
    var arguments = new ArrayList<>(List.of("--solver", solver));
    arguments.addAll(List.of(options.split(" ", -1)));

    assertEquals(0, solve(arguments.toArray(String[]::new)), problems);

    double error = new ObjectMapper().readTree(output).get("relative_error").asDouble();
    assertEquals(error(NpyFile.read(folder.resolve("V.npy")).toDoubles()), error, 1e-10);
    assertTrue(error < most, output);
  }

  @Test
  void writesThePartsOfASparsePlusLowRankWeight() throws IOException {
    int code =
        solve(
            "--solver",
            "hassle-free-sparsegpt",
            "--pattern",
            "2:4",
            "--rank",
            "5",
            "--sparse",
            path("S"),
            "--factors",
            path("B"),
            path("A"));

    assertEquals(0, code, problems);
    assertEquals(768, new ObjectMapper().readTree(output).get("nnz").asInt());
    double[] sparse = NpyFile.read(folder.resolve("S.npy")).toDoubles();
    NumericTensor left = NpyFile.read(folder.resolve("B.npy"));
    NumericTensor right = NpyFile.read(folder.resolve("A.npy"));
    assertEquals(Shape.of(OUT, 5), left.shape());
    assertEquals(Shape.of(5, IN), right.shape());
    double[] merged = NpyFile.read(folder.resolve("V.npy")).toDoubles();
    for (int i = 0; i < merged.length; i++) {
      double sum = sparse[i];
      for (int r = 0; r < 5; r++) {
        sum += left.toDoubles()[i / IN * 5 + r] * right.toDoubles()[r * IN + i % IN];
      }
      assertEquals(merged[i], sum, 1e-5, "element " + i);
    }
  }

  @Test
  void reportsAWarmRunBesideTheFirst() throws IOException {
    assertEquals(0, solve("--solver", "wanda", "--pattern", "2:4", "--repeat", "2"), problems);

    assertTrue(new ObjectMapper().readTree(output).get("warm_seconds").asDouble() > 0, output);
  }

  @Test
  void takesConstantsOfThePaperOrBetterOnes() throws IOException {
    assertEquals(0, solve("--solver", "alps", "--pattern", "80%", "--paper"), problems);
    double paper = new ObjectMapper().readTree(output).get("relative_error").asDouble();
    assertEquals(0, solve("--solver", "alps", "--pattern", "80%"), problems);
    double plain = new ObjectMapper().readTree(output).get("relative_error").asDouble();
    assertEquals(0, solve("--solver", "alps", "--pattern", "80%", "--polish"), problems);
    double polished = new ObjectMapper().readTree(output).get("relative_error").asDouble();

    assertTrue(polished <= plain && plain < paper, polished + ", " + plain + ", " + paper);
  }

  @Test
  void refusesBadInputBeforeItWritesAnything() throws IOException {
    refuses("no solver", "--solver", "obs", "--pattern", "2:4");
    refuses("none of 2:4", "--solver", "alps", "--pattern", "two");
    refuses("needs --pattern", "--solver", "alps");
    refuses("multiple of 5 inputs, got 48", "--solver", "alps", "--pattern", "2:5");
    refuses("multiple of 5 outputs", "--solver", "alps", "--pattern", "block5x4@0.5");
    refuses("--damping", "--solver", "alps", "--pattern", "2:4", "--damping", "-1");
    refuses("has no damping", "--solver", "wanda", "--pattern", "2:4", "--damping", ".1");
    refuses("--polish is of alps", "--solver", "wanda", "--pattern", "2:4", "--polish");
    refuses("no folder", "--solver", "alps", "--pattern", "2:4", "--mask", path("none/M"));

    refuses("needs --bits", "--solver", "gptq");
    refuses("2 to 8", "--solver", "gptq", "--bits", "9");
    refuses("does not divide 48", "--solver", "gptq", "--bits", "4", "--group", "7");
    refuses("come with --bits", "--solver", "alps", "--pattern", "2:4", "--grid", "mse");
    refuses("none of minmax, mse", "--solver", "gptq", "--bits", "4", "--grid", "l1");
    refuses("--act-order", "--solver", "rtn", "--bits", "4", "--act-order");
    refuses("needs --rank", "--solver", "hassle-free-alps", "--pattern", "2:4");
    refuses("--rank is of", "--solver", "alps", "--pattern", "2:4", "--rank", "4");
    refuses(
        "rank 33 is above that of [32, 48]",
        "--solver",
        "hassle-free-alps",
        "--pattern",
        "2:4",
        "--rank",
        "33");
    refuses("come with --rank", "--solver", "alps", "--pattern", "2:4", "--sparse", path("S"));
    refuses("--thorough", "--solver", "alps", "--pattern", "2:4", "--thorough");
    refuses("needs --pattern", "--solver", "sparsegpt", "--bits", "4");

    gram[1] += .1 * gram[0];
    write("H", IN, IN, gram);
    refuses("not symmetric: [1, 0]", "--solver", "alps", "--pattern", "2:4");
    gram[1] = Double.NaN;
    write("H", IN, IN, gram);
    refuses("gram holds NaN", "--solver", "alps", "--pattern", "2:4");
    write("H", IN / 2, IN * 2, gram);
    refuses("needs a gram [48, 48], got [24, 96]", "--solver", "alps", "--pattern", "2:4");
    NpyFile.write(TensorData.doubles(Shape.of(IN * IN), gram), folder.resolve("H.npy"));
    refuses("needs a matrix", "--solver", "alps", "--pattern", "2:4");
    Files.writeString(folder.resolve("H.npy"), "text");
    refuses("does not begin as an npy array", "--solver", "alps", "--pattern", "2:4");
    Files.delete(folder.resolve("H.npy"));
    refuses("NoSuchFile", "--solver", "alps", "--pattern", "2:4");
  }

  @Test
  void refusesAGramFarFromPositive() throws IOException {
    for (int i = 0; i < IN; i++) {
      gram[i * IN + i] *= i % 2 == 0 ? .1 : 1;
    }
    write("H", IN, IN, gram);

    refuses("no X'X", "--solver", "alps", "--pattern", "2:4");
  }

  private void refuses(String text, String... arguments) throws IOException {
    assertEquals(2, solve(arguments), text);
    assertTrue(problems.contains(text), problems);
    try (var files = Files.list(folder)) {
      List<String> names = files.map(file -> file.getFileName().toString()).sorted().toList();
      assertFalse(names.contains("V.npy") || names.toString().contains("part"), names.toString());
    }
  }

  private int solve(String... arguments) {
    var all = new ArrayList<>(List.of("solve", "--weight", path("W"), "--gram", path("H")));
    all.addAll(List.of(arguments));
    all.addAll(List.of("--out", path("V")));
    var out = new StringWriter();
    var err = new StringWriter();
    CommandLine command = Main.commandLine();
    int code =
        command
            .setOut(new PrintWriter(out))
            .setErr(new PrintWriter(err))
            .execute(all.toArray(String[]::new));
    output = out.toString();
    problems = err.toString();
    return code;
  }

  private String path(String name) {
    return folder.resolve(name + ".npy").toString();
  }

  private void write(String name, int rows, int columns, double[] values) throws IOException {
    var floats = new float[values.length];
    for (int i = 0; i < floats.length; i++) {
      floats[i] = (float) values[i];
    }
    boolean isFloat = name.equals("W");
    NpyFile.write(
        isFloat
            ? TensorData.floats(Shape.of(rows, columns), floats)
            : TensorData.doubles(Shape.of(rows, columns), values),
        folder.resolve(name + ".npy"));
  }

  private double error(double[] other) {
    double lost = 0;
    double energy = 0;
    for (int o = 0; o < OUT; o++) {
      for (int i = 0; i < IN; i++) {
        for (int j = 0; j < IN; j++) {
          double h = gram[i * IN + j];
          int a = o * IN + i;
          int b = o * IN + j;
          lost += (weight[a] - other[a]) * h * (weight[b] - other[b]);
          energy += weight[a] * h * weight[b];
        }
      }
    }
    return lost / energy;
  }
}

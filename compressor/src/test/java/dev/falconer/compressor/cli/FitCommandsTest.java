package dev.falconer.compressor.cli;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.falconer.compressor.learn.TrainingRecord;
import dev.falconer.compressor.onnx.OnnxReader;
import dev.falconer.compressor.zoo.RankerConfig;
import dev.falconer.compressor.zoo.Rankers;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FitCommandsTest {
  private static final List<String> SMALL =
      List.of("--epochs", "1", "--layers", "1", "--heads", "2", "--head", "8");

  @TempDir static Path folder;
  private final StringWriter out = new StringWriter();
  private final StringWriter err = new StringWriter();

  @BeforeAll
  static void writesALog() {
    var log = "--out %s --users 40 --items 60 --requests 400".formatted(path("log"));
    new FitCommandsTest().run(("generate " + log).split(" "));
  }

  @Test
  void oneSeedGivesEqualBytesAndADrawnHistoryOthers() throws IOException {
    train("a.onnx", "--history", "16");
    train("b.onnx", "--history", "16", "--history-min", "8");
    train("c.onnx", "--history", "16", "--history-min", "1");

    byte[] a = Files.readAllBytes(folder.resolve("a.onnx"));
    assertArrayEquals(a, Files.readAllBytes(folder.resolve("b.onnx")), "half is the default");
    assertFalse(Arrays.equals(a, Files.readAllBytes(folder.resolve("c.onnx"))));
    var record = TrainingRecord.of(OnnxReader.read(folder.resolve("c.onnx"))).orElseThrow();
    assertEquals(1, record.historyMin());
    assertEquals("labels", record.objective());
  }

  @Test
  void aStudentHasTheTeachersHistoryAndTasksAndItsOwnWidth() throws IOException {
    train("teacher.onnx", "--history", "16");
    var args = new ArrayList<>(List.of("distil", "--teacher", path("teacher.onnx")));
    args.addAll(List.of("--data", path("log"), "--out", path("student.onnx")));
    args.addAll(SMALL);
    args.addAll(List.of("--width", "4", "--kappa", "0.5"));

    assertEquals(0, run(args.toArray(String[]::new)), err.toString());

    var student = OnnxReader.read(folder.resolve("student.onnx"));
    RankerConfig teacher = Rankers.config(OnnxReader.read(folder.resolve("teacher.onnx")));
    RankerConfig config = Rankers.config(student);
    assertEquals(4, config.width());
    assertEquals(teacher.historyMax(), config.historyMax());
    assertEquals(teacher.tasks(), config.tasks());
    var record = TrainingRecord.of(student).orElseThrow();
    assertEquals("teacher", record.objective());
    assertEquals(0.5, record.kappa());
    assertTrue(out.toString().contains("held-out NE"), out.toString());
  }

  @Test
  void aModelWithoutHistoryTrains() throws IOException {
    train("none.onnx", "--fusion", "none");

    var record = TrainingRecord.of(OnnxReader.read(folder.resolve("none.onnx"))).orElseThrow();
    assertEquals(0, record.historyMin());
  }

  @Test
  void aRangeBeyondTheLongestHistoryIsRefused() {
    int status = run(trainArgs("d.onnx", "--history", "16", "--history-min", "17"));

    assertFalse(status == 0);
    assertTrue(err.toString().contains("--history-min 17 is not in 0 to 16"), err.toString());
    assertFalse(Files.exists(folder.resolve("d.onnx")));
  }

  private void train(String name, String... more) {
    assertEquals(0, run(trainArgs(name, more)), err.toString());
  }

  private static String[] trainArgs(String name, String... more) {
    var args = new ArrayList<>(List.of("train", "--data", path("log"), "--out", path(name)));
    args.addAll(SMALL);
    args.addAll(List.of("--width", "8"));
    args.addAll(List.of(more));
    return args.toArray(String[]::new);
  }

  private int run(String... args) {
    return Main.commandLine()
        .setOut(new PrintWriter(out, true))
        .setErr(new PrintWriter(err, true))
        .execute(args);
  }

  private static String path(String name) {
    return folder.resolve(name).toString();
  }
}

package dev.falconer.loadtest.demo;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.onnx.proto.OnnxMl.ModelProto;
import ai.onnx.proto.OnnxMl.StringStringEntryProto;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.falconer.bundle.ManifestFile;
import dev.falconer.loadtest.process.ChildException;
import dev.falconer.loadtest.process.Programs;
import dev.falconer.v1.Manifest;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The demo over a launcher whose commands take no time and write fixed files. */
class DemoTest {
  private static final String TASK =
      """
      {"rows": 9, "auc": 0.75, "auc_ci": [0.7, 0.8], "ne": 0.9, "ne_ci": [0.85, 0.95], \
      "calibration": 1.01, "calibration_ci": [0.9, 1.1], "popularity_auc": 0.6}\
      """;

  @TempDir private Path folder;
  private final ByteArrayOutputStream printed = new ByteArrayOutputStream();

  @BeforeEach
  void prepare() throws Exception {
    Files.createDirectories(folder.resolve("bundle"));
    ManifestFile.write(
        folder.resolve("bundle"),
        Manifest.newBuilder().setFormat(1).setName("feed").setHistoryMax(64).build());
    var model =
        ModelProto.newBuilder()
            .addMetadataProps(entry(ModelMetadata.CONFIG, "{\"width\": 32}"))
            .addMetadataProps(entry(ModelMetadata.TRAINING, "{\"steps\": 12, \"epochs\": 2}"))
            .build();
    Files.write(folder.resolve("model.onnx"), model.toByteArray());
  }

  private static StringStringEntryProto entry(String key, String value) {
    return StringStringEntryProto.newBuilder().setKey(key).setValue(value).build();
  }

  /** A launcher with the exit code of one command. */
  private Programs launcher(String failing) throws Exception {
    var script =
        """
        #!/usr/bin/env bash
        echo "$@" >> DIR/commands
        all="$*"
        [ "$1 $2" = "FAILING" ] && { echo "it broke"; exit 3; }
        models=""
        out=""
        while [ $# -gt 0 ]; do
          case "$1" in
            --model|--against) models="$models $2" ;;
            --version) version="$2" ;;
            --json|--out|--repository|--grpc-port) out="$2" ;;
          esac
          shift
        done
        case "$all" in
          train*|distil*) cp DIR/model.onnx "$out" ;;
          bundle*) mkdir -p "$out/feed"; cp -r DIR/bundle "$out/feed/$version" ;;
          "bench model"*)
            echo '{"latency_ms": {"whole": {"64": 50, "256": 200, "1024": 800}, "trimmed": {"64": 25, "256": 100, "1024": 400}, "amortised_miss": {"64": 1, "256": 1.5, "1024": 3}, "amortised_hit": {"64": 0.25, "256": 1, "1024": 2}, "compressed_hit": {"64": 0.2, "256": 0.8, "1024": 1.6}, "packed_hit": {"64": 0.15, "256": 0.6, "1024": 1.2}, "packed_int8_hit": {"64": 0.1, "256": 0.4, "1024": 0.8}}}' > "$out" ;;
          "bench server"*) echo '{"server_overhead_us": 210.5}' > "$out" ;;
          evaluate*)
            { printf '{"models": {'; comma=""
              for m in $models; do printf '%s"%s": {"parameters": 1000, "bytes": 4000, "tasks": {"click": TASK, "like": TASK}}' "$comma" "$m"; comma=", "; done
              printf '}}'; } > "$out" ;;
          serve*) exec JAVA DIR/Listen.java "$out" ;;
        esac
        """
            .replace("DIR", folder.toString())
            .replace("TASK", TASK)
            .replace("FAILING", failing)
            .replace("JAVA", Path.of(System.getProperty("java.home", ""), "bin/java").toString());
    Files.writeString(
        folder.resolve("Listen.java"),
        """
        void main(String[] args) throws Exception {
          try (var socket = new java.net.ServerSocket(Integer.parseInt(args[0]))) {
            while (true) socket.accept().close();
          }
        }
        """);
    var launcher = Files.writeString(folder.resolve("falconer"), script);
    Files.setPosixFilePermissions(launcher, PosixFilePermissions.fromString("rwxr-xr-x"));
    return new Programs(launcher);
  }

  private void run(Optional<Path> data, String failing) throws Exception {
    var out = new PrintStream(printed, true, StandardCharsets.UTF_8);
    new Demo(launcher(failing), out, "feed", data, folder.resolve("out"), true).run();
  }

  private List<String> commands() throws Exception {
    var commands = new ArrayList<String>();
    for (var line : Files.readAllLines(folder.resolve("commands"))) {
      commands.add(
          line.startsWith("bench")
              ? line.substring(0, 12).strip()
              : line.substring(0, line.indexOf(' ')));
    }
    return commands;
  }

  @Test
  void runsEveryCommandAndWritesTheSummary() throws Exception {
    run(Optional.empty(), "none");

    var commands = commands();
    assertEquals("generate", commands.getFirst());
    assertEquals(
        List.of("evaluate", "bench model", "bench server", "serve", "rank", "loadtest"),
        commands.subList(commands.size() - 6, commands.size()));
    assertEquals(4, commands.stream().filter("train"::equals).count());
    assertTrue(
        commands.indexOf("distil") < commands.indexOf("compress")
            && commands.indexOf("compress") < commands.indexOf("bundle"));
    var summary = new ObjectMapper().readTree(folder.resolve("out/summary.json").toFile());
    assertEquals("feed", summary.path("surface").asText());
    assertEquals(.75, summary.path("teacher").path("auc").asDouble());
    assertEquals(.8, summary.path("student").path("auc_ci").path(1).asDouble());
    assertEquals(.75, summary.path("student").path("tasks").path("like").path("auc").asDouble());
    assertEquals(12, summary.path("fusion").path("concat").path("steps").asInt());
    assertEquals(32, summary.path("fusion").path("none").path("config").path("width").asInt());
    assertEquals(.6, summary.path("popularity_auc").asDouble());
    assertEquals(.8, summary.path("latency_ms").path("compressed_hit").path("256").asDouble());
    assertEquals(210.5, summary.path("server_overhead_us").asDouble());
    assertTrue(summary.path("seconds").has("teacher") && summary.path("seconds").has("total"));
    assertFalse(Files.exists(folder.resolve("out/summary.json.part")));
    var text = printed.toString(StandardCharsets.UTF_8);
    assertTrue(text.contains("[teacher] $ falconer train --data "), text);
    assertTrue(text.contains("speed-up: whole over hit"), text);
    assertTrue(text.contains("200x"), text);
  }

  @Test
  void takesALogOfOnesOwn() throws Exception {
    run(Optional.of(Path.of("ml-100k.inter.xz")), "none");

    assertFalse(commands().contains("generate"));
    var lines = Files.readString(folder.resolve("commands"));
    assertTrue(lines.contains("--data ml-100k.inter.xz"), lines);
    assertTrue(lines.contains("--split 80/10/10"), lines);
  }

  @Test
  void publishesTheNextVersionWhenRunAgain() throws Exception {
    run(Optional.empty(), "none");
    run(Optional.empty(), "none");

    assertTrue(Files.exists(folder.resolve("out/models/feed/1/manifest.json")));
    assertTrue(Files.exists(folder.resolve("out/models/feed/2/manifest.json")));
    assertTrue(printed.toString(StandardCharsets.UTF_8).contains("loadtest --target"));
  }

  @Test
  void stopsAtAFailedStepWithItsCodeAndLastLines() throws Exception {
    var failure =
        assertThrows(ChildException.class, () -> run(Optional.empty(), "distil --teacher"));

    assertEquals(3, failure.code());
    assertTrue(failure.toString().contains("it broke"), failure.toString());
    assertFalse(commands().contains("compress"));
    assertFalse(Files.exists(folder.resolve("out/summary.json")));
  }
}

package dev.falconer.compressor.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.falconer.compressor.data.NpyFile;
import dev.falconer.compressor.fixture.DeepNetwork;
import dev.falconer.compressor.fixture.Npz;
import dev.falconer.compressor.layer.LinearLayers;
import dev.falconer.compressor.onnx.NumericTensor;
import dev.falconer.compressor.onnx.OnnxWriter;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

class MemoryNeedTest {
  @TempDir Path root;
  private final StringWriter err = new StringWriter();

  @Test
  void aMachineWithoutGroupsHasWhatItSaysIsAvailable() throws IOException {
    put("proc/meminfo", "MemTotal:  100 kB\nMemFree: 3 kB\nMemAvailable:     5 kB\n");

    assertEquals(OptionalLong.of(5 * 1024), new MachineMemory(root).available());
  }

  @Test
  void theTightestGroupOfVersionTwoCounts() throws IOException {
    put("proc/meminfo", "MemAvailable: 1000000 kB\n");
    put("proc/self/cgroup", "0::/outer/inner\n");
    put("sys/fs/cgroup/outer/memory.max", "5000\n");
    put("sys/fs/cgroup/outer/memory.current", "4500\n");
    put("sys/fs/cgroup/outer/memory.stat", "anon 12\ninactive_file 300\nactive_file 7\n");
    put("sys/fs/cgroup/outer/inner/memory.max", "max\n");
    put("sys/fs/cgroup/outer/inner/memory.current", "4000\n");

    assertEquals(OptionalLong.of(800), new MachineMemory(root).available());
  }

  @Test
  void aContainerSeesItsGroupOfVersionOneAsTheRoot() throws IOException {
    put("proc/meminfo", "MemAvailable: 1000000 kB\n");
    put("proc/self/cgroup", "9:cpu,cpuacct:/a\n4:memory:/docker/f41e\n");
    put("sys/fs/cgroup/memory/memory.limit_in_bytes", "5000\n");
    put("sys/fs/cgroup/memory/memory.usage_in_bytes", "4500\n");
    put("sys/fs/cgroup/memory/memory.stat", "inactive_file 3\ntotal_inactive_file 100\n");

    assertEquals(OptionalLong.of(600), new MachineMemory(root).available());
  }

  @Test
  void whereNothingTellsNothingIsRefused() {
    assertEquals(OptionalLong.empty(), new MachineMemory(root).available());
    new MemoryNeed(1, 1L << 60).check("it", 1, OptionalLong.empty());
  }

  @Test
  void thisMachineTells() {
    assertTrue(MachineMemory.here().available().orElseThrow() > 0);
  }

  @Test
  void whatIsShortIsNamed() {
    var need = new MemoryNeed(3L << 30, 2L << 30);

    need.check("it", 3L << 30, OptionalLong.of(5L << 30));

    assertSays("set FALCONER_JAVA_OPTS=-Xmx4g", () -> need.check("it", 1, OptionalLong.empty()));
    assertSays(
        "it takes about 5,120 MB of memory, of which 2,048 MB are libtorch's",
        () -> need.check("it", 3L << 30, OptionalLong.of((5L << 30) - 1)));
  }

  @Test
  void asManyLayersOfAGroupCountAsThreadsSolve() {
    var layers = LinearLayers.find(DeepNetwork.model(1).graph(), Set.of()).layers();
    MemoryNeed one = MemoryNeed.solving(32 * 32, 32 * 32);

    assertEquals(one, MemoryNeed.compressing(List.of(layers), 1, 1, 0));
    assertEquals(3 * one.heap(), MemoryNeed.compressing(List.of(layers), 1, 3, 0).heap());
    assertEquals(one, MemoryNeed.compressing(List.of(layers.subList(0, 1)), 1, 3, 0));
    assertEquals(
        3 * one.outside(),
        MemoryNeed.compressing(List.of(layers.subList(0, 1)), 5, 3, 0).outside());
    assertEquals(one.heap() + 7, MemoryNeed.compressing(List.of(layers), 1, 1, 7).heap());
  }

  @Test
  void aLayerThatDoesNotFitIsRefusedBeforeItIsSolved() throws IOException {
    put("proc/meminfo", "MemAvailable: 100 kB\n");
    NumericTensor square = DeepNetwork.inputs(DeepNetwork.WIDTH, 1);
    NpyFile.write(square, root.resolve("W.npy"));
    NpyFile.write(square, root.resolve("H.npy"));
    var command = new SolveCommand();
    command.machine = new MachineMemory(root);

    int status =
        run(command, "--weight=W.npy", "--gram=H.npy", "--solver=rtn", "--bits=4", "--out=V.npy");

    assertEquals(2, status);
    assertTrue(err.toString().contains("has 0 MB left"), err.toString());
    assertFalse(Files.exists(root.resolve("V.npy")));
  }

  @Test
  void aModelThatDoesNotFitIsRefusedBeforeAnyWork() throws IOException {
    put("proc/meminfo", "MemAvailable: 100 kB\n");
    OnnxWriter.write(DeepNetwork.model(1), root.resolve("model.onnx"));
    Npz.write(root.resolve("examples.npz"), Map.of("x", DeepNetwork.inputs(128, 1)));
    Files.writeString(root.resolve("plan.yaml"), "layers: [{match: '*', pattern: '2:4'}]");
    var command = new CompressCommand();
    command.machine = new MachineMemory(root);

    int status =
        run(
            command,
            "--model=model.onnx",
            "--calibration=examples.npz",
            "--plan=plan.yaml",
            "--out=out.onnx");

    assertEquals(1, status);
    assertTrue(err.toString().contains("compressing takes about"), err.toString());
    assertFalse(Files.exists(root.resolve("out.onnx")));
  }

  private int run(Object command, String... options) {
    var arguments = new String[options.length];
    for (int i = 0; i < options.length; i++) {
      arguments[i] = options[i].replaceAll("=(.*\\.)(npy|npz|onnx|yaml)$", "=" + root + "/$1$2");
    }
    return new CommandLine(command).setErr(new PrintWriter(err, true)).execute(arguments);
  }

  private static void assertSays(String message, org.junit.jupiter.api.function.Executable check) {
    var e = assertThrows(IllegalArgumentException.class, check);
    assertTrue(e.getMessage().contains(message), e.getMessage());
  }

  private void put(String file, String text) throws IOException {
    Path path = root.resolve(file);
    Files.createDirectories(java.util.Objects.requireNonNull(path.getParent()));
    Files.writeString(path, text);
  }
}

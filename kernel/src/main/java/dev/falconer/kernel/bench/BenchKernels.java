package dev.falconer.kernel.bench;

import dev.falconer.kernel.Isa;
import dev.falconer.kernel.MatMul;
import dev.falconer.kernel.NativeKernels;
import dev.falconer.kernel.VectorMatMul;
import dev.falconer.kernel.bench.KernelBench.Result;
import dev.falconer.kernel.bench.KernelBench.Shape;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** falconer bench kernels. */
@Command(
    name = "kernels",
    mixinStandardHelpOptions = true,
    description = {
      "Times products with packed weights beside ONNX Runtime's own, in its graphs, one thread,"
          + " turn by turn. The speed-up is over its float32 product of the same shape.",
      "The environment variable FALCONER_MAX_ISA (java, portable, avx2, avx512, avx512vnni) caps"
          + " what the native kernels use."
    },
    footer = {"", "Example: falconer bench kernels --m 64,256 --k 512 --n 512"})
public final class BenchKernels implements Callable<Integer> {
  @Option(
      names = "--m",
      split = ",",
      defaultValue = "64,256,1024",
      description = "rows (default ${DEFAULT-VALUE})")
  List<Integer> m = List.of();

  @Option(
      names = "--k",
      split = ",",
      defaultValue = "128,256,512,1024",
      description = "inputs (default ${DEFAULT-VALUE})")
  List<Integer> k = List.of();

  @Option(
      names = "--n",
      split = ",",
      defaultValue = "128,256,512,1024",
      description = "outputs (default ${DEFAULT-VALUE})")
  List<Integer> n = List.of();

  @Option(
      names = "--rounds",
      defaultValue = "31",
      description = "turns of each product; medians count (default 31)")
  int rounds = 31;

  @Option(names = "--json", paramLabel = "FILE", description = "writes all results")
  @Nullable Path json;

  @Spec CommandSpec spec = CommandSpec.create();

  /** Runs the command. */
  public static void main(String[] arguments) {
    System.exit(new CommandLine(new BenchKernels()).execute(arguments));
  }

  @Override
  public Integer call() throws IOException {
    PrintWriter text = spec.commandLine().getOut();
    PrintWriter err = spec.commandLine().getErr();
    var shapes = new ArrayList<Shape>();
    m.forEach(rows -> k.forEach(in -> n.forEach(out -> shapes.add(new Shape(rows, in, out)))));
    for (Shape shape : shapes) {
      if (shape.m() < 1 || shape.k() < 16 || shape.n() < 1 || rounds < 1) {
        throw new CommandLine.ParameterException(
            spec.commandLine(), "--m and --n are at least 1, --k at least 16, --rounds 1");
      }
    }
    var executions = new LinkedHashMap<String, MatMul>();
    NativeKernels kernels = NativeKernels.load(Isa.most(System.getenv()));
    kernels.matMul().ifPresent(own -> executions.put(own.toString(), own));
    VectorMatMul.widest().ifPresent(own -> executions.put(own.toString(), own));
    text.println(cpu() + ", " + kernels.notice());
    text.flush();
    var done = new ArrayList<Shape>();
    List<Result> results =
        new KernelBench(executions, rounds, System::nanoTime)
            .run(
                shapes,
                some -> {
                  done.add(some.getFirst().shape());
                  err.printf("\r%d of %d shapes", done.size(), shapes.size());
                  err.flush();
                });
    err.println();
    print(text, results);
    Path file = json;
    if (file != null) {
      Files.writeString(file, json(results));
    }
    text.flush();
    return 0;
  }

  private static void print(PrintWriter text, List<Result> results) {
    text.printf("%-44s %8s  %s%n", "speed-up over float32 dense, ONNX Runtime", "median", "range");
    results.stream()
        .collect(
            Collectors.groupingBy(
                Result::form,
                LinkedHashMap::new,
                Collectors.mapping(Result::speedup, Collectors.toList())))
        .forEach((form, speedups) -> {
          List<Double> sorted = speedups.stream().sorted().toList();
          text.printf(
              Locale.ROOT,
              "%-44s %8.2f  %.2f to %.2f%n",
              form,
              sorted.get(sorted.size() / 2),
              sorted.getFirst(),
              sorted.getLast());
        });
  }

  private String json(List<Result> results) throws IOException {
    String lines =
        results.stream()
            .map(result ->
                String.format(
                    Locale.ROOT,
                    "  {\"m\": %d, \"k\": %d, \"n\": %d, \"form\": \"%s\", \"micros\": %.2f,"
                        + " \"speedup\": %.3f}",
                    result.shape().m(),
                    result.shape().k(),
                    result.shape().n(),
                    result.form(),
                    result.micros(),
                    result.speedup()))
            .collect(Collectors.joining(",\n"));
    return "{\"cpu\": \"%s\", \"rounds\": %d, \"results\": [\n%s\n]}\n"
        .formatted(cpu(), rounds, lines);
  }

  /** Returns the processor's name and what it has of what kernels use. */
  private static String cpu() throws IOException {
    Path file = Path.of("/proc/cpuinfo");
    if (!Files.exists(file)) {
      return System.getProperty("os.arch");
    }
    Map<String, String> first =
        Files.readAllLines(file).stream()
            .filter(line -> line.contains(":"))
            .map(line -> line.split(":", 2))
            .collect(
                Collectors.toMap(
                    line -> line[0].strip(), line -> line[1].strip(), (one, _) -> one));
    List<String> flags = List.of(first.getOrDefault("flags", "").split(" ", -1));
    return first.getOrDefault("model name", "unknown")
        + " "
        + List.of("avx2", "avx512f", "avx512_vnni", "avx_vnni").stream()
            .filter(flags::contains)
            .toList();
  }
}

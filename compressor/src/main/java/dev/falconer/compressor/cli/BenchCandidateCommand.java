package dev.falconer.compressor.cli;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.falconer.compressor.evaluate.CandidateBench;
import dev.falconer.compressor.evaluate.Cpu;
import dev.falconer.compressor.evaluate.ModelBenchmark.Time;
import dev.falconer.compressor.evaluate.OrtRunner;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Times a whole candidate graph in every form it may be served in. */
@Command(
    name = "candidate",
    mixinStandardHelpOptions = true,
    description = {
      "Times a whole candidate graph of random weights in every form, on one thread, by JMH, the"
          + " forms taking turns: ONNX Runtime's dense forms and int8, and packed weights dense and"
          + " with zeros in each pattern, by native kernels and in float32 by Java's vectors too;"
          + " packed int8 has seven bits, as in bundles. Speed-ups are over the fastest dense float32"
          + " form of ONNX Runtime at each size.",
      "Java's run in a process for each layout, as in a server of one model, which waits while it is"
          + " not its turn.",
      "The environment variable FALCONER_MAX_ISA (java, portable, avx2, avx512, avx512vnni) caps"
          + " what the packed forms run on; java leaves out the native ones."
    },
    footer = {
      "",
      "Example:",
      "  falconer bench candidate --m 64,256 --form int8,panel",
      "  falconer bench candidate --form Java"
    })
final class BenchCandidateCommand implements Callable<Integer> {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final double BUSY = .15;

  @Option(
      names = "--shape",
      paramLabel = "SHAPE",
      defaultValue = "L=512,d=128,h=4,layers=2,ffn=512,features=384,head=512-256",
      description = "of the graph (default ${DEFAULT-VALUE})")
  String shape = "";

  @Option(
      names = {"--m", "--candidates"},
      split = ",",
      defaultValue = "64,256,1024",
      paramLabel = "M",
      description = "numbers of candidates (default ${DEFAULT-VALUE})")
  List<Integer> sizes = List.of(64, 256, 1024);

  @Option(
      names = "--form",
      split = ",",
      paramLabel = "WORD",
      description = "only packed forms whose names hold one of these words")
  List<String> words = List.of();

  @Option(
      names = "--rounds",
      defaultValue = "5",
      description = "turns of each form (default ${DEFAULT-VALUE})")
  int rounds;

  @Option(names = "--json", paramLabel = "FILE", description = "write the figures here too")
  @Nullable Path json;

  @Spec CommandSpec spec = CommandSpec.create();

  @Override
  public Integer call() throws IOException {
    if (rounds < 1 || sizes.isEmpty() || sizes.stream().anyMatch(m -> m < 1)) {
      throw new IllegalArgumentException("--rounds and every --m must be at least 1");
    }
    PrintWriter out = spec.commandLine().getOut();
    PrintWriter err = spec.commandLine().getErr();
    Cpu cpu = Cpu.here();
    var subject = CandidateSubject.parse(shape);
    double peak = Cpu.peakGflops();
    Map<String, Map<Integer, Time>> times;
    Map<String, String> notices;
    String vectors;
    try (CandidateBench bench =
        subject.bench(form -> words.isEmpty() || words.stream().anyMatch(form::contains))) {
      times =
          bench.run(
              sizes,
              rounds,
              step -> {
                err.println(step);
                err.flush();
              });
      notices = bench.notices();
      vectors = bench.vectors();
    }
    out.printf(
        Locale.ROOT,
        "%s %s, one thread, float peak %.1f GFLOP/s; %s; %s; %s%n",
        cpu.name(),
        cpu.features(),
        peak,
        OrtRunner.nativeKernels(),
        vectors.isEmpty() ? "no kernels in Java" : vectors,
        shape);
    Map<Integer, Double> dense = dense(times);
    print(out, times, dense, subject, peak);
    notices.forEach((form, why) -> out.println(form + " was not measured: " + why));
    if (json != null) {
      ObjectNode report = JSON.createObjectNode();
      report.put("cpu", cpu.name());
      report.set("cpu_features", JSON.valueToTree(cpu.features()));
      report.put("peak_gflops", peak);
      report.put("kernels", OrtRunner.nativeKernels());
      report.put("java_kernels", vectors);
      report.put("shape", shape);
      report.set("times", JSON.valueToTree(times));
      report.set("dense_ms", JSON.valueToTree(dense));
      report.set("not_measured", JSON.valueToTree(notices));
      Files.writeString(
          json, JSON.writerWithDefaultPrettyPrinter().writeValueAsString(report) + "\n");
    }
    out.flush();
    return 0;
  }

  /** Returns the least time among ONNX Runtime's dense float32 forms by size. */
  private static Map<Integer, Double> dense(Map<String, Map<Integer, Time>> times) {
    var least = new LinkedHashMap<Integer, Double>();
    times.forEach((form, bySize) -> {
      if (form.startsWith(CandidateSubject.DENSE)) {
        bySize.forEach((m, time) -> least.merge(m, time.wallMillis(), Math::min));
      }
    });
    return least;
  }

  private void print(
      PrintWriter out,
      Map<String, Map<Integer, Time>> times,
      Map<Integer, Double> dense,
      CandidateSubject subject,
      double peak) {
    out.printf("%-36s", "median ms (speed-up)");
    sizes.forEach(m -> out.printf("%18s", "m=" + m));
    out.println();
    double waited = 0;
    for (var form : times.entrySet()) {
      out.printf("  %-34s", form.getKey());
      for (int m : sizes) {
        Time time = form.getValue().getOrDefault(m, new Time(Double.NaN, Double.NaN));
        double ratio = dense.getOrDefault(m, Double.NaN) / time.wallMillis();
        out.printf(Locale.ROOT, "%9.3f (%4.2fx)", time.wallMillis(), ratio);
        waited = Math.max(waited, 1 - time.cpuMillis() / time.wallMillis());
      }
      out.println();
    }
    for (int m : sizes) {
      double share = subject.flops(m) / (dense.getOrDefault(m, Double.NaN) * 1e6) / peak;
      out.printf(Locale.ROOT, "dense at m=%d: %.0f %% of the float peak%n", m, 100 * share);
    }
    if (waited > BUSY) {
      out.printf(
          Locale.ROOT,
          "The machine was busy: calls waited for a core for up to %.0f %% of their time.%n",
          100 * waited);
    }
  }
}

package dev.falconer.compressor.cli;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.falconer.compressor.evaluate.Cpu;
import dev.falconer.compressor.evaluate.ModelBenchmark.Time;
import dev.falconer.compressor.split.Flops;
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
import java.util.function.ToDoubleFunction;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Times a ranker in every way it may be served. */
@Command(
    name = "model",
    mixinStandardHelpOptions = true,
    description = {
      "Times a ranker by JMH in one process on one thread, the ways taking turns:",
      "  whole           [history; candidate] as one sequence, every row through every layer",
      "  trimmed         the trained whole graph, a row per candidate, the history repeated",
      "  amortised_miss  user graph, then candidate graph",
      "  amortised_hit   candidate graph over a cached state",
      "  compressed_hit  the same, of the variant for any ONNX Runtime (int8)",
      "  packed_hit ..   the same, of the variants with packed weights, if the bundle has some",
      "Whole graphs run in chunks of at most 64 candidates, those that are fastest."
    },
    footer = {
      "",
      "Example:",
      "  falconer bench model --shape L=64,d=32,h=2,layers=2,head=64-32 --m 64,256 --quick"
    })
final class BenchModelCommand implements Callable<Integer> {
  private static final ObjectMapper JSON = new ObjectMapper();

  /** Share of waiting from which wall-clock ratios mislead. */
  private static final double BUSY = .15;

  @Option(
      names = "--bundle",
      paramLabel = "DIR",
      description = "time this version folder of a model repository")
  @Nullable Path bundle;

  @Option(
      names = "--shape",
      paramLabel = "SHAPE",
      defaultValue = "L=512,d=128,h=4,layers=2,head=256-128",
      description =
          "without --bundle: time a ranker of random weights of this shape; further keys: cross=2,"
              + " dense=32 (default ${DEFAULT-VALUE})")
  String shape = "";

  @Option(
      names = {"--m", "--candidates"},
      split = ",",
      defaultValue = "64,256,1024",
      paramLabel = "M",
      description = "numbers of candidates (default ${DEFAULT-VALUE})")
  List<Integer> sizes = List.of(64, 256, 1024);

  @Option(
      names = "--rounds",
      defaultValue = "5",
      description = "turns of each way (default ${DEFAULT-VALUE})")
  int rounds;

  @Option(names = "--quick", description = "two rounds")
  boolean quick;

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
    int most = sizes.stream().mapToInt(Integer::intValue).max().orElse(1);
    Path folder = bundle;
    try (BenchSubject subject =
        folder != null
            ? BenchSubject.ofBundle(folder, most)
            : BenchSubject.ofShape(BenchShape.parse(shape), most)) {
      Cpu cpu = Cpu.here();
      double peak = Cpu.peakGflops();
      Map<String, Map<Integer, Time>> measured =
          subject
              .bench()
              .run(
                  sizes,
                  quick ? Math.min(rounds, 2) : rounds,
                  round -> {
                    err.println(round);
                    err.flush();
                  });
      Map<String, Map<Integer, Double>> times = only(measured, Time::wallMillis);
      Map<String, Map<Integer, Double>> cpuTimes = only(measured, Time::cpuMillis);
      ObjectNode report = JSON.createObjectNode();
      report.put("cpu", cpu.name());
      report.set("cpu_features", JSON.valueToTree(cpu.features()));
      report.put("peak_gflops", peak);
      report.set("shape", subject.shape());
      report.put("compressed", subject.compressed());
      report.put("micro_batch", subject.bench().microBatch());
      report.set("latency_ms", JSON.valueToTree(times));
      report.set("ratios", JSON.valueToTree(ratios(times)));
      report.set("cpu_ms", JSON.valueToTree(cpuTimes));
      report.set("cpu_ratios", JSON.valueToTree(ratios(cpuTimes)));
      report.set("peak_share", JSON.valueToTree(shares(subject, cpuTimes, peak)));
      print(out, report, times, cpuTimes, shares(subject, cpuTimes, peak));
      if (json != null) {
        Files.writeString(
            json, JSON.writerWithDefaultPrettyPrinter().writeValueAsString(report) + "\n");
      }
    }
    out.flush();
    return 0;
  }

  private static Map<String, Map<Integer, Double>> only(
      Map<String, Map<Integer, Time>> measured, ToDoubleFunction<Time> part) {
    var values = new LinkedHashMap<String, Map<Integer, Double>>();
    measured.forEach((way, bySize) -> {
      var of = new LinkedHashMap<Integer, Double>();
      bySize.forEach((m, time) -> of.put(m, part.applyAsDouble(time)));
      values.put(way, of);
    });
    return values;
  }

  private static Map<String, Map<Integer, Double>> ratios(Map<String, Map<Integer, Double>> times) {
    var ratios = new LinkedHashMap<String, Map<Integer, Double>>();
    var pairs = new ArrayList<String[]>();
    for (String slow : List.of("whole", "trimmed")) {
      pairs.add(new String[] {slow, "amortised_hit"});
      pairs.add(new String[] {slow, "amortised_miss"});
    }
    times.keySet().stream()
        .filter(way -> way.endsWith("_hit") && !way.equals("amortised_hit"))
        .forEach(way -> pairs.add(new String[] {"amortised_hit", way}));
    for (String[] pair : pairs) {
      var of = new LinkedHashMap<Integer, Double>();
      Map<Integer, Double> slow = times.getOrDefault(pair[0], Map.of());
      times
          .getOrDefault(pair[1], Map.of())
          .forEach((m, fast) -> of.put(m, slow.getOrDefault(m, Double.NaN) / fast));
      if (!slow.isEmpty() && !of.isEmpty()) {
        ratios.put(pair[0] + "/" + pair[1], of);
      }
    }
    return ratios;
  }

  /** Returns the share of the peak rate that the float graphs reach. */
  private static Map<String, Map<Integer, Double>> shares(
      BenchSubject subject, Map<String, Map<Integer, Double>> times, double peak) {
    var shares = new LinkedHashMap<String, Map<Integer, Double>>();
    for (String way : List.of("amortised_miss", "amortised_hit")) {
      var of = new LinkedHashMap<Integer, Double>();
      times
          .getOrDefault(way, Map.of())
          .forEach((m, millis) -> {
            Flops flops = subject.flops();
            double work = flops.perRequest() + m * flops.perCandidate();
            work += way.equals("amortised_miss") ? flops.perUser() : 0;
            of.put(m, work / (millis * 1e6) / peak);
          });
      shares.put(way, of);
    }
    return shares;
  }

  private static void print(
      PrintWriter out,
      ObjectNode report,
      Map<String, Map<Integer, Double>> times,
      Map<String, Map<Integer, Double>> cpuTimes,
      Map<String, Map<Integer, Double>> shares) {
    out.printf(
        Locale.ROOT,
        "%s %s, one thread, float peak %.1f GFLOP/s; %s%n",
        report.path("cpu").asText(),
        report.path("cpu_features"),
        report.path("peak_gflops").asDouble(),
        report.path("shape"));
    header(out, "median ms", times);
    for (String way : times.keySet()) {
      row(out, way, "%10.3f", times.getOrDefault(way, Map.of()));
    }
    header(out, "ratio", times);
    ratios(times).forEach((name, of) -> row(out, name, "%10.2f", of));
    if (waited(times, cpuTimes) > BUSY) {
      out.printf(
          Locale.ROOT,
          "The machine was busy: calls waited for a core for up to %.0f %% of their time, long ones"
              + " more than short ones. By the thread's CPU time:%n",
          100 * waited(times, cpuTimes));
      header(out, "median CPU ms", times);
      cpuTimes.forEach((name, of) -> row(out, name, "%10.3f", of));
      header(out, "ratio of CPU times", times);
      ratios(cpuTimes).forEach((name, of) -> row(out, name, "%10.2f", of));
    }
    header(out, "share of peak", times);
    shares.forEach((name, of) -> row(out, name, "%10.2f", of));
  }

  /** Returns the largest share of a call's time that its thread didn't run. */
  private static double waited(
      Map<String, Map<Integer, Double>> times, Map<String, Map<Integer, Double>> cpuTimes) {
    double most = 0;
    for (var way : times.entrySet()) {
      Map<Integer, Double> cpu = cpuTimes.getOrDefault(way.getKey(), Map.of());
      for (var time : way.getValue().entrySet()) {
        most = Math.max(most, 1 - cpu.getOrDefault(time.getKey(), 0.0) / time.getValue());
      }
    }
    return most;
  }

  private static void header(
      PrintWriter out, String title, Map<String, Map<Integer, Double>> times) {
    out.printf("%-30s", title);
    times.getOrDefault("trimmed", Map.of()).keySet().forEach(m -> out.printf("%10s", "m=" + m));
    out.println();
  }

  private static void row(
      PrintWriter out, String name, String format, Map<Integer, Double> values) {
    if (!values.isEmpty()) {
      out.printf("  %-28s", name);
      values.values().forEach(value -> out.printf(Locale.ROOT, format, value));
      out.println();
    }
  }
}

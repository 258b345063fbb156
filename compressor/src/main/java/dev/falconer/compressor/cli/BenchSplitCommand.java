package dev.falconer.compressor.cli;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.falconer.compressor.evaluate.Cpu;
import dev.falconer.compressor.evaluate.ModelBenchmark.Time;
import dev.falconer.compressor.split.Flops;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Times rankers whole and split, and holds each ratio against the work saved. */
@Command(
    name = "split",
    mixinStandardHelpOptions = true,
    description = {
      "Times well-known rankers of random weights by JMH in one process on one thread, the ways"
          + " taking turns:",
      "  whole           a row per candidate, the user's columns repeated",
      "  trimmed         the same without rows that nobody reads",
      "  amortised_miss  user graph, then candidate graph",
      "  amortised_hit   candidate graph over a cached state",
      "and prints beside each ratio, in brackets, the one that counting operations predicts.",
      "Whole graphs run in chunks of at most 64 candidates, those that are fastest."
    },
    footer = {
      "",
      "Example:",
      "  falconer bench split --ranker din,dcnv2 --history 50 --m 16,256 --rounds 2"
    })
final class BenchSplitCommand implements Callable<Integer> {
  private static final ObjectMapper JSON = new ObjectMapper();

  @Option(
      names = "--ranker",
      split = ",",
      defaultValue = "din,deepfm,dcnv2,append",
      description = "rankers (default ${DEFAULT-VALUE})")
  List<SplitSubject.Ranker> rankers = List.of();

  @Option(
      names = "--history",
      split = ",",
      defaultValue = "50,100,200",
      paramLabel = "N",
      description = "events of the user (default ${DEFAULT-VALUE})")
  List<Integer> histories = List.of();

  @Option(
      names = {"--m", "--candidates"},
      split = ",",
      defaultValue = "16,64,256,1024",
      paramLabel = "M",
      description = "numbers of candidates (default ${DEFAULT-VALUE})")
  List<Integer> sizes = List.of();

  @Option(
      names = "--rounds",
      defaultValue = "5",
      description = "turns of each way (default ${DEFAULT-VALUE})")
  int rounds;

  @Option(names = "--json", paramLabel = "FILE", description = "write the figures here too")
  @Nullable Path json;

  @Spec CommandSpec spec = CommandSpec.create();

  @Override
  public Integer call() throws IOException {
    if (rounds < 1
        || sizes.stream().anyMatch(m -> m < 1)
        || histories.stream().anyMatch(n -> n < 1)) {
      throw new IllegalArgumentException("--rounds, every --history and every --m: at least 1");
    }
    PrintWriter out = spec.commandLine().getOut();
    PrintWriter err = spec.commandLine().getErr();
    Cpu cpu = Cpu.here();
    out.printf("%s %s, one thread%n", cpu.name(), cpu.features());
    ObjectNode report = JSON.createObjectNode();
    report.put("cpu", cpu.name());
    report.set("cpu_features", JSON.valueToTree(cpu.features()));
    ArrayNode results = report.putArray("results");
    int most = sizes.stream().mapToInt(Integer::intValue).max().orElse(1);
    for (SplitSubject.Ranker ranker : rankers) {
      for (int history : histories) {
        try (SplitSubject subject = SplitSubject.open(ranker, history, most)) {
          Map<String, Map<Integer, Time>> times =
              subject
                  .bench()
                  .run(
                      sizes,
                      rounds,
                      line -> {
                        err.printf("%s, %d events: %s%n", ranker, history, line);
                        err.flush();
                      });
          print(out, ranker, history, subject, times);
          results.add(json(ranker, history, subject, times));
        }
      }
    }
    if (json != null) {
      Files.writeString(
          json, JSON.writerWithDefaultPrettyPrinter().writeValueAsString(report) + "\n");
    }
    out.flush();
    return 0;
  }

  private void print(
      PrintWriter out,
      SplitSubject.Ranker ranker,
      int history,
      SplitSubject subject,
      Map<String, Map<Integer, Time>> times) {
    Flops flops = subject.flops();
    out.printf(
        Locale.ROOT,
        "%n%s, %d events: %.0f %% of a row's operations once per user, %.0f %% left out%n",
        ranker,
        history,
        100 * flops.perUser() / flops.perRow(),
        100 * flops.unread() / flops.perRow());
    out.printf("  %-28s", "median ms");
    sizes.forEach(m -> out.printf("%14s", "m=" + m));
    out.println();
    for (String way : times.keySet()) {
      out.printf("  %-28s", way);
      sizes.forEach(m -> out.printf(Locale.ROOT, "%14.3f", millis(times, way, m)));
      out.println();
    }
    for (Ratio ratio : Ratio.values()) {
      if (times.containsKey(ratio.slow)) {
        out.printf("  %-28s", ratio.title() + " (counted)");
        for (int m : sizes) {
          double measured = millis(times, ratio.slow, m) / millis(times, ratio.fast, m);
          double predicted = ratio.predicted(subject, m);
          out.printf(
              "%14s",
              Double.isNaN(predicted)
                  ? "%.1f (-)".formatted(measured)
                  : "%.1f (%.1f)".formatted(measured, predicted));
        }
        out.println();
      }
    }
    for (int m : sizes) {
      if (m >= 16 && millis(times, "amortised_hit", m) > millis(times, "trimmed", m)) {
        out.printf("  SLOWER than whole on a hit at m=%d%n", m);
      }
    }
    out.flush();
  }

  private ObjectNode json(
      SplitSubject.Ranker ranker,
      int history,
      SplitSubject subject,
      Map<String, Map<Integer, Time>> times) {
    ObjectNode result = JSON.createObjectNode();
    result.put("ranker", ranker.toString());
    result.put("history", history);
    ObjectNode latency = result.putObject("latency_ms");
    times.forEach((way, bySize) -> {
      ObjectNode of = latency.putObject(way);
      bySize.forEach((m, time) -> of.put(Integer.toString(m), time.wallMillis()));
    });
    ObjectNode ratios = result.putObject("ratios");
    for (Ratio ratio : Ratio.values()) {
      if (times.containsKey(ratio.slow)) {
        ObjectNode of = ratios.putObject(ratio.title());
        for (int m : sizes) {
          ObjectNode pair = of.putObject(Integer.toString(m));
          pair.put("measured", millis(times, ratio.slow, m) / millis(times, ratio.fast, m));
          double predicted = ratio.predicted(subject, m);
          if (!Double.isNaN(predicted)) {
            pair.put("predicted", predicted);
          }
        }
      }
    }
    return result;
  }

  private static double millis(Map<String, Map<Integer, Time>> times, String way, int m) {
    Time time = times.getOrDefault(way, Map.of()).get(m);
    return time == null ? Double.NaN : time.wallMillis();
  }

  /** A way's time over another's. */
  private enum Ratio {
    WHOLE_HIT("whole", "amortised_hit"),
    WHOLE_MISS("whole", "amortised_miss"),
    TRIMMED_HIT("trimmed", "amortised_hit"),
    TRIMMED_MISS("trimmed", "amortised_miss");

    final String slow;
    final String fast;

    Ratio(String slow, String fast) {
      this.slow = slow;
      this.fast = fast;
    }

    String title() {
      return slow + "/" + fast;
    }

    /** Returns the ratio of operations; NaN where they aren't counted. */
    double predicted(SplitSubject subject, int m) {
      Flops flops = subject.flops();
      double saving = fast.equals("amortised_hit") ? flops.savingOnHit(m) : flops.savingOnMiss(m);
      double row = slow.equals("whole") ? subject.wholeRow() : subject.trimmedRow();
      return saving * row / flops.perRow();
    }
  }
}

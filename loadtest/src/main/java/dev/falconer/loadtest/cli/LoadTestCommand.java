package dev.falconer.loadtest.cli;

import dev.falconer.client.RankingClient;
import dev.falconer.loadtest.load.LoadTest;
import dev.falconer.loadtest.report.HtmlReport;
import dev.falconer.loadtest.report.JsonReport;
import dev.falconer.loadtest.report.TerminalReport;
import dev.falconer.loadtest.scenario.ScenarioFile;
import dev.falconer.loadtest.traffic.Pools;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

@Command(
    name = "loadtest",
    mixinStandardHelpOptions = true,
    description =
        "Finds the highest rate that keeps p99 under the objective, for cached, uncached and whole"
            + " ranking over the same requests. Writes loadtest.json and loadtest.html.",
    footer = {
      "",
      "Example: falconer loadtest --target localhost:8001 --bundle models/feed/1 --quick --out out"
    })
final class LoadTestCommand implements Callable<Integer> {
  @Option(
      names = "--target",
      defaultValue = "localhost:8001",
      description = "host:port of the server")
  String target = "";

  @Option(names = "--model", description = "the model's name; the bundle's without it")
  Optional<String> model = Optional.empty();

  @Option(
      names = "--bundle",
      required = true,
      description = "the version folder that is served; its golden requests are what is drawn from")
  Path bundle = Path.of("");

  @Option(
      names = "--scenario",
      defaultValue = ScenarioFile.DEFAULT,
      description = "YAML file; ${DEFAULT-VALUE} is built in")
  String scenario = "";

  @Option(names = "--quick", description = "about 25 seconds: shorter runs, fewer steps")
  boolean quick;

  @Option(names = "--out", defaultValue = ".", description = "folder for the report")
  Path out = Path.of("");

  @Override
  public Integer call() throws Exception {
    var asked = ScenarioFile.read(scenario);
    var plan = quick ? asked.quick() : asked;
    var pools = Pools.read(bundle).named(model);
    try (var client = RankingClient.builder(target).maxAttempts(1).build()) {
      var keyPrefix = "load-%x-".formatted(System.nanoTime());
      var result = new LoadTest(client, target, pools, plan, keyPrefix, System.err::println).run();
      Files.createDirectories(out);
      var json = Files.writeString(out.resolve("loadtest.json"), JsonReport.text(result));
      var html = Files.writeString(out.resolve("loadtest.html"), HtmlReport.text(result));
      System.out.print(TerminalReport.text(result));
      System.out.printf("Report: %s%nFigures: %s%n", html, json);
    }
    return 0;
  }
}

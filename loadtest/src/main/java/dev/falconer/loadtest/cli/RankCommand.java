package dev.falconer.loadtest.cli;

import dev.falconer.client.HistoryWindow;
import dev.falconer.client.RankingClient;
import dev.falconer.client.RankingRequest;
import dev.falconer.loadtest.process.ChildException;
import dev.falconer.loadtest.process.Programs;
import dev.falconer.loadtest.rank.RequestJson;
import dev.falconer.loadtest.rank.SlateText;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

@Command(
    name = "rank",
    mixinStandardHelpOptions = true,
    description = "Ranks candidates for one user and prints the slate.",
    footer = {
      "",
      "Example: falconer rank --model feed --data out/data/log.yaml --user 17 --window 32,64",
      "         falconer request --data out/data/log.yaml --user 17 | falconer rank --request -"
    })
final class RankCommand implements Callable<Integer> {
  @Option(
      names = "--target",
      defaultValue = "localhost:8001",
      description = "host:port of the server")
  String target = "";

  @Option(names = "--model", defaultValue = "feed", description = "the model's name")
  String model = "";

  @Option(names = "--model-version", description = "its version; the served one without it")
  Optional<String> version = Optional.empty();

  @ArgGroup(multiplicity = "1")
  Source source = new Source();

  @Option(names = "--top", defaultValue = "10", description = "length of the slate; 0: all")
  int top;

  @Option(
      names = "--mode",
      defaultValue = "CACHE",
      description = "${COMPLETION-CANDIDATES}: use the cached state, encode anew, or run it whole")
  RankingRequest.Mode mode = RankingRequest.Mode.CACHE;

  @Option(
      names = "--weights",
      split = ",",
      description = "the objective, such as click=1,like=.5; the first task alone without it")
  Map<String, Double> weights = Map.of();

  @Option(
      names = "--bid",
      description = "candidate column that multiplies the value; bid, where there is one")
  Optional<String> bid = Optional.empty();

  @Option(
      names = "--window",
      split = ",",
      paramLabel = "LO,HI",
      hideParamSyntax = true,
      description = "keep a longer history within the model's limit, as HistoryWindow does")
  List<Integer> window = List.of();

  @Option(names = "--deadline-ms", defaultValue = "10000", description = "of the call")
  long deadlineMillis;

  static final class Source {
    @Option(names = "--request", description = "JSON file with the request; - reads standard input")
    Optional<String> request = Optional.empty();

    @ArgGroup(exclusive = false)
    @Nullable Log log;
  }

  static final class Log {
    @Option(names = "--data", required = true, description = "a log, as for falconer train")
    String data = "";

    @Option(
        names = "--user",
        description = "whose last request of the log to take; without it, the log's last request")
    @Nullable String user;
  }

  @Override
  public Integer call() throws Exception {
    var builder = RequestJson.read(model, json(), window()).topK(top).mode(mode).weights(weights);
    version.ifPresent(builder::version);
    bid.ifPresent(builder::bidColumn);
    var request = builder.build();
    try (var client =
        RankingClient.builder(target).deadline(Duration.ofMillis(deadlineMillis)).build()) {
      long start = System.nanoTime();
      var ranking = client.rank(request);
      double millis = (System.nanoTime() - start) / 1e6;
      System.out.print(SlateText.of(model, ranking, millis));
    }
    return 0;
  }

  private Optional<HistoryWindow> window() {
    return switch (window.size()) {
      case 0 -> Optional.empty();
      case 2 -> Optional.of(new HistoryWindow(window.getFirst(), window.getLast()));
      default -> throw new IllegalArgumentException("--window takes two numbers, got " + window);
    };
  }

  private String json() throws IOException, InterruptedException {
    var log = source.log;
    if (log != null) {
      return output(
          log.user == null
              ? List.of("request", "--data", log.data)
              : List.of("request", "--data", log.data, "--user", log.user));
    }
    var file = source.request.orElse("-");
    return file.equals("-")
        ? new String(System.in.readAllBytes(), StandardCharsets.UTF_8)
        : Files.readString(Path.of(file));
  }

  private static String output(List<String> command) throws IOException, InterruptedException {
    var process =
        new ProcessBuilder(Programs.ofEnvironment().line(command))
            .redirectError(ProcessBuilder.Redirect.INHERIT)
            .start();
    var text = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    int code = process.waitFor();
    if (code != 0) {
      throw new ChildException(Programs.shown(command), code, text.lines().toList());
    }
    return text;
  }
}

package dev.falconer.compressor.cli;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.falconer.compressor.data.Examples;
import dev.falconer.compressor.data.Split;
import dev.falconer.compressor.data.View;
import dev.falconer.compressor.evaluate.Agreement;
import dev.falconer.compressor.evaluate.Bootstrap;
import dev.falconer.compressor.evaluate.HeldOut;
import dev.falconer.compressor.evaluate.Quality;
import dev.falconer.compressor.evaluate.QualityReports;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Judges models on the held-out part of a log. */
@Command(
    name = "evaluate",
    mixinStandardHelpOptions = true,
    description = {
      "Prints AUC, normalised entropy, calibration and NDCG of a model on a held-out part of a log,"
          + " run by ONNX Runtime, with 95 %% intervals by resampling users; and how it differs from"
          + " other models on the same resamples."
    },
    footer = {
      "",
      "Example (after falconer train --data feed-log/log.yaml --out teacher.onnx):",
      "  falconer evaluate --model teacher.onnx --data feed-log/log.yaml --json quality.json"
    })
final class EvaluateCommand implements Callable<Integer> {
  private static final ObjectMapper JSON = new ObjectMapper();

  @Option(
      names = {"--model", "--bundle"},
      required = true,
      paramLabel = "PATH",
      description =
          "a whole graph, X.onnx, or a bundle: a version folder of a model repository, run as the"
              + " server runs it")
  Path model = Path.of("");

  @Option(
      names = "--variant",
      defaultValue = "",
      paramLabel = "NAME",
      description = "variant of the bundle: plain, int8; the served one unless given")
  String variant = "";

  @Option(
      names = "--against",
      arity = "1..*",
      paramLabel = "PATH",
      description = "other models or bundles to compare with on the same requests")
  List<Path> against = new ArrayList<>();

  @Mixin DataOptions log = new DataOptions();
  @Mixin SplitOptions cut = new SplitOptions();

  @Option(
      names = "--part",
      defaultValue = "test",
      description = "part of the log to judge on: ${COMPLETION-CANDIDATES} (default test)")
  SplitOptions.Part part = SplitOptions.Part.TEST;

  @Option(
      names = "--resamples",
      defaultValue = "500",
      description = "resamples of users behind the intervals, at least 200 (default 500)")
  int resamples;

  @Option(names = "--json", paramLabel = "FILE", description = "write the figures here too")
  @Nullable Path json;

  @Spec CommandSpec spec = CommandSpec.create();

  @Override
  public Integer call() throws IOException {
    var bootstrap = new Bootstrap(resamples, Bootstrap.standard().seed());
    PrintWriter out = spec.commandLine().getOut();
    Examples examples = log.open(spec.commandLine().getErr());
    Split split = cut.of(examples);
    View view = SplitOptions.part(split, part);
    var heldOut = new HeldOut(split, view);

    JudgedModel judged = JudgedModel.of(model, variant, heldOut);
    long users = view.requests().mapToObj(examples::user).distinct().count();
    String where = part.name().toLowerCase(Locale.ROOT);
    out.printf(
        Locale.ROOT,
        "%s, %s part: %,d requests of %,d users; candidates: %s%n",
        examples.name(),
        where,
        view.size(),
        users,
        examples.sampler());
    ObjectNode report = JSON.createObjectNode();
    report.put("data", examples.name());
    report.put("data_sha256", examples.sha256());
    report.put("sampler", examples.sampler());
    report.put("part", where);
    report.put("requests", view.size());
    report.put("users", users);
    report.put("resamples", bootstrap.resamples());
    ObjectNode models = report.putObject("models");
    ArrayNode differences = report.putArray("differences");
    add(judged, bootstrap, models);
    for (Path path : against) {
      JudgedModel other = JudgedModel.of(path, "", heldOut);
      add(other, bootstrap, models);
      compare(judged, other, bootstrap, differences.addObject());
    }
    if (json != null) {
      Files.writeString(
          json, JSON.writerWithDefaultPrettyPrinter().writeValueAsString(report) + "\n");
    }
    out.flush();
    return 0;
  }

  private void add(JudgedModel judged, Bootstrap bootstrap, ObjectNode models) {
    List<Quality> qualities = Quality.of(judged.predictions(), bootstrap);
    String name = models.has(judged.name()) ? judged.label() : judged.name();
    ObjectNode report = models.putObject(name);
    judged.describe(report);
    report.set("tasks", QualityReports.json(qualities));
    QualityTable.print(spec.commandLine().getOut(), judged.label(), qualities);
  }

  private void compare(JudgedModel one, JudgedModel other, Bootstrap bootstrap, ObjectNode report) {
    List<Quality.Difference> differences =
        Quality.differences(one.predictions(), other.predictions(), bootstrap);
    report.put("model", one.label());
    report.put("against", other.label());
    report.set("tasks", QualityReports.differencesJson(differences));
    PrintWriter out = spec.commandLine().getOut();
    QualityTable.printDifferences(out, one.label(), other.label(), differences);
    List<Agreement> agreements = Agreement.of(one.predictions(), other.predictions());
    report.set("agreement", JSON.valueToTree(agreements));
    QualityTable.print(out, agreements);
  }
}

package dev.falconer.compressor.cli;

import dev.falconer.compressor.axes.Roles;
import dev.falconer.compressor.axes.SplitRefusal;
import dev.falconer.compressor.data.NpzFile;
import dev.falconer.compressor.evaluate.OrtProcess;
import dev.falconer.compressor.evaluate.OrtRunner;
import dev.falconer.compressor.onnx.Model;
import dev.falconer.compressor.onnx.OnnxReader;
import dev.falconer.compressor.onnx.TensorData;
import dev.falconer.compressor.picture.SplitPage;
import dev.falconer.compressor.split.Drawing;
import dev.falconer.compressor.split.Plan;
import dev.falconer.compressor.split.Requests;
import dev.falconer.compressor.split.SplitModel;
import dev.falconer.compressor.split.SplitReport;
import dev.falconer.compressor.split.Splitter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Splits a ranking model into a user graph and a candidate graph. */
@Command(
    name = "split",
    mixinStandardHelpOptions = true,
    description = {
      "Splits a ranking model into a graph that runs once per user and one that runs for every"
          + " request, checks that both give the whole model's scores, and publishes them to a model"
          + " repository that falconer serve reads."
          + " Candidates' rows must not depend on each other.",
      "Exits 3 and writes nothing when candidates could mix, when nothing is gained, or when the"
          + " halves do not give the whole model's scores."
    },
    footer = {
      "",
      "Example, for a model trained by falconer (which carries its roles):",
      "  falconer split --model student.onnx --out models/student/1",
      "and for any other:",
      "  falconer split --model ranker.onnx --user user_id,age --candidate item_id \\\\",
      "    --out models/ranker/1",
      "  falconer serve --model-repository models"
    })
public final class SplitCommand implements Callable<Integer> {
  private static final int REFUSED = 3;

  @Spec private @Nullable CommandSpec spec;

  @Option(
      names = "--model",
      required = true,
      paramLabel = "FILE",
      description = "The ONNX model to split.")
  private Path model = Path.of("");

  @Mixin private RoleOptions given = new RoleOptions();

  @Option(
      names = "--out",
      paramLabel = "REPOSITORY/NAME/VERSION",
      description = "Folder to publish to, like models/ranker/1. Without it nothing is written.")
  private @Nullable Path out;

  @Option(
      names = "--scores",
      paramLabel = "OUTPUT",
      description = "Output that ranks. Default: the only one of float32.")
  private String scores = "";

  @Option(
      names = "--tasks",
      split = ",",
      paramLabel = "TASK",
      description = "Names of the scores' columns. Default: the model's own, or its output's.")
  private List<String> tasks = List.of();

  @Option(names = "--json", paramLabel = "FILE", description = "Writes the report as JSON.")
  private @Nullable Path json;

  @Option(
      names = "--html",
      paramLabel = "FILE",
      description =
          "Writes the report as a page that draws the graph coloured by who pays; needs no network.")
  private @Nullable Path html;

  @Option(
      names = "--history-max",
      paramLabel = "N",
      description = "Longest history in events. Default: the rows of the position table.")
  private long historyMax;

  @Option(
      names = "--data",
      paramLabel = "FILE.npz",
      description =
          "Real requests to check with, beside random ones: arrays by input, as"
              + " numpy.savez(\"requests.npz\", user_id=..., item_id=...) writes them. Rows may be"
              + " different users'.")
  private @Nullable Path data;

  @Option(
      names = "--seed",
      paramLabel = "N",
      description = "Seed of the random requests of the check. Default: ${DEFAULT-VALUE}.")
  private long seed = 7;

  @Option(
      names = "--whole",
      description =
          "Publish the model as the one graph it is, checked to score every candidate by itself: for"
              + " models that gain nothing by a split. Inputs without a role are the candidates'.")
  private boolean keepWhole;

  @Option(names = "--force", description = "Split even when less than 5 %% of the work is saved.")
  private boolean force;

  @Override
  public Integer call() throws IOException {
    if (keepWhole && (html != null || force)) {
      throw new IllegalArgumentException(
          "--whole splits nothing: it takes no --html and no --force");
    }
    CommandSpec own = java.util.Objects.requireNonNull(spec, "set by picocli");
    Optional<VersionFolder> folder = Optional.ofNullable(out).map(VersionFolder::parse);
    Model whole = OnnxReader.read(model);
    Roles roles = roles(whole);
    var options = new Splitter.Options(historyMax, List.of(), seed, force);
    Plan plan = null;
    SplitModel split;
    try (OrtProcess checking = OrtProcess.start(1)) {
      var splitter = new Splitter(OrtRunner.factory(1), checking);
      if (keepWhole) {
        split = splitter.unsplit(whole, roles, options.withRequests(requests(whole, roles)));
      } else {
        plan = splitter.plan(whole, roles, options);
        split = splitter.verified(plan, options.withRequests(requests(plan.whole(), roles)));
      }
    } catch (SplitRefusal refusal) {
      own.commandLine().getErr().println(refusal.getMessage());
      return REFUSED;
    }
    var report = new SplitReport(split);
    own.commandLine().getOut().print(report.text());
    if (folder.isPresent()) {
      Path written = SplitBundle.write(model, whole, split, folder.get(), scores, tasks, seed);
      own.commandLine()
          .getOut()
          .printf(
              "wrote %s: falconer serve --model-repository %s%n",
              written, folder.get().repository());
    }
    if (json != null) {
      Files.writeString(json, report.json());
    }
    if (html != null && plan != null) {
      Files.writeString(
          html, SplitPage.text(model.getFileName().toString(), split, Drawing.of(plan)));
    }
    own.commandLine().getOut().flush();
    return 0;
  }

  private List<Map<String, TensorData>> requests(Model of, Roles roles) throws IOException {
    return data == null ? List.of() : Requests.of(of.graph(), roles, NpzFile.read(data));
  }

  private Roles roles(Model whole) {
    Roles roles = given.of(whole);
    if (keepWhole) {
      return roles.orCandidates(whole.graph());
    }
    whole.graph().inputs().forEach(input -> roles.of(input.name()));
    return roles;
  }
}

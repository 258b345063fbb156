package dev.falconer.compressor.cli;

import dev.falconer.compressor.data.BatchPlan;
import dev.falconer.compressor.data.Batches;
import dev.falconer.compressor.data.Examples;
import dev.falconer.compressor.data.Split;
import dev.falconer.compressor.data.TeacherLogits;
import dev.falconer.compressor.learn.DistilLoss;
import dev.falconer.compressor.learn.Progress;
import dev.falconer.compressor.learn.Scorer;
import dev.falconer.compressor.onnx.Model;
import dev.falconer.compressor.onnx.OnnxReader;
import dev.falconer.compressor.zoo.Fusion;
import dev.falconer.compressor.zoo.RankerConfig;
import dev.falconer.compressor.zoo.Rankers;
import java.io.IOException;
import java.io.PrintWriter;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Fits a small ranker to a teacher's probabilities and the labels. */
@Command(
    name = "distil",
    mixinStandardHelpOptions = true,
    showDefaultValues = true,
    sortOptions = false,
    description = {
      "Fits a small ranker to a teacher's probabilities and the labels. Masks and the longest"
          + " history are the teacher's."
    },
    footer = {
      "",
      "Example:",
      "  falconer generate --out feed-log",
      "  falconer train --data feed-log/log.yaml --out teacher.onnx",
      "  falconer distil --teacher teacher.onnx --data feed-log/log.yaml --out student.onnx"
    })
final class DistilCommand implements Callable<Integer> {
  private static final int SCORING_BATCH = 256;

  @Option(
      names = "--teacher",
      required = true,
      paramLabel = "ONNX",
      description = "model that falconer train wrote")
  Path teacher = Path.of("");

  @Mixin DataOptions data = new DataOptions();

  @Mixin FitOptions fit = new FitOptions();

  @Option(
      names = "--kappa",
      defaultValue = "0.7",
      description = "weight of the teacher's probabilities; the rest is the labels'")
  double kappa;

  @Option(names = "--width", defaultValue = "32", description = "length of a token")
  int width;

  @Option(names = "--layers", defaultValue = "2", description = "transformer layers")
  int layers;

  @Option(names = "--heads", defaultValue = "2", description = "attention heads")
  int heads;

  @Option(
      names = "--head",
      split = ",",
      defaultValue = "64,32",
      description = "widths of the head's layers")
  List<Integer> head = List.of();

  @Option(names = "--rate", defaultValue = "0.005", description = "highest learning rate")
  double rate;

  @Spec CommandSpec spec = CommandSpec.create();

  @Override
  public Integer call() throws IOException {
    PrintWriter err = spec.commandLine().getErr();
    var objective = new DistilLoss(kappa);
    Examples examples = data.open(err);
    Split split = fit.split(examples);
    Model guide = OnnxReader.read(teacher);
    RankerConfig of = Rankers.config(guide);
    RankerConfig config = student(of);
    if (!of.tasks().equals(examples.schema().tasks())) {
      throw new IllegalArgumentException(
          "teacher %s has tasks %s, the log %s"
              .formatted(teacher, of.tasks(), examples.schema().tasks()));
    }
    long before = cpuNanos();
    TeacherLogits logits = score(guide, of, examples, split);
    double seconds = (cpuNanos() - before) / 1e9;
    var vocabulary = FitOptions.vocabulary(split.trainCatalogue(), config.categories() > 0);
    return fit.fit(
        Rankers.build(config, vocabulary, fit.seed),
        examples,
        split,
        objective,
        Optional.of(logits),
        config.historyMax(),
        rate,
        seconds,
        spec.commandLine().getOut(),
        err);
  }

  private TeacherLogits score(Model guide, RankerConfig of, Examples examples, Split split) {
    var logits = new TeacherLogits(examples);
    int history = of.fusion() == Fusion.NONE ? 0 : of.historyMax();
    Batches batches =
        Batches.of(
            split.train(),
            BatchPlan.evaluation(SCORING_BATCH, history).withCandidates(fit.candidatesMax()));
    try (Progress progress = Progress.shown("teacher's scores", batches.size())) {
      Scorer.logits(guide, batches, logits::put, progress);
    }
    return logits;
  }

  private RankerConfig student(RankerConfig of) {
    return new RankerConfig(
        Fusion.APPEND,
        of.historyMask(),
        of.candidateSelf(),
        width,
        layers,
        heads,
        of.historyMax(),
        of.feedForward(),
        of.crosses(),
        head,
        of.tasks(),
        of.actions(),
        of.surfaces(),
        of.categories(),
        of.candidateDense(),
        of.contextDense());
  }

  private static long cpuNanos() {
    return ((com.sun.management.OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean())
        .getProcessCpuTime();
  }
}

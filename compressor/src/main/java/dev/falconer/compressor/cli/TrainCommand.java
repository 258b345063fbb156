package dev.falconer.compressor.cli;

import dev.falconer.compressor.data.ExampleSchema;
import dev.falconer.compressor.data.Examples;
import dev.falconer.compressor.data.Split;
import dev.falconer.compressor.learn.LabelLoss;
import dev.falconer.compressor.zoo.CandidateSelf;
import dev.falconer.compressor.zoo.Fusion;
import dev.falconer.compressor.zoo.HistoryMask;
import dev.falconer.compressor.zoo.RankerConfig;
import dev.falconer.compressor.zoo.Rankers;
import java.io.IOException;
import java.io.PrintWriter;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Fits a ranker to a log's labels. */
@Command(
    name = "train",
    mixinStandardHelpOptions = true,
    showDefaultValues = true,
    sortOptions = false,
    description = {
      "Fits a history-attention ranker to the labels of a log and writes it as ONNX. The same"
          + " options give the same weights on one kind of CPU."
    },
    footer = {
      "",
      "Example:",
      "  falconer generate --out feed-log",
      "  falconer train --data feed-log/log.yaml --out teacher.onnx"
    })
final class TrainCommand implements Callable<Integer> {
  private static final int FEED_FORWARD = 4;
  private static final int CROSSES = 1;

  @Mixin DataOptions data = new DataOptions();

  @Mixin FitOptions fit = new FitOptions();

  @Option(
      names = "--fusion",
      defaultValue = "append",
      description = "how history meets candidates: ${COMPLETION-CANDIDATES}; concat can't be split")
  Fusion fusion = Fusion.APPEND;

  @Option(
      names = "--history-mask",
      defaultValue = "causal",
      description = "what an event sees: ${COMPLETION-CANDIDATES}")
  HistoryMask historyMask = HistoryMask.CAUSAL;

  @Option(
      names = "--candidate-self",
      defaultValue = "none",
      description = "whether a candidate attends to itself: ${COMPLETION-CANDIDATES}")
  CandidateSelf candidateSelf = CandidateSelf.NONE;

  @Option(names = "--width", defaultValue = "64", description = "length of a token")
  int width;

  @Option(names = "--layers", defaultValue = "2", description = "transformer layers")
  int layers;

  @Option(names = "--heads", defaultValue = "4", description = "attention heads")
  int heads;

  @Option(names = "--history", defaultValue = "64", description = "longest history, in events")
  int history;

  @Option(
      names = "--head",
      split = ",",
      defaultValue = "128,64",
      description = "widths of the head's layers")
  List<Integer> head = List.of();

  @Option(names = "--rate", defaultValue = "0.003", description = "highest learning rate")
  double rate;

  @Spec CommandSpec spec = CommandSpec.create();

  @Override
  public Integer call() throws IOException {
    PrintWriter err = spec.commandLine().getErr();
    Examples examples = data.open(err);
    Split split = fit.split(examples);
    RankerConfig config = config(examples.schema());
    var vocabulary = FitOptions.vocabulary(split.trainCatalogue(), config.categories() > 0);
    return fit.fit(
        Rankers.build(config, vocabulary, fit.seed),
        examples,
        split,
        new LabelLoss(),
        Optional.empty(),
        fusion == Fusion.NONE ? 0 : history,
        rate,
        0,
        spec.commandLine().getOut(),
        err);
  }

  private RankerConfig config(ExampleSchema schema) {
    return new RankerConfig(
        fusion,
        historyMask,
        candidateSelf,
        width,
        layers,
        heads,
        history,
        FEED_FORWARD,
        CROSSES,
        head,
        schema.tasks(),
        schema.actions().size(),
        schema.surfaces().size(),
        schema.categories().size(),
        schema.candidateDense().size(),
        schema.contextDense().size());
  }
}

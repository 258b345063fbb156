package dev.falconer.compressor.cli;

import dev.falconer.compressor.data.Batch;
import dev.falconer.compressor.data.BatchPlan;
import dev.falconer.compressor.data.Batches;
import dev.falconer.compressor.data.Catalogue;
import dev.falconer.compressor.data.Examples;
import dev.falconer.compressor.data.Split;
import dev.falconer.compressor.data.TeacherLogits;
import dev.falconer.compressor.learn.Checkpoints;
import dev.falconer.compressor.learn.DistilLoss;
import dev.falconer.compressor.learn.Fitted;
import dev.falconer.compressor.learn.Objective;
import dev.falconer.compressor.learn.Progress;
import dev.falconer.compressor.learn.StopOnSignal;
import dev.falconer.compressor.learn.Trainer;
import dev.falconer.compressor.learn.TrainingLog;
import dev.falconer.compressor.learn.TrainingOptions;
import dev.falconer.compressor.learn.TrainingRecord;
import dev.falconer.compressor.learn.TrainingStopped;
import dev.falconer.compressor.onnx.Model;
import dev.falconer.compressor.onnx.OnnxWriter;
import dev.falconer.compressor.zoo.Vocabulary;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.IntFunction;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** How to fit, common to the commands that do. */
final class FitOptions {
  /** Exit status of a process that Ctrl-C ended. */
  private static final int INTERRUPTED = 130;

  private static final int HELD_OUT_BATCH = 256;
  private static final Duration BETWEEN_CHECKPOINTS = Duration.ofSeconds(60);

  @Option(
      names = "--out",
      required = true,
      showDefaultValue = CommandLine.Help.Visibility.NEVER,
      paramLabel = "ONNX",
      description = "file to write")
  Path out = Path.of("");

  @Option(names = "--epochs", defaultValue = "2", description = "passes over the training requests")
  int epochs;

  @Option(names = "--batch", defaultValue = "64", description = "requests per step")
  int batch;

  @Option(names = "--seed", defaultValue = "1", description = "seed of weights and batch order")
  long seed;

  @Option(
      names = "--candidates",
      paramLabel = "M",
      description = "train on the first M candidates of a request; default: all")
  @Nullable Integer candidates;

  @Option(
      names = "--history-min",
      paramLabel = "N",
      description =
          "cut each training history to a length drawn from N to the longest, as a client's"
              + " HistoryWindow(N, longest) cuts them; default: half of the longest")
  @Nullable Integer historyMin;

  @Mixin SplitOptions shares = new SplitOptions();

  @Option(
      names = "--patience",
      defaultValue = "3",
      description = "evaluations, one an epoch, without improvement before stopping")
  int patience;

  @Option(
      names = "--checkpoint",
      paramLabel = "FILE",
      description = "keep the state here each minute and on Ctrl-C; removed at the end")
  @Nullable Path checkpoint;

  @Option(names = "--resume", description = "go on from the checkpoint, if there is one")
  boolean resume;

  int candidatesMax() {
    return candidates == null ? Integer.MAX_VALUE : candidates;
  }

  Split split(Examples examples) {
    Split split = shares.of(examples);
    if (split.train().size() == 0) {
      throw new IllegalArgumentException(
          "%s has %d requests, none of them to train on"
              .formatted(examples.name(), examples.requests()));
    }
    return split;
  }

  /** Returns the shortest limit that a training history is cut to. */
  private int historyMin(int historyMax) {
    int min = historyMin == null ? Math.ceilDiv(historyMax, 2) : historyMin;
    if (min < 0 || min > historyMax) {
      throw new IllegalArgumentException(
          "--history-min %d is not in 0 to %d, the longest history".formatted(min, historyMax));
    }
    return min;
  }

  /** Returns the items that the training part knows. */
  static Vocabulary vocabulary(Catalogue catalogue, boolean hasCategories) {
    List<Long> longs = new ArrayList<>();
    List<String> strings = new ArrayList<>();
    List<Integer> categories = new ArrayList<>();
    for (int item = 0; item < catalogue.size(); item++) {
      if (catalogue.hasStringIds()) {
        strings.add(catalogue.idText(item));
      } else {
        longs.add(catalogue.id(item));
      }
      if (hasCategories) {
        categories.add(catalogue.category(item));
      }
    }
    return new Vocabulary(longs, strings, categories);
  }

  /**
   * Fits the model, writes it with its record and says so; or stops on Ctrl-C. Returns the exit
   * status.
   *
   * @param historyMax longest history, 0 for none
   * @param cpuBefore seconds spent already, on a teacher's scores
   */
  int fit(
      Model start,
      Examples examples,
      Split split,
      Objective objective,
      Optional<TeacherLogits> teacher,
      int historyMax,
      double rate,
      double cpuBefore,
      PrintWriter console,
      PrintWriter err)
      throws IOException {
    int historyMin = historyMin(historyMax);
    BatchPlan plan =
        BatchPlan.training(batch, historyMax, seed)
            .withHistoryRange(historyMin, historyMax)
            .withCandidates(candidatesMax());
    IntFunction<Batches> epochBatches =
        epoch ->
            teacher
                .map(logits -> Batches.of(split.train(), plan.epoch(epoch), logits))
                .orElseGet(() -> Batches.of(split.train(), plan.epoch(epoch)));
    Iterable<Batch> heldOut =
        Batches.of(split.validation(), BatchPlan.evaluation(HELD_OUT_BATCH, historyMax));
    var options =
        TrainingOptions.of(epochs, epochBatches.apply(0).size(), rate).withPatience(patience);
    Fitted fitted;
    try (var stop = new StopOnSignal();
        Progress progress = Progress.shown(out.getFileName().toString(), options.steps())) {
      Trainer trainer = Trainer.of(objective, options).withStop(stop).withProgress(progress);
      if (checkpoint != null) {
        trainer = trainer.withCheckpoints(new Checkpoints(checkpoint, BETWEEN_CHECKPOINTS, resume));
      }
      fitted = trainer.fit(start, epochBatches, heldOut);
    } catch (TrainingStopped e) {
      err.println(e.getMessage());
      return INTERRUPTED;
    }
    TrainingLog log = fitted.log();
    double entropy =
        log.evaluations().stream()
            .mapToDouble(TrainingLog.Evaluation::normalizedEntropy)
            .min()
            .orElse(1);
    var record =
        new TrainingRecord(
            examples.name(),
            examples.sha256(),
            (double) split.train().size() / examples.requests(),
            (double) split.validation().size() / examples.requests(),
            objective instanceof DistilLoss ? "teacher" : "labels",
            objective instanceof DistilLoss(double kappa) ? kappa : 0,
            seed,
            epochs,
            batch,
            rate,
            historyMin,
            candidatesMax(),
            log.steps(),
            log.bestStep(),
            entropy);
    OnnxWriter.write(record.writtenTo(fitted.model()), out);
    if (checkpoint != null) {
      Files.deleteIfExists(checkpoint);
    }
    console.printf(
        Locale.ROOT,
        "%s: %,d parameters, best of %d steps is %d, held-out NE %.4f, %.1f CPU s%n",
        out,
        fitted.model().graph().parameters(),
        log.steps(),
        log.bestStep(),
        entropy,
        cpuBefore + log.cpuSeconds());
    console.flush();
    return 0;
  }
}

package dev.falconer.compressor.cli;

import dev.falconer.compressor.data.Batch;
import dev.falconer.compressor.data.BatchPlan;
import dev.falconer.compressor.data.Batches;
import dev.falconer.compressor.data.Examples;
import dev.falconer.compressor.data.Inputs;
import dev.falconer.compressor.data.Split;
import dev.falconer.compressor.data.TeacherLogits;
import dev.falconer.compressor.data.View;
import dev.falconer.compressor.evaluate.OrtRunner;
import dev.falconer.compressor.learn.DistilLoss;
import dev.falconer.compressor.learn.LabelLoss;
import dev.falconer.compressor.learn.Objective;
import dev.falconer.compressor.learn.Progress;
import dev.falconer.compressor.learn.StopOnSignal;
import dev.falconer.compressor.learn.Trainer;
import dev.falconer.compressor.learn.TrainingOptions;
import dev.falconer.compressor.learn.TrainingRecord;
import dev.falconer.compressor.onnx.Model;
import dev.falconer.compressor.onnx.NumericTensor;
import dev.falconer.compressor.onnx.Runner;
import dev.falconer.compressor.zoo.Rankers;
import java.util.Map;
import java.util.Optional;

/**
 * Trains a pruned ranker on, its zeros kept.
 *
 * @param guide whose probabilities guide it beside the labels
 * @param history longest, in events
 * @param epochs at least 1
 * @param rate highest learning rate
 * @param kappa weight of the guide against the labels
 * @param seed of the order of batches
 */
record MaskedTuning(
    Optional<Model> guide,
    Split split,
    Examples examples,
    int history,
    int epochs,
    double rate,
    double kappa,
    long seed) {
  private static final int BATCH = 64;

  /**
   * Returns the model trained.
   *
   * @param masks 1 where a weight stays and 0 where it is zero, by constant
   */
  Model fit(Model pruned, Map<String, NumericTensor> masks) {
    int historyMin = TrainingRecord.of(pruned).map(TrainingRecord::historyMin).orElse(history);
    BatchPlan plan = BatchPlan.training(BATCH, history, seed).withHistoryRange(historyMin, history);
    Optional<TeacherLogits> logits = guide.map(this::logits);
    Objective objective = logits.isPresent() ? new DistilLoss(kappa) : new LabelLoss();
    int steps = Math.ceilDiv(split.train().size(), BATCH);
    TrainingOptions options = TrainingOptions.of(epochs, steps, rate);
    try (var stop = new StopOnSignal();
        Progress progress = Progress.shown("under the mask", options.steps())) {
      return Trainer.of(objective, options)
          .withMasks(masks)
          .withStop(stop)
          .withProgress(progress)
          .fit(
              pruned,
              epoch ->
                  logits
                      .map(teaching -> Batches.of(split.train(), plan.epoch(epoch), teaching))
                      .orElseGet(() -> Batches.of(split.train(), plan.epoch(epoch))),
              Batches.of(split.validation(), BatchPlan.evaluation(BATCH, history)))
          .model();
    }
  }

  private TeacherLogits logits(Model model) {
    View train = split.train();
    var logits = new TeacherLogits(examples);
    int longest = Rankers.config(model).historyMax();
    try (Runner runner = OrtRunner.factory(1).open(model)) {
      for (Batch batch : Batches.of(train, BatchPlan.evaluation(BATCH, longest))) {
        if (runner.run(batch.inputs()).get(Inputs.LOGITS) instanceof NumericTensor values) {
          logits.put(batch, values);
        } else {
          throw new IllegalArgumentException("the teacher has no output " + Inputs.LOGITS);
        }
      }
    }
    return logits;
  }
}

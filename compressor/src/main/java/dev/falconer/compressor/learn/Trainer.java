package dev.falconer.compressor.learn;

import dev.falconer.compressor.data.Batch;
import dev.falconer.compressor.onnx.Model;
import dev.falconer.compressor.onnx.NumericTensor;
import java.util.Map;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import java.util.function.IntFunction;

/**
 * Fits models. The same inputs give the same bytes on one kind of CPU: libtorch runs on one thread,
 * and nothing is random but the order of batches, which their epoch decides.
 *
 * @param objective what is minimised
 * @param options how long and how fast
 * @param masks by parameter, in its shape: entries with 0 are and stay exactly 0
 * @param checkpoints where the state is kept
 * @param stop asked after each step; true ends the training after a checkpoint
 * @param progress told of each step
 */
public record Trainer(
    Objective objective,
    TrainingOptions options,
    Map<String, NumericTensor> masks,
    Optional<Checkpoints> checkpoints,
    BooleanSupplier stop,
    Progress progress) {
  /** Copies the masks. */
  public Trainer {
    masks = Map.copyOf(masks);
  }

  /** Returns a trainer without masks, checkpoints or display. */
  public static Trainer of(Objective objective, TrainingOptions options) {
    return new Trainer(
        objective, options, Map.of(), Optional.empty(), () -> false, Progress.silent());
  }

  /** Returns the trainer keeping pruned entries at 0. */
  public Trainer withMasks(Map<String, NumericTensor> others) {
    return new Trainer(objective, options, others, checkpoints, stop, progress);
  }

  /** Returns the trainer keeping its state in a file. */
  public Trainer withCheckpoints(Checkpoints others) {
    return new Trainer(objective, options, masks, Optional.of(others), stop, progress);
  }

  /** Returns the trainer listening to a wish to stop. */
  public Trainer withStop(BooleanSupplier other) {
    return new Trainer(objective, options, masks, checkpoints, other, progress);
  }

  /** Returns the trainer telling of its steps. */
  public Trainer withProgress(Progress other) {
    return new Trainer(objective, options, masks, checkpoints, stop, other);
  }

  /**
   * Returns the model with the weights that were best on the held-out batches.
   *
   * @param start the model to begin from
   * @param epochBatches gives the batches of an epoch, always the same for the same epoch; the
   *     first {@link TrainingOptions#stepsPerEpoch} are used
   * @param heldOut batches for early stopping; none keeps the last weights
   * @throws TrainingStopped when asked to stop
   */
  public Fitted fit(
      Model start, IntFunction<? extends Iterable<Batch>> epochBatches, Iterable<Batch> heldOut) {
    try (var run = new TrainingRun(this, start)) {
      return run.fit(epochBatches, heldOut);
    }
  }
}

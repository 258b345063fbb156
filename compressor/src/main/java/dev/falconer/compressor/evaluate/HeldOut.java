package dev.falconer.compressor.evaluate;

import dev.falconer.compressor.data.Batch;
import dev.falconer.compressor.data.BatchPlan;
import dev.falconer.compressor.data.Batches;
import dev.falconer.compressor.data.Examples;
import dev.falconer.compressor.data.Split;
import dev.falconer.compressor.data.View;
import dev.falconer.compressor.onnx.NumericTensor;
import dev.falconer.compressor.onnx.Runner;
import java.util.List;

/** Requests that models are judged on, the same for each model. */
public final class HeldOut {
  /** Requests a batch; a whole graph over longer batches wastes more on padding than it gains. */
  private static final int BATCH = 64;

  private final Split split;
  private final View view;

  /**
   * Takes a part of a log.
   *
   * @param split tells popularity in training
   * @param view the part to judge on
   */
  public HeldOut(Split split, View view) {
    this.split = split;
    this.view = view;
  }

  /** Returns the number of requests. */
  public int requests() {
    return view.size();
  }

  /**
   * Returns a model's scores of every labelled candidate.
   *
   * @param model a whole graph, or a {@link ServedModel}
   * @param scoreOutput its output of probabilities [B, m, T]
   * @param historyMax the longest history it takes; the latest events are kept
   */
  public Predictions predictions(Runner model, String scoreOutput, int historyMax) {
    Examples examples = view.examples();
    List<String> tasks = examples.schema().tasks();
    var builder =
        new Predictions.Builder(
            tasks,
            examples::userIndex,
            (request, candidate) ->
                split.trainPopularity(examples.candidateItem(request, candidate)));
    for (Batch batch : Batches.of(view, BatchPlan.evaluation(BATCH, historyMax))) {
      if (!(model.run(batch.inputs()).get(scoreOutput) instanceof NumericTensor scores)) {
        throw new IllegalArgumentException("the model has no output \"" + scoreOutput + "\"");
      }
      builder.add(batch, scores);
    }
    return builder.build();
  }
}

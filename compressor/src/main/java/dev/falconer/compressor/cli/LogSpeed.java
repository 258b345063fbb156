package dev.falconer.compressor.cli;

import dev.falconer.compressor.data.Batch;
import dev.falconer.compressor.data.BatchPlan;
import dev.falconer.compressor.data.Batches;
import dev.falconer.compressor.data.CalibrationExamples;
import dev.falconer.compressor.data.Inputs;
import dev.falconer.compressor.data.Split;
import dev.falconer.compressor.data.View;
import dev.falconer.compressor.evaluate.HeldOut;
import dev.falconer.compressor.onnx.Model;
import dev.falconer.compressor.onnx.TensorData;
import dev.falconer.compressor.pipeline.CompressionPlan;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Compresses a ranker of falconer's own to a speed, on a log.
 *
 * @param plan with options
 * @param tuning of what is not within the gate after one shot; none for one shot alone
 */
record LogSpeed(
    Split split, int history, long seed, CompressionPlan plan, Optional<MaskedTuning> tuning) {
  /** Requests to calibrate on, one by one: no padding among the rows. */
  private static final int REQUESTS = 1536;

  /** Returns the exit status. */
  int run(Model dense, CompressToSpeed work, ReportCard card) throws IOException {
    var heldOut = new HeldOut(split, SplitOptions.part(split, SplitOptions.Part.TEST));
    return work.run(
        dense,
        plan,
        CalibrationExamples.of(requests(SplitOptions.part(split, SplitOptions.Part.TRAIN))),
        runner -> heldOut.predictions(runner, Inputs.SCORES, history),
        tuning,
        card);
  }

  /** Returns requests of all times. */
  private List<Map<String, TensorData>> requests(View train) {
    var requests = new ArrayList<Map<String, TensorData>>();
    BatchPlan plan = BatchPlan.training(1, history, seed).withOrder(BatchPlan.Order.SHUFFLED);
    for (Batch batch : Batches.of(train, plan)) {
      if (requests.size() == REQUESTS) {
        break;
      }
      requests.add(batch.inputs());
    }
    return requests;
  }
}

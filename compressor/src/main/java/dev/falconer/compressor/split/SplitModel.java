package dev.falconer.compressor.split;

import dev.falconer.compressor.axes.Analysis.FixedLength;
import dev.falconer.compressor.axes.Layout;
import dev.falconer.compressor.axes.Roles;
import dev.falconer.compressor.onnx.Model;
import java.util.List;

/**
 * A ranking graph in two halves.
 *
 * @param user user columns (and past state) to state
 * @param candidate state, candidate and context columns to the whole's outputs
 * @param state in the order of the user graph's outputs
 * @param historyMin fewest events that the whole graph can score
 * @param historyMax most events, from its position table or as given
 * @param maxError largest score difference to the whole graph seen by the check; NaN before it
 * @param notes what a reader of the manifest should know
 * @param fixed lengths that operators fix
 */
public record SplitModel(
    Model user,
    Model candidate,
    Roles roles,
    Layout layout,
    List<StateTensor> state,
    Growth growth,
    Flops flops,
    long historyMin,
    long historyMax,
    double maxError,
    List<String> notes,
    List<FixedLength> fixed) {
  /** Copies the lists. */
  public SplitModel {
    state = List.copyOf(state);
    notes = List.copyOf(notes);
    fixed = List.copyOf(fixed);
  }

  /** Returns whether there are no halves: the candidate graph is the whole. */
  public boolean isWhole() {
    return state.isEmpty();
  }

  /** Returns bytes of state per user at the longest history. */
  public long bytesPerUser() {
    return state.stream().mapToLong(tensor -> tensor.bytes(historyMax)).sum();
  }

  SplitModel grown(Model grown, Growth how) {
    return new SplitModel(
        grown,
        candidate,
        roles,
        layout,
        state,
        how,
        flops,
        historyMin,
        historyMax,
        maxError,
        notes,
        fixed);
  }

  SplitModel checked(Verifier.Verdict verdict) {
    var all = new java.util.ArrayList<>(notes);
    all.addAll(verdict.notes());
    return new SplitModel(
        user,
        candidate,
        roles,
        layout,
        state,
        growth,
        flops,
        verdict.historyMin(),
        historyMax,
        verdict.largest(),
        all,
        fixed);
  }
}

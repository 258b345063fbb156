package dev.falconer.compressor.bundle;

import dev.falconer.bundle.ManifestFile;
import dev.falconer.compressor.onnx.Graph;
import dev.falconer.compressor.pack.RoundedState;
import dev.falconer.compressor.split.SplitModel;
import dev.falconer.compressor.split.StateTensor;
import dev.falconer.v1.ColumnSpec;
import dev.falconer.v1.DataType;
import dev.falconer.v1.Growth;
import dev.falconer.v1.Manifest;
import dev.falconer.v1.SplitReport;
import java.util.List;

/** Fills the part of a manifest that follows from the split model. */
final class Manifests {
  private Manifests() {}

  static Manifest.Builder of(BundleRequest request, List<ColumnSpec> columns) {
    SplitModel plain = request.plain();
    var manifest =
        Manifest.newBuilder()
            .setFormat(ManifestFile.FORMAT)
            .setName(request.name())
            .setVersion(Long.toString(request.version()))
            .addAllColumns(columns)
            .addAllTasks(request.tasks())
            .setScoreOutput(request.scoreOutput())
            .setHistoryMin(historyMin(request.whole().graph(), plain))
            .setHistoryMax(Math.toIntExact(plain.historyMax()))
            .setSwitches(request.switches())
            .setProvenance(request.provenance())
            .setGrowth(
                Growth.newBuilder()
                    .setSupported(plain.growth().supported())
                    .setReason(plain.growth().reason())
                    .addAllPastInputs(plain.growth().pastInputs())
                    .setBytesPerUser(plain.bytesPerUser()))
            .setSplit(
                SplitReport.newBuilder()
                    .setFlopsUnread(plain.flops().unread())
                    .setFlopsPerUser(plain.flops().perUser())
                    .setFlopsPerRequest(plain.flops().perRequest())
                    .setFlopsPerCandidate(plain.flops().perCandidate())
                    .setMaxError(plain.maxError())
                    .addAllNotes(plain.notes()));
    for (StateTensor tensor : plain.state()) {
      checkKept(tensor);
      manifest.addState(state(tensor));
    }
    return manifest;
  }

  private static dev.falconer.v1.StateTensor.Builder state(StateTensor tensor) {
    return dev.falconer.v1.StateTensor.newBuilder()
        .setName(tensor.name())
        .setDtype(ColumnSpecs.dtype(tensor.dtype()))
        .addAllShape(tensor.shape())
        .setHistoryExtra(tensor.historyExtra());
  }

  /** Returns the rounded tensors of a variant's state, which are as long as those rounded. */
  static List<dev.falconer.v1.StateTensor> rounded(
      List<StateTensor> state, List<RoundedState.Tokens> rounded) {
    return rounded.stream()
        .map(tokens -> {
          StateTensor floats =
              state.stream()
                  .filter(tensor -> tensor.name().equals(tokens.state()))
                  .findFirst()
                  .orElseThrow();
          return state(floats)
              .setName(tokens.name())
              .setDtype(DataType.UINT8)
              .setShape(floats.shape().size() - 1, tokens.columns())
              .build();
        })
        .toList();
  }

  private static void checkKept(StateTensor tensor) {
    if (tensor.historyAxis() < 0 && tensor.shape().contains(-1L)) {
      throw new IllegalArgumentException(
          ("state \"%s\" has shape %s: the server keeps tensors that grow by one row per event;"
                  + " export the model with a fixed history length")
              .formatted(tensor.name(), tensor.lengths()));
    }
  }

  /**
   * Returns the shortest history to run the model with, as its check found: graphs by other
   * exporters may die of an empty axis, and ONNX Runtime with them.
   */
  static int historyMin(Graph whole, SplitModel split) {
    boolean readsHistory =
        whole.inputs().stream().anyMatch(input -> ColumnSpecs.isHistory(input, split.roles()));
    return readsHistory ? Math.toIntExact(split.historyMin()) : 0;
  }
}

package dev.falconer.server.model;

import dev.falconer.bundle.BundleException;
import dev.falconer.server.domain.ColumnSpec;
import dev.falconer.server.domain.DType;
import dev.falconer.server.domain.ModelSpec;
import dev.falconer.server.domain.Role;
import dev.falconer.server.domain.StateSpec;
import dev.falconer.v1.DataType;
import dev.falconer.v1.Manifest;
import dev.falconer.v1.StateTensor;
import dev.falconer.v1.Variant;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;

/** Reads what a model takes and gives from its manifest. */
final class SpecReader {
  private SpecReader() {}

  /**
   * Returns the spec.
   *
   * @param microBatch instead of the manifest's, when given
   */
  static ModelSpec read(Manifest manifest, OptionalInt microBatch) {
    boolean canGrow = manifest.getGrowth().getSupported();
    int pasts = manifest.getGrowth().getPastInputsCount();
    if (canGrow && pasts != manifest.getStateCount()) {
      throw new BundleException(
          "manifest.json: growth has "
              + pasts
              + " past_inputs for "
              + manifest.getStateCount()
              + " state tensors");
    }
    try {
      return new ModelSpec(
          manifest.getName(),
          manifest.getVersion(),
          manifest.getManifestSha256(),
          columns(manifest),
          state(manifest, canGrow),
          canGrow,
          manifest.getGrowth().getReason(),
          manifest.getTasksList(),
          manifest.getScoreOutput(),
          manifest.getHistoryMin(),
          manifest.getHistoryMax(),
          microBatch.orElse(manifest.getMicroBatch()));
    } catch (IllegalArgumentException e) {
      throw new BundleException("manifest.json: " + e.getMessage(), e);
    }
  }

  private static List<ColumnSpec> columns(Manifest manifest) {
    var columns = new ArrayList<ColumnSpec>();
    for (var column : manifest.getColumnsList()) {
      var role =
          switch (column.getRole()) {
            case USER -> Role.USER;
            case LENGTH -> Role.LENGTH;
            case CANDIDATE -> Role.CANDIDATE;
            case CONTEXT -> Role.CONTEXT;
            case ROLE_UNSPECIFIED, UNRECOGNIZED ->
                throw new BundleException(
                    "manifest.json: column '" + column.getName() + "' has no role");
          };
      columns.add(
          new ColumnSpec(
              column.getName(),
              role,
              dtype(column.getName(), column.getDtype()),
              column.getRowShapeList(),
              column.getHistory(),
              column.getLeading()));
    }
    return columns;
  }

  /** Returns the spec of a variant, whose state may hold more. */
  static ModelSpec with(ModelSpec spec, Variant variant) {
    try {
      return spec.withState(
          variant.getStateList().stream().map(tensor -> state(tensor, "")).toList());
    } catch (IllegalArgumentException e) {
      throw new BundleException(
          "manifest.json: variant '" + variant.getName() + "': " + e.getMessage(), e);
    }
  }

  private static List<StateSpec> state(Manifest manifest, boolean canGrow) {
    var state = new ArrayList<StateSpec>();
    for (int i = 0; i < manifest.getStateCount(); i++) {
      String past = canGrow ? manifest.getGrowth().getPastInputs(i) : "";
      state.add(state(manifest.getState(i), past));
    }
    return state;
  }

  private static StateSpec state(StateTensor tensor, String past) {
    return new StateSpec(
        tensor.getName(),
        dtype(tensor.getName(), tensor.getDtype()),
        tensor.getShapeList(),
        tensor.getHistoryExtra(),
        past);
  }

  private static DType dtype(String name, DataType dtype) {
    return switch (dtype) {
      case FLOAT32 -> DType.FLOAT32;
      case FLOAT64 -> DType.FLOAT64;
      case INT8 -> DType.INT8;
      case UINT8 -> DType.UINT8;
      case INT16 -> DType.INT16;
      case INT32 -> DType.INT32;
      case INT64 -> DType.INT64;
      case BOOL -> DType.BOOL;
      case STRING -> DType.STRING;
      case DATA_TYPE_UNSPECIFIED, UNRECOGNIZED ->
          throw new BundleException("manifest.json: '" + name + "' has no data type");
    };
  }
}

package dev.falconer.compressor.bundle;

import dev.falconer.compressor.axes.Layout;
import dev.falconer.compressor.axes.Roles;
import dev.falconer.compressor.onnx.DType;
import dev.falconer.compressor.onnx.Graph;
import dev.falconer.compressor.onnx.ValueInfo;
import dev.falconer.compressor.onnx.ValueInfo.Dim;
import dev.falconer.v1.ColumnSpec;
import dev.falconer.v1.DataType;
import dev.falconer.v1.Role;
import java.util.ArrayList;
import java.util.List;

/** Turns a graph's inputs into the columns of requests. */
final class ColumnSpecs {
  private ColumnSpecs() {}

  /**
   * Returns a column per input of the whole graph, in its order.
   *
   * <pre>
   * history    [1, n, row...]   leading 1      other user  [1, row...]
   * candidate  [1, m, row...]   leading 1      or [candidates, row...] in row-wise graphs
   * context    [1, row...]
   * </pre>
   */
  static List<ColumnSpec> of(Graph whole, Roles roles, Layout layout) {
    var specs = new ArrayList<ColumnSpec>();
    for (ValueInfo input : whole.inputs()) {
      Roles.Role role = roles.of(input.name());
      List<Dim> dims = input.dims();
      if (dims == null) {
        throw new IllegalArgumentException(
            "input \"" + input.name() + "\" declares no shape; a bundle needs its rank");
      }
      boolean history = isHistory(input, roles);
      int leading = history ? 1 : role == Roles.Role.CANDIDATE ? layout.rowAxis() : 0;
      var spec =
          ColumnSpec.newBuilder()
              .setName(input.name())
              .setRole(role(role))
              .setDtype(dtype(input.dtype()))
              .setHistory(history)
              .setLeading(leading);
      for (Dim dim : dims.subList(Math.min(leading + 1, dims.size()), dims.size())) {
        if (!(dim instanceof Dim.Fixed(long length))) {
          throw new IllegalArgumentException(
              "input \"%s\" has shape %s: a row's shape must be known"
                  .formatted(input.name(), dims));
        }
        spec.addRowShape(length);
      }
      specs.add(spec.build());
    }
    return specs;
  }

  /** Returns the wire's type of a tensor's. Throws IllegalArgumentException when it has none. */
  static DataType dtype(DType dtype) {
    return switch (dtype) {
      case FLOAT32 -> DataType.FLOAT32;
      case FLOAT64 -> DataType.FLOAT64;
      case INT8 -> DataType.INT8;
      case UINT8 -> DataType.UINT8;
      case INT16 -> DataType.INT16;
      case INT32 -> DataType.INT32;
      case INT64 -> DataType.INT64;
      case BOOL -> DataType.BOOL;
      case STRING -> DataType.STRING;
      case FLOAT16, BFLOAT16, UINT16, UINT32, UINT64 ->
          throw new IllegalArgumentException("requests carry no " + dtype + " columns");
    };
  }

  private static Role role(Roles.Role role) {
    return switch (role) {
      case USER -> Role.USER;
      case LENGTH -> Role.LENGTH;
      case CANDIDATE -> Role.CANDIDATE;
      case CONTEXT -> Role.CONTEXT;
    };
  }

  /**
   * Returns whether an input has a row per event: a user column whose second axis has no length.
   */
  static boolean isHistory(ValueInfo input, Roles roles) {
    List<Dim> dims = input.dims();
    return roles.of(input.name()) == Roles.Role.USER
        && dims != null
        && dims.size() > 1
        && !(dims.get(1) instanceof Dim.Fixed);
  }
}

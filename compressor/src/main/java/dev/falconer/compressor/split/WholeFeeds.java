package dev.falconer.compressor.split;

import dev.falconer.compressor.axes.Layout;
import dev.falconer.compressor.axes.Roles;
import dev.falconer.compressor.axes.Roles.Role;
import dev.falconer.compressor.onnx.Graph;
import dev.falconer.compressor.onnx.TensorData;
import dev.falconer.compressor.onnx.Tensors;
import java.util.Map;
import java.util.TreeMap;

/** Turns one user's request into what the whole graph reads. */
public final class WholeFeeds {
  private WholeFeeds() {}

  /**
   * Returns the request as it is for a grouped graph; for a row-wise one with the user's and the
   * context's row repeated for each candidate.
   *
   * @param request user and context columns of one row, candidate columns [m, ...]
   */
  public static Map<String, TensorData> of(
      Graph whole, Roles roles, Layout layout, Map<String, TensorData> request) {
    if (layout.form() == Layout.Form.GROUPED) {
      return request;
    }
    String column = roles.inputs(whole, Role.CANDIDATE).getFirst().name();
    TensorData candidates = request.get(column);
    if (candidates == null) {
      throw new IllegalArgumentException(
          "no column \"" + column + "\"; there are " + request.keySet());
    }
    long count = candidates.shape().dim(0);
    var rows = new TreeMap<String, TensorData>();
    request.forEach((name, tensor) ->
        rows.put(
            name,
            roles.of(name) == Role.CANDIDATE || tensor.shape().rank() == 0
                ? tensor
                : Tensors.repeat(tensor, count)));
    return rows;
  }
}

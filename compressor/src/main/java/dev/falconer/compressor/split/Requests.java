package dev.falconer.compressor.split;

import dev.falconer.compressor.axes.Layout;
import dev.falconer.compressor.axes.Roles;
import dev.falconer.compressor.axes.Roles.Role;
import dev.falconer.compressor.onnx.Graph;
import dev.falconer.compressor.onnx.TensorData;
import dev.falconer.compressor.onnx.Tensors;
import dev.falconer.compressor.onnx.ValueInfo;
import dev.falconer.compressor.onnx.ValueInfo.Dim;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Requests of one user each from a batch of a model's inputs, whose rows may be other users'.
 *
 * <pre>
 * row-wise   user  7 7 7 9 9      becomes   user [7], item [1 2 3]
 *            item  1 2 3 4 5                user [9], item [4 5]
 * grouped    user  [B, n]         becomes   B requests of [1, n] and [1, m]
 * </pre>
 */
public final class Requests {
  private Requests() {}

  /**
   * Returns the requests, in the batch's order.
   *
   * @param batch the graph's inputs by name
   * @throws IllegalArgumentException naming the input that is missing or does not fit
   */
  public static List<Map<String, TensorData>> of(
      Graph graph, Roles roles, Map<String, TensorData> batch) {
    Layout layout = Layout.of(graph, roles);
    long rows = -1;
    for (ValueInfo input : graph.inputs()) {
      TensorData tensor = batch.get(input.name());
      check(input, tensor, batch);
      if (tensor != null && tensor.shape().rank() > 0) {
        long own = tensor.shape().dim(0);
        if (rows >= 0 && own != rows) {
          throw new IllegalArgumentException(
              "input \"%s\" has %d rows, others have %d".formatted(input.name(), own, rows));
        }
        rows = own;
      }
    }
    var requests = new ArrayList<Map<String, TensorData>>();
    for (long from = 0, to; from < rows; from = to) {
      to = from + 1;
      while (layout.form() == Layout.Form.ROW_WISE
          && to < rows
          && sameUser(graph, roles, batch, from, to)) {
        to++;
      }
      requests.add(request(graph, roles, batch, from, to));
    }
    return requests;
  }

  private static void check(
      ValueInfo input, @org.jspecify.annotations.Nullable TensorData tensor, Map<String, ?> batch) {
    if (tensor == null) {
      throw new IllegalArgumentException(
          "the data lack input \"%s\"; they have %s"
              .formatted(input.name(), new TreeMap<>(batch).keySet()));
    }
    if (tensor.dtype() != input.dtype()) {
      throw new IllegalArgumentException(
          "input \"%s\" is %s, the data have %s"
              .formatted(input.name(), input.dtype(), tensor.dtype()));
    }
    List<Dim> dims = input.dims();
    if (dims == null) {
      return;
    }
    boolean fits = dims.size() == tensor.shape().rank();
    for (int i = 1; fits && i < dims.size(); i++) {
      fits = !(dims.get(i) instanceof Dim.Fixed(long wanted)) || tensor.shape().dim(i) == wanted;
    }
    if (!fits) {
      throw new IllegalArgumentException(
          "input \"%s\" is %s, the data have shape %s"
              .formatted(input.name(), dims, tensor.shape()));
    }
  }

  private static boolean sameUser(
      Graph graph, Roles roles, Map<String, TensorData> batch, long a, long b) {
    for (ValueInfo input : graph.inputs()) {
      TensorData tensor = Rows.get(batch, input.name());
      if (roles.of(input.name()) != Role.CANDIDATE
          && tensor.shape().rank() > 0
          && !Tensors.slice(tensor, 0, a, a + 1).equals(Tensors.slice(tensor, 0, b, b + 1))) {
        return false;
      }
    }
    return true;
  }

  private static Map<String, TensorData> request(
      Graph graph, Roles roles, Map<String, TensorData> batch, long from, long to) {
    var request = new TreeMap<String, TensorData>();
    for (ValueInfo input : graph.inputs()) {
      TensorData tensor = Rows.get(batch, input.name());
      boolean candidate = roles.of(input.name()) == Role.CANDIDATE;
      request.put(
          input.name(),
          tensor.shape().rank() == 0
              ? tensor
              : Tensors.slice(tensor, 0, from, candidate ? to : from + 1));
    }
    return request;
  }
}

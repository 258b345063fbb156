package dev.falconer.compressor.axes;

import dev.falconer.compressor.axes.Roles.Role;
import dev.falconer.compressor.onnx.Graph;
import dev.falconer.compressor.onnx.ValueInfo;
import dev.falconer.compressor.onnx.ValueInfo.Dim;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Where the candidates stand in the inputs.
 *
 * <pre>
 * GROUPED   user [B, n], context [B], candidate [B, m, ...]   the rows are axis 1 of candidates; B is 1 in a split
 * ROW_WISE  user [B, n], context [B], candidate [B, ...]      the rows are axis 0 of every input
 * </pre>
 *
 * @param rows name of the candidates' length
 */
public record Layout(Form form, String rows) {
  /** Form of a ranking graph. */
  public enum Form {
    GROUPED,
    ROW_WISE
  }

  private static final String ROW_WISE_ROWS = "candidates";

  /**
   * Returns the layout of a graph: grouped when the second axis of every candidate column has one
   * name that no other input's axis has, and an output may have such an axis too.
   *
   * @throws SplitRefusal {@code no-candidate} when no input is the candidates'
   */
  public static Layout of(Graph graph, Roles roles) {
    List<ValueInfo> candidates = roles.inputs(graph, Role.CANDIDATE);
    if (candidates.isEmpty()) {
      throw new SplitRefusal(
          SplitRefusal.Code.NO_CANDIDATE,
          null,
          -1,
          "no input is the candidates'",
          "name the candidates' columns with --candidate");
    }
    String rows = symbol(candidates.getFirst(), 1);
    if (rows == null) {
      return new Layout(Form.ROW_WISE, ROW_WISE_ROWS);
    }
    boolean grouped =
        candidates.stream().allMatch(input -> rows.equals(symbol(input, 1)))
            && graph.inputs().stream()
                .filter(input -> roles.of(input.name()) != Role.CANDIDATE)
                .noneMatch(input -> names(input, rows))
            && graph.outputs().stream().anyMatch(Layout::mayHaveRows);
    return grouped ? new Layout(Form.GROUPED, rows) : new Layout(Form.ROW_WISE, ROW_WISE_ROWS);
  }

  private static @Nullable String symbol(ValueInfo input, int axis) {
    List<Dim> dims = input.dims();
    return dims != null && dims.size() > axis && dims.get(axis) instanceof Dim.Symbol(String name)
        ? name
        : null;
  }

  /** Returns whether the second axis of an output is not declared to be absent or fixed. */
  private static boolean mayHaveRows(ValueInfo output) {
    List<Dim> dims = output.dims();
    return dims == null || (dims.size() > 1 && !(dims.get(1) instanceof Dim.Fixed));
  }

  private static boolean names(ValueInfo input, String symbol) {
    List<Dim> dims = input.dims();
    return dims != null && dims.contains(new Dim.Symbol(symbol));
  }

  /** Returns the candidates' axis of a candidate column. */
  public int rowAxis() {
    return switch (form) {
      case GROUPED -> 1;
      case ROW_WISE -> 0;
    };
  }
}

package dev.falconer.compressor.pipeline;

import dev.falconer.compressor.calibrate.Calibrator;
import dev.falconer.compressor.layer.LinearLayer;
import dev.falconer.compressor.onnx.Model;
import dev.falconer.compressor.onnx.NumericTensor;
import dev.falconer.compressor.onnx.Shape;
import dev.falconer.compressor.onnx.TensorData;
import dev.falconer.compressor.solver.LayerProblem;
import dev.falconer.compressor.solver.LayerSolution;
import dev.falconer.compressor.solver.Mask;
import dev.falconer.compressor.solver.Matrix;
import dev.falconer.compressor.solver.Pattern;
import dev.falconer.compressor.solver.PruningSolver;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Prunes every linear layer of a model to a pattern.
 *
 * @param solver chooses the weights that stay
 * @param pattern of the zeros
 */
public record LayerPruning(PruningSolver solver, Pattern pattern) {
  /** Layers of fewer outputs stay dense: a task's row of weights is too little to save on. */
  public static final int MIN_OUT = 8;

  /** A layer and what pruning did to it. */
  public record Pruned(LinearLayer layer, LayerSolution solution) {}

  /**
   * The pruned model.
   *
   * @param model with zeros in its weights
   * @param layers in the model's order
   * @param skipped weights left dense
   */
  public record Result(Model model, List<Pruned> layers, List<String> skipped) {
    /** Copies the lists. */
    public Result {
      layers = List.copyOf(layers);
      skipped = List.copyOf(skipped);
    }

    /** Returns 1 where a weight stays and 0 where it was pruned, by constant, in its shape. */
    public Map<String, NumericTensor> masks() {
      var masks = new LinkedHashMap<String, NumericTensor>();
      for (Pruned pruned : layers) {
        masks.put(pruned.layer().weight(), tensor(pruned.layer(), pruned.solution().mask()));
      }
      return masks;
    }

    /** Returns the fraction of the pruned layers' weights that stay. */
    public double density() {
      long kept = 0;
      long all = 0;
      for (Pruned pruned : layers) {
        kept += pruned.solution().mask().count();
        all += pruned.layer().multiplyAdds();
      }
      return all == 0 ? 1 : (double) kept / all;
    }
  }

  /**
   * Returns the model with pruned layers.
   *
   * @param layers of the model
   * @param statistics of all those layers
   */
  public Result apply(Model model, List<LinearLayer> layers, Calibrator statistics) {
    var pruned = new ArrayList<Pruned>();
    var skipped = new ArrayList<String>();
    Map<LinearLayer, Matrix> weights = new LinkedHashMap<>();
    for (LinearLayer layer : layers) {
      if (layer.out() < MIN_OUT || isTooSmall(layer)) {
        skipped.add(layer.weight());
        continue;
      }
      LayerSolution solution =
          solver.solve(
              new LayerProblem(layer.read(model.graph()), statistics.of(layer).gram(), pattern)
                  .withRows(statistics.of(layer).rows()));
      pruned.add(new Pruned(layer, solution));
      weights.put(layer, solution.weight());
    }
    return new Result(
        model.withGraph(LinearLayer.written(model.graph(), weights)), pruned, skipped);
  }

  /** Returns whether the layer cannot have the pattern: less than a group, or sides that differ. */
  private boolean isTooSmall(LinearLayer layer) {
    return switch (pattern) {
      case Pattern.NofM(int _, int group) -> layer.in() < group;
      case Pattern.Transposable(int _, int group) ->
          layer.in() % group != 0 || layer.out() % group != 0;
      case Pattern.Block(int rows, int columns, double _) ->
          layer.in() % columns != 0 || layer.out() % rows != 0;
      case Pattern.Panel(int width, int _, double _) -> layer.out() < width;
      case Pattern.Unstructured _ -> false;
    };
  }

  private static NumericTensor tensor(LinearLayer layer, Mask mask) {
    int rows = layer.isOutIn() ? layer.out() : layer.in();
    int columns = layer.isOutIn() ? layer.in() : layer.out();
    var values = new float[rows * columns];
    for (int r = 0; r < rows; r++) {
      for (int c = 0; c < columns; c++) {
        boolean isKept = layer.isOutIn() ? mask.keeps(r, c) : mask.keeps(c, r);
        values[r * columns + c] = isKept ? 1 : 0;
      }
    }
    return TensorData.floats(Shape.of(rows, columns), values);
  }
}

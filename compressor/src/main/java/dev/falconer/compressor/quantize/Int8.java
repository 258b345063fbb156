package dev.falconer.compressor.quantize;

import dev.falconer.compressor.calibrate.Calibrator;
import dev.falconer.compressor.calibrate.Histogram;
import dev.falconer.compressor.layer.LinearLayer;
import dev.falconer.compressor.layer.LinearLayer.Tap;
import dev.falconer.compressor.layer.LinearLayers;
import dev.falconer.compressor.onnx.DType;
import dev.falconer.compressor.onnx.Model;
import dev.falconer.compressor.onnx.Node;
import dev.falconer.compressor.solver.Grid;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;

/**
 * Turns candidate-side linear maps into 8-bit integer arithmetic. A model without sides is one
 * whose inputs are all the candidates': {@link LinearLayers#find} with all of them.
 *
 * <pre>
 * y = x · W   becomes   QuantizeLinear(x, s, z) → MatMulInteger(·, Q, z) → Cast → Mul(s) → Mul(w)
 * </pre>
 *
 * Weights: signed, symmetric, a scale per output, levels -63..63 unless told otherwise: on CPUs
 * without VNNI products of full-range bytes saturate in 16 bits. A zero weight stays zero.
 * Activations: one scale and zero point per tensor, fixed from calibration: a scale found at run
 * time (DynamicQuantizeLinear) would make a candidate's score depend on the other candidates of its
 * call. The two scales are two Muls: ONNX Runtime fuses their product wrongly. Biases stay float
 * adds, activations float.
 *
 * @param range of activations
 * @param levels largest weight level: {@link #LEVELS} anywhere, {@link #FULL} on CPUs with VNNI
 */
public record Int8(ActivationRange range, int levels) {
  /** Largest weight level whose products never saturate: seven bits. */
  public static final int LEVELS = 63;

  /** Largest weight level of eight bits. */
  public static final int FULL = 127;

  /** Layers of fewer outputs stay in float: the conversions cost more than the product. */
  public static final int MIN_OUT = 8;

  /** Checks the levels. */
  public Int8 {
    if (levels < 1 || levels > FULL) {
      throw new IllegalArgumentException(
          "weight levels up to " + levels + ": 1 to " + FULL + " are possible");
    }
  }

  /** Weights of seven bits. */
  public Int8(ActivationRange range) {
    this(range, LEVELS);
  }

  /**
   * What was done.
   *
   * @param model with integer nodes
   * @param layers weights now in int8
   * @param skipped weights of candidate-side layers left in float
   * @param share of the candidate side's multiply-adds in linear layers that are now int8, 0 to 1
   */
  public record Result(Model model, List<String> layers, List<String> skipped, double share) {
    /** Copies the lists. */
    public Result {
      layers = List.copyOf(layers);
      skipped = List.copyOf(skipped);
    }
  }

  /**
   * A weight on a grid, and the grids of what it multiplies.
   *
   * @param grid of the weight: symmetric, one scale an output; of 7 bits where CPUs may lack VNNI
   * @param activations in the order of the layer's taps
   */
  public record Integers(Grid grid, List<UInt8Grid> activations) {
    /** Copies the list. */
    public Integers {
      activations = List.copyOf(activations);
    }
  }

  /** Returns why a layer of the model stays in float, or nothing when it need not. */
  public static Optional<String> reasonAgainst(Model model, LinearLayer layer) {
    Optional<String> reason = reasonAgainst(ProductForm.byName(model.graph()), layer);
    return reason.isPresent() ? reason : IntegerOpset.reasonAgainst(model);
  }

  private static Optional<String> reasonAgainst(Map<String, Node> nodes, LinearLayer layer) {
    if (layer.dtype() != DType.FLOAT32) {
      return Optional.of("it is computed in " + layer.dtype());
    }
    if (layer.out() < MIN_OUT) {
      return Optional.of("of %d outputs, fewer than %d".formatted(layer.out(), MIN_OUT));
    }
    return ProductForm.reasonAgainst(nodes, layer);
  }

  /**
   * Returns the model with its candidate-side layers in int8; nodes that serve the user's side keep
   * the float weight.
   *
   * @param calibrator ran over these layers of the same model
   */
  public Result apply(Model model, List<LinearLayer> layers, Calibrator calibrator) {
    return apply(model, layers, tap -> calibrator.of(tap).values());
  }

  /**
   * Returns the model with layers in int8, all their taps.
   *
   * @param integers by layer that {@link #reasonAgainst} passes, whose weight lies on the grid
   * @throws IllegalArgumentException naming the weight whose grid is not symmetric with one scale
   *     an output
   */
  public static Model written(Model model, Map<LinearLayer, Integers> integers) {
    var rewrite = new Int8Rewrite(model, FULL);
    integers.forEach((layer, parts) -> {
      check(layer, parts.grid);
      for (int tap = 0; tap < layer.taps().size(); tap++) {
        rewrite.add(
            layer, layer.taps().get(tap), parts.activations.get(tap), Optional.of(parts.grid));
      }
    });
    return rewrite.model();
  }

  /**
   * Returns the model with its candidate-side layers in int8.
   *
   * @param values what each candidate-side tap of layers that {@link #reasonAgainst} passes reads
   * @throws IllegalArgumentException naming the node when the model's operator set is older than
   *     integer arithmetic and cannot be raised
   */
  public Result apply(Model model, List<LinearLayer> layers, Function<Tap, Histogram> values) {
    Map<String, Node> nodes = ProductForm.byName(model.graph());
    var rewrite = new Int8Rewrite(model, levels);
    var done = new ArrayList<String>();
    var skipped = new ArrayList<String>();
    long small = 0;
    long all = 0;
    for (LinearLayer layer : layers) {
      for (Tap tap : layer.taps()) {
        if (!tap.isCandidateSide()) {
          continue;
        }
        all += layer.multiplyAdds();
        boolean isWorthIt = reasonAgainst(nodes, layer).isEmpty();
        List<String> list = isWorthIt ? done : skipped;
        if (!list.contains(layer.weight())) {
          list.add(layer.weight());
        }
        if (isWorthIt) {
          rewrite.add(layer, tap, range.grid(values.apply(tap)), Optional.empty());
        } else {
          small += layer.multiplyAdds();
        }
      }
    }
    double share = all == 0 ? 0 : (double) (all - small) / all;
    return new Result(rewrite.model(), done, skipped, share);
  }

  /** Returns the model in int8 where the calibrator's statistics are of its own layers. */
  public Result apply(Model model, Calibrator calibrator) {
    return apply(model, LinearLayers.of(model), calibrator);
  }

  private static void check(LinearLayer layer, Grid grid) {
    boolean isOne =
        grid.groups() == 1 && grid.rows() == layer.out() && grid.columns() == layer.in();
    for (int o = 0; isOne && o < layer.out(); o++) {
      isOne = grid.zero(o, 0) == 1 << (grid.bits() - 1);
    }
    if (!isOne) {
      throw new IllegalArgumentException(
          "weight \"%s\" [%d, %d] needs a symmetric grid of one scale an output, got a %s"
              .formatted(layer.weight(), layer.out(), layer.in(), grid));
    }
  }
}

package dev.falconer.compressor.quantize;

import dev.falconer.compressor.layer.LinearLayer;
import dev.falconer.compressor.layer.LinearLayer.Tap;
import dev.falconer.compressor.onnx.Attribute;
import dev.falconer.compressor.onnx.DType;
import dev.falconer.compressor.onnx.Graph;
import dev.falconer.compressor.onnx.Model;
import dev.falconer.compressor.onnx.Node;
import dev.falconer.compressor.solver.Grid;
import dev.falconer.compressor.solver.Matrix;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * Stores weights in 4 or 8 bits, unpacked as they are multiplied: com.microsoft's MatMulNBits. The
 * file gets smaller; in ONNX Runtime on a CPU it is faster for few rows and about as fast as
 * float32 for many.
 *
 * <pre>
 * y = x · W   becomes   y = MatMulNBits(x, codes, scales, zeros)
 * </pre>
 *
 * Biases and activations follow in float.
 *
 * @param arithmetic of the product
 */
public record PackedWeights(Arithmetic arithmetic) {
  private static final String DOMAIN = "com.microsoft";

  /** Least and largest number of inputs that MatMulNBits lets share a scale. */
  private static final int MIN_BLOCK = 16;

  private static final int MAX_BLOCK = 256;

  /**
   * What the runtime may do with what is multiplied: the attribute accuracy_level. Measured with
   * ONNX Runtime 1.29 on a CPU with VNNI, Gaussian rows times 512 x 512 weights of 4 bits, error
   * relative to the float32 product of the unpacked weights: 3e-7 where activations stay float
   * (levels 0 and 1 are the same), 5e-3 to 6e-3 where they are rounded (level 4).
   */
  public enum Arithmetic {
    /** Activations stay float32. */
    FLOAT(1),
    /**
     * Each row of activations is rounded to int8 as it comes, block by block: faster, and a second
     * error that no calibration saw. Rows don't influence each other.
     */
    INT8_ACTIVATIONS(4);

    private final int level;

    Arithmetic(int level) {
      this.level = level;
    }
  }

  /**
   * A layer's weight on a grid.
   *
   * @param weight [out, in], on the grid
   * @param grid of at most 8 bits; up to 4 bits take 4, more take 8
   */
  public record OnGrid(Matrix weight, Grid grid) {}

  /** Returns why a layer of the graph cannot be packed on a grid, or nothing when it can. */
  public static Optional<String> reasonAgainst(Graph graph, LinearLayer layer, Grid grid) {
    return reasonAgainst(ProductForm.byName(graph), layer, grid);
  }

  private static Optional<String> reasonAgainst(
      Map<String, Node> nodes, LinearLayer layer, Grid grid) {
    if (layer.dtype() != DType.FLOAT32) {
      return Optional.of("it is computed in " + layer.dtype());
    }
    if (block(grid) < MIN_BLOCK) {
      return Optional.of(
          "a scale is shared by %d inputs, and the runtime takes %d, 32, 64 and so on, or a multiple"
              .formatted(grid.group(), MIN_BLOCK));
    }
    return ProductForm.reasonAgainst(nodes, layer);
  }

  /** Returns the largest block with one scale; the last of a row may be cut short. */
  private static int block(Grid grid) {
    int block = MAX_BLOCK;
    if (grid.groups() == 1) {
      while (block / 2 >= grid.columns() && block > MIN_BLOCK) {
        block /= 2;
      }
      return block;
    }
    while (grid.group() % block != 0) {
      block /= 2;
    }
    return block;
  }

  /**
   * Returns the model with the layers packed.
   *
   * @throws IllegalArgumentException naming the layer that cannot be packed, or is not on its grid
   */
  public Model apply(Model model, Map<LinearLayer, OnGrid> weights) {
    Map<String, Node> nodes = ProductForm.byName(model.graph());
    Map<String, LinearLayer> byNode = new HashMap<>();
    Map<LinearLayer, PackedBlocks> packed = new HashMap<>();
    weights.forEach((layer, on) -> {
      check(layer, on);
      reasonAgainst(nodes, layer, on.grid)
          .ifPresent(reason -> {
            throw new IllegalArgumentException(
                "weight \"%s\" is not packed: %s".formatted(layer.weight(), reason));
          });
      packed.put(layer, new PackedBlocks(layer, on, block(on.grid)));
      layer.taps().stream().map(Tap::node).forEach(node -> byNode.put(node, layer));
    });
    if (weights.isEmpty()) {
      return model;
    }
    Map<String, Long> opsets = new TreeMap<>(model.opsets());
    opsets.putIfAbsent(DOMAIN, 1L);
    var edit = new Edit(new Model(model.graph(), model.irVersion(), opsets, model.metadata()));
    for (Node node : model.graph().nodes()) {
      LinearLayer layer = byNode.get(node.name());
      PackedBlocks blocks = layer == null ? null : packed.get(layer);
      if (blocks == null) {
        edit.keep(node);
      } else {
        replace(edit, node, blocks);
      }
    }
    return edit.done();
  }

  private void replace(Edit edit, Node node, PackedBlocks blocks) {
    String rows = ProductForm.rows(edit, node, node.input(0));
    String name = node.name();
    boolean isFollowed = ProductForm.isFollowed(node);
    String product = isFollowed ? edit.fresh(name + ".product") : node.output();
    Map<String, Attribute> attributes = new HashMap<>(blocks.attributes());
    attributes.put("accuracy_level", Attribute.of(arithmetic.level));
    edit.write(
        product,
        edit.fresh(name + ".packed"),
        DOMAIN,
        "MatMulNBits",
        attributes,
        blocks.inputs(edit, rows));
    if (isFollowed) {
      ProductForm.finish(edit, node, product, DType.FLOAT32);
    }
  }

  private static void check(LinearLayer layer, OnGrid on) {
    Grid grid = on.grid;
    Matrix weight = on.weight;
    if (weight.rows() != layer.out()
        || weight.columns() != layer.in()
        || grid.rows() != layer.out()
        || grid.columns() != layer.in()) {
      throw new IllegalArgumentException(
          "weight \"%s\" is [%d, %d], got %s on a %s"
              .formatted(layer.weight(), layer.out(), layer.in(), weight, grid));
    }
    for (int o = 0; o < layer.out(); o++) {
      for (int i = 0; i < layer.in(); i++) {
        double value = weight.at(o, i);
        double nearest = grid.value(o, i, grid.code(o, i, value));
        if (!(Math.abs(value - nearest) <= 1e-4 * grid.scale(o, i / grid.group()))) {
          throw new IllegalArgumentException(
              "weight \"%s\": element [%d, %d] is %s, between levels of its %s"
                  .formatted(layer.weight(), o, i, value, grid));
        }
      }
    }
  }
}

package dev.falconer.kernel;

import dev.falconer.packed.PackedHeader;
import java.util.ArrayList;
import java.util.List;

/**
 * Operator CandidateMlp: products one after the other, every row by itself.
 *
 * <pre>
 * inputs      x float32 [.., in]; then of up to 15 layers each a packed weight uint8 [out, in],
 *             constant, as {@link PackedHeader} says, and a bias float32 [out], constant, optional
 * attributes  activations: names of {@link Activation}, one a layer, "relu,relu,none"
 * output      float32 [.., out of the last layer]
 * </pre>
 */
public final class CandidateMlp {
  private static final int MOST_LAYERS = 15;

  /** Rows whose values stay in the second cache from layer to layer. */
  private static final int ROWS = 64;

  private CandidateMlp() {}

  /** Returns the operator, computed by an execution. */
  static Operator by(Execution execution, ThreadLocal<Scratch> scratches) {
    var inputs = new ArrayList<Operator.Input>();
    inputs.add(new Operator.Input(ElementType.FLOAT32, false));
    for (int layer = 0; layer < MOST_LAYERS; layer++) {
      inputs.add(new Operator.Input(ElementType.UINT8, layer > 0));
      inputs.add(new Operator.Input(ElementType.FLOAT32, true));
    }
    return new Operator(
        "CandidateMlp",
        inputs,
        List.of(ElementType.FLOAT32),
        node -> kernel(execution, scratches, node));
  }

  private static Kernel kernel(Execution execution, ThreadLocal<Scratch> scratches, NodeInfo node) {
    String name = node.toString();
    List<Product> layers = layers(execution, node);
    int widest = layers.stream().mapToInt(Product::out).max().orElseThrow();
    int in = layers.getFirst().in();
    int out = layers.getLast().out();
    return call -> {
      TensorView x = call.input(0);
      if (x.rank() < 1 || x.dim(-1) != in) {
        throw new IllegalArgumentException("%s: x is %s, want %d columns".formatted(name, x, in));
      }
      int rows = Math.toIntExact(x.rows());
      long from = x.address();
      long y = call.outputLike(0, x, out);
      Scratch scratch = scratches.get();
      scratch.begin(2 * Scratch.bytes(ROWS, widest));
      long even = scratch.take(Scratch.bytes(ROWS, widest));
      long odd = scratch.take(Scratch.bytes(ROWS, widest));
      for (int row = 0; row < rows; row += ROWS) {
        int count = Math.min(ROWS, rows - row);
        long source = from + (long) Float.BYTES * row * in;
        int stride = in;
        for (int i = 0; i < layers.size(); i++) {
          Product layer = layers.get(i);
          boolean isLast = i == layers.size() - 1;
          long to = isLast ? y + (long) Float.BYTES * row * out : (i % 2 == 0 ? even : odd);
          int pitch = isLast ? out : Scratch.pitch(layer.out());
          layer.run(source, stride, count, to, pitch);
          source = to;
          stride = pitch;
        }
      }
    };
  }

  private static List<Product> layers(Execution execution, NodeInfo node) {
    List<Activation> activations = node.activations("activations");
    var layers = new ArrayList<Product>();
    for (int i = 0; i < activations.size(); i++) {
      int index = 2 * i + 1;
      if (i >= MOST_LAYERS || !node.has(index)) {
        throw new IllegalArgumentException(
            "%s: %d activations, but no weight at input %d"
                .formatted(node, activations.size(), index));
      }
      Product layer = Product.of(execution, node, index, activations.get(i));
      if (!layers.isEmpty()) {
        layer.want(node, index, layer.out(), layers.getLast().out());
      }
      layers.add(layer);
    }
    if (node.has(2 * activations.size() + 1)) {
      throw new IllegalArgumentException(
          "%s: %d activations for more layers".formatted(node, activations.size()));
    }
    return layers;
  }
}

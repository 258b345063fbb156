package dev.falconer.compressor.zoo;

import dev.falconer.compressor.onnx.Graph;
import dev.falconer.compressor.onnx.NumericTensor;
import dev.falconer.compressor.onnx.Shape;
import dev.falconer.compressor.onnx.TensorData;
import java.util.Random;

/** Where a graph's weights come from. */
sealed interface Parameters {
  /** Standard deviation of fresh embedding rows. */
  double EMBEDDING_DEVIATION = 0.05;

  /** Returns normal values of the given deviation. */
  TensorData normal(String name, double deviation, long... shape);

  /** Returns values uniform in ±1/sqrt(in), as linear layers start. */
  TensorData uniform(String name, int in, long... shape);

  /** Returns a constant. */
  TensorData filled(String name, float value, long... shape);

  /** Seeded random weights: each depends on the seed and the order of the calls. */
  record Fresh(Random random) implements Parameters {
    @Override
    public TensorData normal(String name, double deviation, long... shape) {
      var values = new float[Math.toIntExact(Shape.of(shape).size())];
      for (int i = 0; i < values.length; i++) {
        values[i] = (float) (deviation * random.nextGaussian());
      }
      return TensorData.floats(Shape.of(shape), values);
    }

    @Override
    public TensorData uniform(String name, int in, long... shape) {
      double bound = 1 / Math.sqrt(in);
      var values = new float[Math.toIntExact(Shape.of(shape).size())];
      for (int i = 0; i < values.length; i++) {
        values[i] = (float) (bound * (2 * random.nextDouble() - 1));
      }
      return TensorData.floats(Shape.of(shape), values);
    }

    @Override
    public TensorData filled(String name, float value, long... shape) {
      var values = new float[Math.toIntExact(Shape.of(shape).size())];
      java.util.Arrays.fill(values, value);
      return TensorData.floats(Shape.of(shape), values);
    }
  }

  /** The weights of an existing graph, by name. */
  record Of(Graph graph) implements Parameters {
    @Override
    public TensorData normal(String name, double deviation, long... shape) {
      return get(name, shape);
    }

    @Override
    public TensorData uniform(String name, int in, long... shape) {
      return get(name, shape);
    }

    @Override
    public TensorData filled(String name, float value, long... shape) {
      return get(name, shape);
    }

    private NumericTensor get(String name, long... shape) {
      if (graph.initializers().get(name) instanceof NumericTensor tensor
          && tensor.shape().equals(Shape.of(shape))) {
        return tensor;
      }
      throw new IllegalArgumentException(
          "the model's weight \"%s\" is %s, wanted shape %s"
              .formatted(name, graph.initializers().get(name), Shape.of(shape)));
    }
  }
}

package dev.falconer.compressor.pack;

import dev.falconer.compressor.onnx.Graph;
import dev.falconer.compressor.onnx.NumericTensor;
import dev.falconer.compressor.onnx.Shape;
import dev.falconer.compressor.onnx.TensorData;
import java.util.Arrays;
import java.util.Optional;

/**
 * A product with some rows of a constant weight, and its bias.
 *
 * @param read tensor multiplied
 * @param from first of the weight's outputs
 * @param count of them
 * @param bias [count]
 */
record Dense(
    Term in, Form.Rows read, Weight weight, int from, int count, Optional<NumericTensor> bias) {
  /** Returns the product that a term is, if it is one. */
  static Optional<Dense> of(Facts facts, Term term) {
    return switch (term.form()) {
      case Form.Linear(Term in, Form.Rows read, Weight weight) ->
          Optional.of(new Dense(in, read, weight, 0, weight.out(), Optional.empty()));
      case Form.Shifted(Term of, String vector, double factor) ->
          of(facts, of)
              .flatMap(
                  dense -> facts.floats(vector).map(added -> dense.plus(added.toFloats(), factor)));
      case Form.Of(Placed of)
          when of.polynomial().at(1) == 1 && of.polynomial().coefficients().size() == 2 ->
          of(facts, of.term()).map(dense -> dense.plus(dense.filled(of.polynomial().at(0)), 1));
      case Form.Part(Term of, int from, int count) ->
          of(facts, of).map(dense -> dense.part(from, count));
      default -> Optional.empty();
    };
  }

  /** Returns a product that leaves a term as it is. */
  static Dense identity(Term in, int width) {
    var read = new Form.Rows(in.value(), in.at());
    return new Dense(in, read, new Weight.Identity(width), 0, width, Optional.empty());
  }

  private float[] filled(double value) {
    var values = new float[count];
    Arrays.fill(values, (float) value);
    return values;
  }

  private Dense plus(float[] added, double factor) {
    float[] sum = bias.map(NumericTensor::toFloats).orElseGet(() -> new float[count]);
    for (int i = 0; i < count; i++) {
      sum[i] += (float) (factor * added[i]);
    }
    return new Dense(in, read, weight, from, count, Optional.of(vector(sum)));
  }

  /** Returns the product with a vector added. */
  Dense plus(double[] added) {
    var floats = new float[count];
    for (int o = 0; o < count; o++) {
      floats[o] = (float) added[o];
    }
    return plus(floats, 1);
  }

  /** Returns the product and its bias times a factor an output. */
  Dense times(double[] factors) {
    Optional<NumericTensor> own =
        bias.map(all -> {
          var scaled = new float[count];
          for (int o = 0; o < count; o++) {
            scaled[o] = (float) (all.at(o) * factors[o]);
          }
          return vector(scaled);
        });
    return new Dense(
        in, read, new Weight.Scaled(weight, from, factors, ones(width())), from, count, own);
  }

  /** Returns the product with inputs times a factor each: it is to give the same of them. */
  Dense dividing(double[] inverses) {
    return new Dense(
        in, read, new Weight.Scaled(weight, from, ones(count), inverses), from, count, bias);
  }

  /** Returns the weight's product with a vector, without bias. */
  double[] of(Graph graph, float[] vector) {
    float[] rows = weight.rows(graph, from, count);
    var product = new double[count];
    for (int i = 0; i < rows.length; i++) {
      product[i / width()] += (double) rows[i] * vector[i % width()];
    }
    return product;
  }

  /** Returns the largest magnitude of each column of the weight. */
  double[] columns(Graph graph) {
    float[] rows = weight.rows(graph, from, count);
    var largest = new double[width()];
    for (int i = 0; i < rows.length; i++) {
      largest[i % width()] = Math.max(largest[i % width()], Math.abs(rows[i]));
    }
    return largest;
  }

  private static double[] ones(int count) {
    var ones = new double[count];
    Arrays.fill(ones, 1);
    return ones;
  }

  private Dense part(int first, int size) {
    Optional<NumericTensor> own =
        bias.map(all -> vector(Arrays.copyOfRange(all.toFloats(), first, first + size)));
    return new Dense(in, read, weight, from + first, size, own);
  }

  private static NumericTensor vector(float[] values) {
    return TensorData.floats(Shape.of(values.length), values);
  }

  /** Returns the length of the rows multiplied. */
  int width() {
    return weight.in();
  }
}

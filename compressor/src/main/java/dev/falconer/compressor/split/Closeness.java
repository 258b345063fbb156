package dev.falconer.compressor.split;

import dev.falconer.compressor.onnx.Graph;
import dev.falconer.compressor.onnx.Model;
import dev.falconer.compressor.onnx.Node;
import dev.falconer.compressor.onnx.NumericTensor;
import dev.falconer.compressor.onnx.TensorData;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * How near two results must be: scores after a sigmoid or softmax {@value #SCORES}, other numbers
 * {@value #LOGITS} of max(1, |z|), integers and texts equal. A graph with quantised activations
 * gets {@value #QUANTISED} on scores and as much more on the rest: a sum taken in another order may
 * round to the next step.
 */
final class Closeness {
  static final double SCORES = 1e-5;
  static final double LOGITS = 1e-4;
  static final double QUANTISED = 5e-3;

  private static final Set<String> VIEWS =
      Set.of("Identity", "Squeeze", "Unsqueeze", "Reshape", "Flatten");

  private final double scores;
  private final double logits;

  Closeness(Model whole) {
    boolean quantised = whole.graph().nodes().stream().anyMatch(node -> node.is("QuantizeLinear"));
    this.scores = quantised ? QUANTISED : SCORES;
    this.logits = quantised ? LOGITS * QUANTISED / SCORES : LOGITS;
  }

  /** Returns the tensor that the last sigmoid or softmax before an output reads; none without. */
  static Optional<String> beforeScore(Graph graph, String output) {
    Map<String, Node> producers = graph.producers();
    Node node = producers.get(output);
    while (node != null && VIEWS.contains(node.type())) {
      node = producers.get(node.input(0));
    }
    return node != null && (node.is("Sigmoid") || node.is("Softmax"))
        ? Optional.of(node.input(0))
        : Optional.empty();
  }

  /**
   * Compares two tensors.
   *
   * @param score whether they are bounded
   * @return what differs in a few words, or the largest difference
   */
  Result compare(TensorData want, TensorData have, boolean score) {
    if (!want.shape().equals(have.shape()) || want.dtype() != have.dtype()) {
      return Result.failed(
          "has shape %s%s in place of %s%s"
              .formatted(have.dtype(), have.shape(), want.dtype(), want.shape()));
    }
    if (!want.dtype().isFloat()) {
      return want.equals(have) ? new Result("", 0) : Result.failed("has other elements");
    }
    var wanted = (NumericTensor) want;
    var got = (NumericTensor) have;
    double largest = 0;
    for (long i = 0; i < want.shape().size(); i++) {
      double a = wanted.at(i);
      double b = got.at(i);
      double difference = a == b ? 0 : Math.abs(a - b);
      if (!(difference <= (score ? scores : logits * Math.max(1, Math.abs(a))))) {
        return Result.failed("element %d is %s in place of %s".formatted(i, b, a));
      }
      largest = Math.max(largest, difference);
    }
    return new Result("", largest);
  }

  /**
   * Outcome of a comparison.
   *
   * @param problem empty when near enough
   */
  record Result(String problem, double largest) {
    static Result failed(String problem) {
      return new Result(problem, Double.NaN);
    }

    boolean isNear() {
      return problem.isEmpty();
    }
  }
}

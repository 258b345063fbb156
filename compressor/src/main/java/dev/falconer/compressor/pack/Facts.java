package dev.falconer.compressor.pack;

import dev.falconer.compressor.axes.Analysis;
import dev.falconer.compressor.axes.Axis;
import dev.falconer.compressor.axes.Known;
import dev.falconer.compressor.axes.Poly;
import dev.falconer.compressor.layer.Constants;
import dev.falconer.compressor.layer.LinearLayer;
import dev.falconer.compressor.layer.LinearLayers;
import dev.falconer.compressor.onnx.DType;
import dev.falconer.compressor.onnx.Graph;
import dev.falconer.compressor.onnx.Model;
import dev.falconer.compressor.onnx.NumericTensor;
import dev.falconer.compressor.onnx.TensorData;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** What is known of a graph's tensors before it is read: shapes, constants, weights. */
record Facts(
    Model model, Analysis shapes, Map<String, TensorData> constants, Map<String, Weight> weights) {
  static Facts of(Model model) {
    Graph graph = model.graph();
    Map<String, TensorData> constants = Constants.of(graph);
    var weights = new HashMap<>(Dequantising.of(graph, constants));
    for (LinearLayer layer : LinearLayers.find(graph, Set.of()).layers()) {
      if (!layer.isConv() && layer.dtype() == DType.FLOAT32) {
        layer.taps().forEach(tap -> weights.put(tap.node(), new Weight.Plain(layer)));
      }
    }
    return new Facts(model, Analysis.partial(model), constants, weights);
  }

  /** Returns the lengths of a tensor's axes. */
  Optional<List<Poly>> lengths(String value) {
    return known(value).map(known -> known.axes().stream().map(Axis::length).toList());
  }

  private Optional<Known> known(String value) {
    return shapes.has(value) ? Optional.of(shapes.get(value)) : Optional.empty();
  }

  /** Returns whether a tensor is of a type. */
  boolean is(String value, DType dtype) {
    return known(value).filter(known -> known.dtype() == dtype).isPresent();
  }

  /** Returns the elements of an integer vector or scalar, computed from lengths. */
  Optional<List<Poly>> integers(String value) {
    return known(value).map(Known::values);
  }

  /** Returns a constant of floats. */
  Optional<NumericTensor> floats(String value) {
    return constants.get(value) instanceof NumericTensor tensor && tensor.dtype() == DType.FLOAT32
        ? Optional.of(tensor)
        : Optional.empty();
  }

  /** Returns a float constant of one element. */
  Optional<Double> scalar(String value) {
    return floats(value).filter(tensor -> tensor.shape().size() == 1).map(tensor -> tensor.at(0));
  }

  /**
   * Returns whether a value is a constant vector along the last axis of some rank: [count] or [..1,
   * count].
   */
  boolean isVector(String value, int count) {
    return floats(value)
        .filter(tensor -> tensor.shape().rank() >= 1)
        .filter(tensor -> tensor.shape().size() == count && tensor.shape().dim(-1) == count)
        .isPresent();
  }
}

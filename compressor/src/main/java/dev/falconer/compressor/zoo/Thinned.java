package dev.falconer.compressor.zoo;

import dev.falconer.compressor.onnx.Graph;
import dev.falconer.compressor.onnx.Model;
import dev.falconer.compressor.onnx.NumericTensor;
import dev.falconer.compressor.onnx.TensorData;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Random;

/**
 * Random weights with zeros in a pattern, for measuring how fast a pattern runs: which weights stay
 * means nothing. Weights [in, out] of one output stay whole.
 *
 * @param outputs that share their inputs
 * @param inputs that stay or go together
 * @param group of inputs, each of which keeps its share; 0 for all inputs together
 * @param density share that stays, above 0 to 1
 */
public record Thinned(int outputs, int inputs, int group, double density) {
  /** Returns the model with zeros in the weights whose names end in ".weight". */
  public Model of(Model model, long seed) {
    var random = new Random(seed);
    var initializers = new LinkedHashMap<String, TensorData>();
    model
        .graph()
        .initializers()
        .forEach((name, tensor) -> {
          boolean isWeight = name.endsWith(".weight") && tensor.shape().dim(1) > 1;
          initializers.put(name, isWeight ? thinned((NumericTensor) tensor, random) : tensor);
        });
    Graph graph = model.graph();
    return model.withGraph(
        new Graph(graph.name(), graph.inputs(), graph.outputs(), initializers, graph.nodes()));
  }

  private NumericTensor thinned(NumericTensor weight, Random random) {
    int in = Math.toIntExact(weight.shape().dim(0));
    int out = Math.toIntExact(weight.shape().dim(1));
    float[] values = weight.toFloats();
    for (int first = 0; first < out; first += outputs) {
      boolean[] kept = kept(in, random);
      for (int i = 0; i < in; i++) {
        if (!kept[i / inputs]) {
          Arrays.fill(values, i * out + first, i * out + Math.min(out, first + outputs), 0);
        }
      }
    }
    return TensorData.floats(weight.shape(), values);
  }

  /** Returns which units of inputs stay. */
  private boolean[] kept(int in, Random random) {
    int units = Math.ceilDiv(in, inputs);
    int size = group == 0 ? units : group;
    var kept = new boolean[units];
    for (int start = 0; start < units; start += size) {
      int end = Math.min(units, start + size);
      int left = (int) Math.max(1, Math.round(density * (end - start)));
      for (int i = start; i < end; i++) {
        kept[i] = random.nextInt(end - i) < left;
        left -= kept[i] ? 1 : 0;
      }
    }
    return kept;
  }
}

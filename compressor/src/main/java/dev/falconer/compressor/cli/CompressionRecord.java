package dev.falconer.compressor.cli;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.falconer.compressor.layer.LinearLayer;
import dev.falconer.compressor.onnx.Model;
import dev.falconer.compressor.pipeline.CompressionPlan.Choice;
import dev.falconer.compressor.pipeline.LayerChoices;
import dev.falconer.compressor.pipeline.PlanFile;
import dev.falconer.compressor.report.LayerReport;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/**
 * What a compressed model's metadata tell of its making.
 *
 * @param plan YAML
 * @param layers what each of them cost
 */
record CompressionRecord(String plan, List<LayerReport> layers) {
  private static final ObjectMapper JSON = new ObjectMapper();

  /** Returns a record that is as long as any of those that the choices can lead to. */
  static CompressionRecord longest(LayerChoices choices) {
    var picked = new ArrayList<Integer>();
    var layers = new ArrayList<LayerReport>();
    for (Map.Entry<LinearLayer, List<Choice>> entry : choices.layers().entrySet()) {
      List<Choice> options = entry.getValue();
      picked.add(
          IntStream.range(0, options.size())
              .boxed()
              .max(Comparator.comparingInt(o -> options.get(o).keys().toString().length()))
              .orElseThrow());
      String what =
          options.stream()
              .map(Choice::toString)
              .max(Comparator.comparingInt(String::length))
              .orElseThrow();
      LinearLayer layer = entry.getKey();
      double wide = -Double.MIN_NORMAL; // of all digits, with an exponent and signs
      layers.add(
          new LayerReport(
              layer.weight(), layer.out(), layer.in(), what, wide, wide, Long.MAX_VALUE, wide));
    }
    return new CompressionRecord(PlanFile.text(choices.resolved(picked).plan()), layers);
  }

  /** Returns the model with the record. */
  Model in(Model model) {
    ObjectNode done = JSON.createObjectNode();
    done.put("plan", plan);
    done.set("layers", JSON.valueToTree(layers));
    var metadata = new HashMap<>(model.metadata());
    try {
      metadata.put(CompressCommand.COMPRESSION, JSON.writeValueAsString(done));
    } catch (JsonProcessingException e) {
      throw new IllegalStateException(e);
    }
    return model.withMetadata(metadata);
  }
}

package dev.falconer.compressor.report;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/**
 * What a compression did.
 *
 * @param model file name
 * @param cpu that the times were taken on
 * @param plan as resolved
 * @param layers compressed, in order
 * @param left layers left as they were, and why
 * @param steps the dense model first
 * @param quality by step and task, as {@code evaluate} writes it; empty without labels
 * @param target that the plan's options were chosen for; none where there were none
 * @param speed the same for a speed-up of kernels
 */
public record CompressionReport(
    String model,
    String cpu,
    String plan,
    List<LayerReport> layers,
    Map<String, String> left,
    List<StepReport> steps,
    Map<String, ObjectNode> quality,
    Optional<TargetReport> target,
    Optional<SpeedReport> speed) {
  private static final ObjectMapper JSON = new ObjectMapper();

  private static final String PLAIN =
      "as any ONNX Runtime runs the file, by floats and through the zeros\n";

  /** Copies the collections. */
  public CompressionReport {
    layers = List.copyOf(layers);
    steps = List.copyOf(steps);
    left = java.util.Collections.unmodifiableMap(new LinkedHashMap<>(left));
    quality = java.util.Collections.unmodifiableMap(new LinkedHashMap<>(quality));
  }

  /** Returns tables for a terminal, the last line ended. */
  public String text() {
    var text = new StringBuilder();
    int longest = layers.stream().mapToInt(layer -> layer.what().length()).max().orElse(0);
    String columns = "%-40s %-14s %-" + Math.max("what".length(), longest) + "s ";
    text.append(
        String.format(
            Locale.ROOT,
            columns + "%8s %12s %8s%n",
            "layer",
            "[out, in]",
            "what",
            "density",
            "error",
            "seconds"));
    for (LayerReport layer : layers) {
      text.append(
          String.format(
              Locale.ROOT,
              columns + "%8.3f %12.6f %8.2f%n",
              layer.layer(),
              "[" + layer.out() + ", " + layer.in() + "]",
              layer.what(),
              layer.density(),
              layer.relativeError(),
              layer.seconds()));
    }
    left.forEach((layer, why) -> text.append("%-40s dense: %s%n".formatted(layer, why)));
    text.append(
        String.format(
            Locale.ROOT,
            "%n%s%-10s %14s %10s %20s  %s%n",
            speed.isEmpty() ? "" : PLAIN,
            "step",
            "bytes",
            "ms a call",
            "speed-up [95 %]",
            "held-out error of each output"));
    for (int i = 0; i < steps.size(); i++) {
      StepReport step = steps.get(i);
      var errors = new StringBuilder();
      step.errors()
          .forEach((output, error) ->
              errors.append(String.format(Locale.ROOT, " %s %.6f", output, error)));
      text.append(
          String.format(
              Locale.ROOT,
              "%-10s %,14d %10.3f %20s %s%s%n",
              step.name(),
              step.bytes(),
              step.time().millis(),
              i == 0 ? "" : step.speedup(),
              errors,
              i == 0 ? "" : "  " + step.against(steps.get(i - 1)).text()));
    }
    target.ifPresent(each -> text.append(each.text()).append('\n'));
    speed.ifPresent(each -> text.append(each.text()));
    return text.toString();
  }

  /** Returns the report as a JSON object. */
  public String json() {
    ObjectNode root = JSON.createObjectNode();
    root.put("model", model);
    root.put("cpu", cpu);
    root.put("plan", plan);
    ArrayNode all = root.putArray("layers");
    for (LayerReport layer : layers) {
      ObjectNode node = all.addObject();
      node.put("layer", layer.layer());
      node.put("out", layer.out());
      node.put("in", layer.in());
      node.put("what", layer.what());
      node.put("density", layer.density());
      node.put("relative_error", layer.relativeError());
      node.put("rows", layer.rows());
      node.put("seconds", layer.seconds());
    }
    root.set("left", JSON.valueToTree(left));
    ArrayNode done = root.putArray("steps");
    for (int i = 0; i < steps.size(); i++) {
      StepReport step = steps.get(i);
      ObjectNode node = done.addObject();
      node.put("step", step.name());
      node.put("bytes", step.bytes());
      node.put("ms", step.time().millis());
      node.put("speedup", step.time().speedup());
      node.set("speedup_ci", JSON.valueToTree(List.of(step.time().low(), step.time().high())));
      node.set("output_error", JSON.valueToTree(step.errors()));
      if (i > 0) {
        node.put("verdict", step.against(steps.get(i - 1)).text());
      }
    }
    target.ifPresent(each -> {
      ObjectNode node = JSON.valueToTree(each);
      root.set("target", node.put("met", each.isMet()));
    });
    speed.ifPresent(each -> {
      ObjectNode node = JSON.valueToTree(each);
      root.set("speed", node.put("met", each.isMet()));
    });
    if (!quality.isEmpty()) {
      root.set("quality", JSON.valueToTree(quality));
    }
    try {
      return JSON.writerWithDefaultPrettyPrinter().writeValueAsString(root) + "\n";
    } catch (JsonProcessingException e) {
      throw new IllegalStateException(e);
    }
  }
}

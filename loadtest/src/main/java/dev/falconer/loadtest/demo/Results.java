package dev.falconer.loadtest.demo;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.Map;

/**
 * What the demo measured.
 *
 * @param surface feed or ads when generated; ratings or own
 * @param data name of the log
 * @param teacher quality of the teacher
 * @param student quality of the served bundle
 * @param append the history-attention form that can be amortised
 * @param concat the form that can't
 * @param none without history
 * @param latency milliseconds by way and number of candidates
 * @param overheadMicros that the server adds to bare ONNX Runtime
 * @param seconds by step
 */
record Results(
    String surface,
    String data,
    ModelQuality teacher,
    ModelQuality student,
    Fusion append,
    Fusion concat,
    Fusion none,
    JsonNode latency,
    double overheadMicros,
    Map<String, Double> seconds) {

  /**
   * A way to read the history.
   *
   * @param quality on the test slice
   * @param config the model's shape, as it says itself
   * @param training how it was trained, as it says itself
   */
  record Fusion(ModelQuality quality, JsonNode config, JsonNode training) {}
}

package dev.falconer.loadtest.demo;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.Map;

/**
 * What the demo measured.
 *
 * @param surface feed, ads or own
 * @param data name of the log
 * @param teacher quality of the teacher
 * @param student quality of the served bundle
 * @param append quality of the history-attention form that can be amortised
 * @param concat quality of the form that can't
 * @param none quality without history
 * @param recipe what was trained
 * @param latency milliseconds by way and number of candidates
 * @param overheadMicros that the server adds to bare ONNX Runtime
 * @param seconds by step
 */
record Results(
    String surface,
    String data,
    ModelQuality teacher,
    ModelQuality student,
    ModelQuality append,
    ModelQuality concat,
    ModelQuality none,
    Recipe recipe,
    JsonNode latency,
    double overheadMicros,
    Map<String, Double> seconds) {}

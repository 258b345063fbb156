package dev.falconer.compressor.split;

import dev.falconer.compressor.onnx.TensorData;
import java.util.Map;

/**
 * A request to verify with.
 *
 * @param what it is, for errors
 * @param request inputs of the whole graph for one user
 * @param trimmed what the halves read of it: a padded history cut to its length
 * @param empty whether its history is
 */
record Case(
    String what, Map<String, TensorData> request, Map<String, TensorData> trimmed, boolean empty) {}

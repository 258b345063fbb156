/**
 * Judges models as ONNX Runtime runs them: quality with intervals over users, and latency. The only
 * package that imports ONNX Runtime; others receive a {@link dev.falconer.compressor.onnx.Runner}.
 */
@NullMarked
package dev.falconer.compressor.evaluate;

import org.jspecify.annotations.NullMarked;

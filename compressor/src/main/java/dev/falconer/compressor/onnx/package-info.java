/**
 * The graph representation every other package works on: immutable records with values named by
 * strings. Knows nothing of files' formats except in {@link
 * dev.falconer.compressor.onnx.OnnxReader} and {@link dev.falconer.compressor.onnx.OnnxWriter}, the
 * only users of the protobuf classes.
 */
@NullMarked
package dev.falconer.compressor.onnx;

import org.jspecify.annotations.NullMarked;

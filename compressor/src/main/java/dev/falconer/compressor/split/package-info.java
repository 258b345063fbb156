/**
 * Turns one ranking graph into a user graph, run once per user, and a candidate graph, run for
 * every request, with a proof that candidates do not mix and a check that both give the same
 * scores. Called by {@code bundle} and {@code cli}; receives its runtime as a {@link
 * dev.falconer.compressor.onnx.Runner.Factory}.
 */
@NullMarked
package dev.falconer.compressor.split;

import org.jspecify.annotations.NullMarked;

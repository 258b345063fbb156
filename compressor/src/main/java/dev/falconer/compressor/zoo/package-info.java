/**
 * Builds ONNX graphs of rankers: history-attention in the append form of arXiv 2412.06924, its
 * concat baseline, and one without history. Everything later works on the graphs alone.
 */
@NullMarked
package dev.falconer.compressor.zoo;

import org.jspecify.annotations.NullMarked;

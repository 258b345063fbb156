/**
 * Rewrites linear layers of a graph into integer arithmetic in ONNX's standard operators, and knows
 * the grids. Takes calibration statistics; runs nothing.
 */
@NullMarked
package dev.falconer.compressor.quantize;

import org.jspecify.annotations.NullMarked;

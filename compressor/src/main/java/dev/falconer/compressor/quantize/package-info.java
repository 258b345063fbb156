/**
 * Rewrites linear layers and tables of a graph into smaller forms: int8 arithmetic in ONNX's
 * standard operators, weights of 4 or 8 bits in ONNX Runtime's, sparse plus low rank, tables of
 * half precision. One form per file; knows the grids of activations. Takes calibration statistics;
 * runs nothing.
 */
@NullMarked
package dev.falconer.compressor.quantize;

import org.jspecify.annotations.NullMarked;

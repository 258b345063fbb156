/**
 * Runs small ONNX graphs in double precision, plainly: each operator is a loop that can be read.
 * For tests that compare thousands of graphs, where a runtime's sessions would take too long.
 */
@NullMarked
package dev.falconer.compressor.interpret;

import org.jspecify.annotations.NullMarked;

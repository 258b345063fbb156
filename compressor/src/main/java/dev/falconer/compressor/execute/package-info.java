/**
 * Runs an ONNX graph on libtorch, differentiably, with taps on any value. One file per operator
 * family. Read by learn and calibrate; knows nothing of data or losses.
 */
@NullMarked
package dev.falconer.compressor.execute;

import org.jspecify.annotations.NullMarked;

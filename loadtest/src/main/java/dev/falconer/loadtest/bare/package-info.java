/**
 * Runs a bundle's graphs on ONNX Runtime with nothing around it. The only user of ai.onnxruntime.
 */
@NullMarked
package dev.falconer.loadtest.bare;

import org.jspecify.annotations.NullMarked;

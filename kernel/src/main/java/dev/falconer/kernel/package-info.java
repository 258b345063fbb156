/** Operators of domain dev.falconer, run by ONNX Runtime inside its graphs. */
@NullMarked
package dev.falconer.kernel;

import org.jspecify.annotations.NullMarked;

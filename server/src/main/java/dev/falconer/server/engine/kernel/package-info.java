/** Operators of domain dev.falconer, run by ONNX Runtime inside its graphs. */
@NullMarked
package dev.falconer.server.engine.kernel;

import org.jspecify.annotations.NullMarked;

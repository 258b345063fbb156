/** Measures the operators of domain dev.falconer beside ONNX Runtime's own. */
@NullMarked
package dev.falconer.kernel.bench;

import org.jspecify.annotations.NullMarked;

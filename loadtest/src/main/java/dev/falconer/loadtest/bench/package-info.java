/** Measures what the server adds to bare ONNX Runtime. */
@NullMarked
package dev.falconer.loadtest.bench;

import org.jspecify.annotations.NullMarked;

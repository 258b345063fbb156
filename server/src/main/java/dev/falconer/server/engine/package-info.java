/**
 * Runs ONNX graphs: sessions, pinned outputs and the worker pool. The only user of ONNX Runtime.
 */
@NullMarked
package dev.falconer.server.engine;

import org.jspecify.annotations.NullMarked;

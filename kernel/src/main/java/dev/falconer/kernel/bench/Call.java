package dev.falconer.kernel.bench;

import ai.onnxruntime.OrtException;

/** A piece of work that is timed. */
@FunctionalInterface
interface Call {
  /** Works. */
  void run() throws OrtException;
}

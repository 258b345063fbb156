package dev.falconer.compressor.execute;

import dev.falconer.compressor.onnx.StringTensor;
import org.bytedeco.pytorch.Tensor;

/**
 * A value while a graph runs. Shape arithmetic stays in Java ({@link Longs}): a graph's chains of
 * Shape, Gather, Concat and Range then cost nanoseconds, and Reshape needs no read back.
 */
sealed interface Value permits Value.Torch, Value.Text, Longs {
  /** A libtorch tensor. */
  record Torch(Tensor tensor) implements Value {}

  /** Strings, which libtorch doesn't know. */
  record Text(StringTensor strings) implements Value {}
}

package dev.falconer.compressor.split;

import dev.falconer.compressor.onnx.Graph;
import dev.falconer.compressor.onnx.TensorData;
import dev.falconer.compressor.onnx.ValueInfo;
import dev.falconer.compressor.onnx.ValueInfo.Dim;
import java.math.BigInteger;
import java.util.HashSet;
import java.util.Set;

/** Lengths that no axis of a graph has by itself, so that two confused axes don't fit. */
final class Primes {
  private Primes() {}

  /** Returns the least prime >= {@code least} that no constant's or input's axis has. */
  static long outside(long least, Graph graph) {
    Set<Long> taken = new HashSet<>();
    for (TensorData tensor : graph.initializers().values()) {
      for (long length : tensor.shape().dims()) {
        taken.add(length);
      }
    }
    for (ValueInfo input : graph.inputs()) {
      if (input.dims() != null) {
        for (Dim dim : input.dims()) {
          if (dim instanceof Dim.Fixed(long length)) {
            taken.add(length);
          }
        }
      }
    }
    BigInteger prime = BigInteger.valueOf(least - 1);
    do {
      prime = prime.nextProbablePrime();
    } while (taken.contains(prime.longValueExact()));
    return prime.longValueExact();
  }
}

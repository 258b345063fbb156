package dev.falconer.compressor.pipeline;

import dev.falconer.compressor.layer.LinearLayer;
import dev.falconer.compressor.onnx.Model;
import dev.falconer.compressor.pack.PackOptions;
import dev.falconer.compressor.pack.PackOptions.Precision;
import dev.falconer.compressor.pack.Packing;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** What multiplies by the weights that a plan compresses. */
public enum Multiplier {
  /** ONNX Runtime's own operators. */
  ONNX_RUNTIME,
  /** The kernels of domain dev.falconer. */
  KERNELS;

  /** Returns the network with one layer's weight as it will be multiplied. */
  Model written(Model merged, LinearLayer layer, Treatment treatment, Parts parts) {
    return switch (this) {
      case ONNX_RUNTIME ->
          PartsWriter.written(merged, List.of(layer), Map.of(layer.weight(), parts));
      case KERNELS -> {
        // In float32 the kernels compute what ONNX Runtime does.
        boolean isInt8 = treatment.kernel().equals(Optional.of(Precision.INT8));
        Map<String, Precision> own = Map.of(layer.weight(), Precision.INT8);
        yield isInt8 ? Packing.of(merged, PackOptions.of(own)).model() : merged;
      }
    };
  }
}

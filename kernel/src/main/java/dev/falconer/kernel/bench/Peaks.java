package dev.falconer.kernel.bench;

import ai.onnxruntime.OrtException;
import dev.falconer.kernel.NativeKernels;
import dev.falconer.kernel.NativePeak;
import java.util.Optional;
import java.util.Random;

/**
 * What a thread can compute at most: loops over registers in C. Without them the peak in float32 is
 * a product by ONNX Runtime that its caches hold, within a few percent, and none is known in int8.
 *
 * @param float32 in float32
 * @param int8 in int8, if there is a loop
 */
record Peaks(Peak float32, Optional<Peak> int8, Optional<Products> products)
    implements AutoCloseable {
  private static final int ROUNDS = 2000;
  private static final int SIZE = 256;

  /**
   * A subject that does nothing else.
   *
   * @param operations of a call
   */
  record Peak(Call call, long operations) {}

  static Peaks open(NativeKernels kernels) throws OrtException {
    Optional<NativePeak> loops = loops(kernels);
    if (loops.isPresent()) {
      return new Peaks(
          loop(loops.get(), false), Optional.of(loop(loops.get(), true)), Optional.empty());
    }
    var random = new Random(1);
    var products = new Products(new Shape(SIZE, SIZE, SIZE), random);
    float[] weight = Weights.dense().random(SIZE, SIZE, random);
    Call call = products.open(ProductModel.dense(SIZE, SIZE, weight), Optional.empty());
    return new Peaks(
        new Peak(call, 2L * SIZE * SIZE * SIZE), Optional.empty(), Optional.of(products));
  }

  /** Returns where the peaks come from. */
  static String source(NativeKernels kernels) {
    return loops(kernels).isPresent()
        ? "loops over registers"
        : "float32 by ONNX Runtime's product of %d x %d x %d; int8 unknown, as no native kernel"
                .formatted(SIZE, SIZE, SIZE)
            + " uses vectors";
  }

  private static Optional<NativePeak> loops(NativeKernels kernels) {
    return kernels.peak().filter(loops -> loops.run(false, 1) > 0);
  }

  private static Peak loop(NativePeak loops, boolean isInt8) {
    return new Peak(() -> loops.run(isInt8, ROUNDS), loops.run(isInt8, ROUNDS));
  }

  @Override
  public void close() throws OrtException {
    if (products.isPresent()) {
      products.get().close();
    }
  }
}

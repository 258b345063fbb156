package dev.falconer.compressor.cli;

import dev.falconer.compressor.data.NpyFile;
import dev.falconer.compressor.onnx.DType;
import dev.falconer.compressor.onnx.NumericTensor;
import dev.falconer.compressor.onnx.Shape;
import dev.falconer.compressor.onnx.TensorData;
import dev.falconer.compressor.solver.Mask;
import dev.falconer.compressor.solver.Matrix;
import java.io.IOException;
import java.nio.file.Path;

/** Matrices in npy files. */
final class NpyMatrix {
  private NpyMatrix() {}

  /**
   * Returns the tensor of a file of a float or double matrix.
   *
   * @param name of the matrix, for messages
   */
  static NumericTensor read(String name, Path file) throws IOException {
    NumericTensor tensor = NpyFile.read(file);
    boolean isReal = tensor.dtype() == DType.FLOAT32 || tensor.dtype() == DType.FLOAT64;
    if (!isReal || tensor.shape().rank() != 2 || tensor.shape().size() == 0) {
      throw new IllegalArgumentException(
          "%s: the %s is %s%s, needs a matrix of float32 or float64"
              .formatted(file, name, tensor.dtype(), tensor.shape()));
    }
    if (tensor.shape().size() > Integer.MAX_VALUE - 8) {
      throw new IllegalArgumentException(
          "%s: the %s %s has more than 2^31 elements".formatted(file, name, tensor.shape()));
    }
    return tensor;
  }

  static Matrix matrix(NumericTensor tensor) {
    return Matrix.over(
        (int) tensor.shape().dim(0), (int) tensor.shape().dim(1), tensor.toDoubles());
  }

  /** Returns a matrix in a type. */
  static NumericTensor tensor(Matrix matrix, DType type) {
    Shape shape = Shape.of(matrix.rows(), matrix.columns());
    double[] values = matrix.toArray();
    if (type == DType.FLOAT64) {
      return TensorData.doubles(shape, values);
    }
    var floats = new float[values.length];
    for (int i = 0; i < values.length; i++) {
      floats[i] = (float) values[i];
    }
    return TensorData.floats(shape, floats);
  }

  static NumericTensor tensor(Mask mask) {
    var kept = new boolean[mask.rows() * mask.columns()];
    for (int i = 0; i < kept.length; i++) {
      kept[i] = mask.keeps(i / mask.columns(), i % mask.columns());
    }
    return TensorData.bools(Shape.of(mask.rows(), mask.columns()), kept);
  }
}

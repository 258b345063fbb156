package dev.falconer.compressor.pipeline;

import dev.falconer.compressor.onnx.DType;
import dev.falconer.compressor.onnx.NumericTensor;
import dev.falconer.compressor.onnx.Shape;
import dev.falconer.compressor.onnx.TensorData;
import dev.falconer.compressor.quantize.Int8;
import dev.falconer.compressor.quantize.UInt8Grid;
import dev.falconer.compressor.solver.Grid;
import dev.falconer.compressor.solver.LowRank;
import dev.falconer.compressor.solver.Matrix;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/** The parts of weights as tensors, by names that no model has. */
final class StoredParts {
  private static final String PREFIX = "falconer.resume/";

  private StoredParts() {}

  /** Returns tensors that {@link #of} makes the parts from again. */
  static Map<String, TensorData> tensors(Map<String, Parts> parts) {
    var tensors = new LinkedHashMap<String, TensorData>();
    parts.forEach((layer, part) -> {
      switch (part) {
        case Parts.Merged _ -> {}
        case Parts.Removed(List<Integer> kept) ->
            tensors.put(
                PREFIX + "kept/" + layer,
                TensorData.vector(kept.stream().mapToLong(Integer::longValue).toArray()));
        case Parts.LowRankBeside(Matrix sparse, LowRank lowRank) -> {
          tensors.put(PREFIX + "S/" + layer, tensor(sparse));
          tensors.put(PREFIX + "B/" + layer, tensor(lowRank.left()));
          tensors.put(PREFIX + "A/" + layer, tensor(lowRank.right()));
        }
        case Parts.OnGrid(Grid grid) -> put(tensors, layer, grid);
        case Parts.Integers(Int8.Integers(Grid grid, List<UInt8Grid> activations)) -> {
          put(tensors, layer, grid);
          var steps = new float[activations.size()];
          var zeros = new long[steps.length];
          for (int tap = 0; tap < steps.length; tap++) {
            steps[tap] = activations.get(tap).scale();
            zeros[tap] = activations.get(tap).zeroPoint();
          }
          tensors.put(PREFIX + "steps/" + layer, TensorData.floats(Shape.of(steps.length), steps));
          tensors.put(PREFIX + "points/" + layer, TensorData.vector(zeros));
        }
      }
    });
    return tensors;
  }

  private static void put(Map<String, TensorData> tensors, String layer, Grid grid) {
    tensors.put(
        PREFIX + "grid/" + layer,
        TensorData.vector(grid.bits(), grid.rows(), grid.columns(), grid.group()));
    var scales = new float[grid.groups() * grid.rows()];
    var zeros = new float[scales.length];
    for (int g = 0; g < grid.groups(); g++) {
      for (int o = 0; o < grid.rows(); o++) {
        scales[g * grid.rows() + o] = grid.scale(o, g);
        zeros[g * grid.rows() + o] = grid.zero(o, g);
      }
    }
    Shape shape = Shape.of(grid.groups(), grid.rows());
    tensors.put(PREFIX + "scales/" + layer, TensorData.floats(shape, scales));
    tensors.put(PREFIX + "zeros/" + layer, TensorData.floats(shape, zeros));
  }

  /** Returns whether a tensor is a stored part. */
  static boolean isStored(String name) {
    return name.startsWith(PREFIX);
  }

  /** Returns a layer's parts among tensors. */
  static Parts of(String layer, Map<String, TensorData> tensors) {
    if (tensors.get(PREFIX + "S/" + layer) instanceof NumericTensor sparse) {
      return new Parts.LowRankBeside(
          matrix(sparse),
          new LowRank(
              matrix(numbers(tensors, "B/" + layer)), matrix(numbers(tensors, "A/" + layer))));
    }
    if (tensors.get(PREFIX + "kept/" + layer) instanceof NumericTensor kept) {
      return new Parts.Removed(Arrays.stream(kept.toLongs()).mapToObj(Math::toIntExact).toList());
    }
    if (tensors.get(PREFIX + "grid/" + layer) instanceof NumericTensor sizes) {
      Grid grid =
          Grid.of(
              (int) sizes.longAt(0),
              (int) sizes.longAt(1),
              (int) sizes.longAt(2),
              (int) sizes.longAt(3),
              numbers(tensors, "scales/" + layer).toFloats(),
              numbers(tensors, "zeros/" + layer).toFloats());
      return tensors.get(PREFIX + "steps/" + layer) instanceof NumericTensor steps
          ? new Parts.Integers(
              new Int8.Integers(grid, activations(steps, numbers(tensors, "points/" + layer))))
          : new Parts.OnGrid(grid);
    }
    return new Parts.Merged();
  }

  private static List<UInt8Grid> activations(NumericTensor steps, NumericTensor points) {
    return IntStream.range(0, (int) steps.shape().size())
        .mapToObj(tap -> new UInt8Grid((float) steps.at(tap), (int) points.longAt(tap)))
        .toList();
  }

  private static NumericTensor numbers(Map<String, TensorData> tensors, String name) {
    if (tensors.get(PREFIX + name) instanceof NumericTensor numbers) {
      return numbers;
    }
    throw new IllegalArgumentException("the file of an interrupted run lacks \"" + name + "\"");
  }

  private static NumericTensor tensor(Matrix matrix) {
    return NumericTensor.copied(
        DType.FLOAT64,
        Shape.of(matrix.rows(), matrix.columns()),
        MemorySegment.ofArray(matrix.toArray()));
  }

  private static Matrix matrix(NumericTensor tensor) {
    return Matrix.over(
        (int) tensor.shape().dim(0),
        (int) tensor.shape().dim(1),
        tensor.bytes().toArray(ValueLayout.JAVA_DOUBLE_UNALIGNED));
  }
}

package dev.falconer.compressor.pack;

import dev.falconer.compressor.onnx.DType;
import dev.falconer.compressor.onnx.NumericTensor;
import dev.falconer.compressor.onnx.Shape;
import dev.falconer.compressor.pack.PackOptions.Precision;
import dev.falconer.packed.Layout;
import dev.falconer.packed.PackedHeader;
import dev.falconer.packed.WeightPacker;
import java.lang.foreign.MemorySegment;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * A weight in the layout that multiplies it in the least time, by the model of {@link #time}.
 *
 * @param header of the packed bytes
 * @param density share of the weights that are not 0
 * @param tensor uint8 [bytes]
 * @param given [out], to be added to the bias
 */
@SuppressWarnings("ArrayRecordComponent") // Never compared.
record PackedWeight(PackedHeader header, double density, NumericTensor tensor, double[] given) {
  /** What a panel's row costs beside its products: the start of a sum, its end. */
  private static final double FIXED = .05;

  /** Layouts of float32; of two equally fast ones the first. */
  private static final List<Layout> FLOATS =
      List.of(Layout.DENSE, Layout.PANEL16, Layout.PERMUTE16);

  /** Layouts of int8. Permuting levels one by one has no fast kernel. */
  private static final List<Layout> BYTES = List.of(Layout.DENSE, Layout.PANEL16X4, Layout.PANEL16);

  /** Without zeros every layout stores every weight. */
  private static Stream<Layout> candidates(List<Layout> layouts, float[] weight) {
    return kept(weight) == weight.length ? Stream.of(Layout.DENSE) : layouts.stream();
  }

  private static int kept(float[] weight) {
    int kept = 0;
    for (float each : weight) {
      kept += each != 0 ? 1 : 0;
    }
    return kept;
  }

  /** Returns a weight [out, in] packed in float32. */
  static PackedWeight floats(float[] weight, int out, int in) {
    return candidates(FLOATS, weight)
        .map(layout -> WeightPacker.floats(layout, out, in, weight))
        .map(bytes -> of(bytes, weight, new double[out]))
        .min(Comparator.comparingDouble(packed -> time(packed.header)))
        .orElseThrow();
  }

  /**
   * Returns a weight [out, in] packed in int8.
   *
   * @param rows what it is multiplied with, if that is known
   * @throws IllegalStateException when a level is larger than the options allow
   */
  static PackedWeight levels(
      float[] weight, int out, int in, PackOptions options, Optional<Moments> rows) {
    Smoothed smoothed = Smoothed.of(weight, out, in, options, rows);
    Levels levels = Levels.of(smoothed.weight(), out, in, options.weightLevels());
    PackedWeight best =
        candidates(BYTES, weight)
            .map(layout ->
                WeightPacker.levels(
                    layout, out, in, levels.levels(), levels.scales(), smoothed.rounding()))
            .map(bytes -> of(bytes, weight, smoothed.given()))
            .min(Comparator.comparingDouble(packed -> time(packed.header)))
            .orElseThrow();
    if (best.header.largest() > options.weightLevels()) {
      throw new IllegalStateException(
          "a level of %d, at most %d are allowed"
              .formatted(best.header.largest(), options.weightLevels()));
    }
    return best;
  }

  /**
   * Returns a weight packed as the options want.
   *
   * @param names of the constants whose rows it stacks
   */
  static PackedWeight of(
      float[] weight,
      int out,
      int in,
      List<String> names,
      PackOptions options,
      Optional<Moments> rows) {
    return options.of(names) == Precision.FLOAT32 || out < Chains.FEWEST
        ? floats(weight, out, in)
        : levels(weight, out, in, options, rows);
  }

  private static PackedWeight of(byte[] bytes, float[] weight, double[] given) {
    MemorySegment memory = MemorySegment.ofArray(bytes);
    return new PackedWeight(
        PackedHeader.read(memory),
        (double) kept(weight) / weight.length,
        NumericTensor.copied(DType.UINT8, Shape.of(bytes.length), memory),
        given);
  }

  /**
   * Returns the estimated time of a product, of that of all weights in the same type. float32 is
   * fitted to kernels with AVX-512 (512 inputs, 512 outputs): panels 1.9, 3.5, 5.9 times as fast at
   * densities 1/2, 1/4, 1/8, permuted slots 1.5, 2.8, 4.9 times. int8 at 1/4: panels of any inputs
   * 2.9 times with VNNI and 1.9 times with AVX2, of groups of four 2.9 times with AVX2.
   */
  static double time(PackedHeader header) {
    double all = (double) header.panels() * header.in() / header.inputsOfStep();
    double share = header.steps() / all;
    return switch (header.layout()) {
      case DENSE -> 1;
      case PANEL16 -> FIXED + (header.isInt8() ? 1.5 : .952) * share;
      case PANEL16X4 -> FIXED + 1.2 * share;
      case PERMUTE16 ->
          FIXED + 1.235 * header.steps() * header.inputsOfStep() * header.groups() / header.in();
    };
  }
}

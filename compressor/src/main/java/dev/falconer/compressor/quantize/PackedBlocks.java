package dev.falconer.compressor.quantize;

import dev.falconer.compressor.layer.LinearLayer;
import dev.falconer.compressor.onnx.Attribute;
import dev.falconer.compressor.onnx.DType;
import dev.falconer.compressor.onnx.NumericTensor;
import dev.falconer.compressor.onnx.Shape;
import dev.falconer.compressor.solver.Grid;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Map;

/**
 * A layer's weight as MatMulNBits reads it. Codes [out, blocks, block · bits / 8], of 4 bits the
 * first in the lower half of a byte; float32 scales [out, blocks]; zeros packed like codes, each
 * output in whole bytes, absent where all are the middle code.
 */
final class PackedBlocks {
  private final LinearLayer layer;
  private final Grid grid;
  private final int block;
  private final int blocks;
  private final int bits;
  private final NumericTensor codes;
  private final NumericTensor scales;
  private final NumericTensor zeros;
  private boolean isSymmetric = true;

  PackedBlocks(LinearLayer layer, PackedWeights.OnGrid on, int block) {
    this.layer = layer;
    this.grid = on.grid();
    this.block = block;
    blocks = Math.ceilDiv(layer.in(), block);
    bits = grid.bits() <= 4 ? 4 : 8;
    int out = layer.out();
    codes = NumericTensor.allocate(DType.UINT8, Shape.of(out, blocks, (long) block * bits / 8));
    scales = NumericTensor.allocate(DType.FLOAT32, Shape.of(out, blocks));
    int zeroBytes = Math.ceilDiv(blocks * bits, 8);
    zeros = NumericTensor.allocate(DType.UINT8, Shape.of(out, zeroBytes));
    for (int o = 0; o < out; o++) {
      long codesFrom = (long) o * blocks * block;
      for (int i = 0; i < layer.in(); i++) {
        put(codes.bytes(), codesFrom + i, grid.code(o, i, on.weight().at(o, i)));
      }
      long zerosFrom = (long) o * zeroBytes * (8 / bits);
      for (int b = 0; b < blocks; b++) {
        int group = b * block / grid.group();
        int zero = grid.zero(o, group);
        isSymmetric &= zero == 1 << (bits - 1);
        put(zeros.bytes(), zerosFrom + b, zero);
        scales
            .bytes()
            .setAtIndex(
                ValueLayout.JAVA_FLOAT_UNALIGNED, (long) o * blocks + b, grid.scale(o, group));
      }
    }
  }

  private void put(MemorySegment bytes, long index, int code) {
    if (bits == 8) {
      bytes.set(ValueLayout.JAVA_BYTE, index, (byte) code);
    } else {
      int shifted = code << (4 * (int) (index % 2));
      byte before = bytes.get(ValueLayout.JAVA_BYTE, index / 2);
      bytes.set(ValueLayout.JAVA_BYTE, index / 2, (byte) (before | shifted));
    }
  }

  Map<String, Attribute> attributes() {
    return Map.of(
        "K", Attribute.of(layer.in()),
        "N", Attribute.of(layer.out()),
        "bits", Attribute.of(bits),
        "block_size", Attribute.of(block));
  }

  /** Adds the constants and returns the node's inputs. */
  String[] inputs(Edit edit, String rows) {
    String name = layer.weight() + ".int" + bits;
    String codesName = edit.constant(name, codes);
    String scalesName = edit.constant(name + ".scale", scales);
    return isSymmetric
        ? new String[] {rows, codesName, scalesName}
        : new String[] {rows, codesName, scalesName, edit.constant(name + ".zero", zeros)};
  }
}

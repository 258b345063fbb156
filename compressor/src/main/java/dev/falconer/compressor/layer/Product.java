package dev.falconer.compressor.layer;

import dev.falconer.compressor.onnx.Node;
import java.util.Set;

/** What a node is among those that may multiply by weights. */
sealed interface Product {
  /** Contributed operators' domain. */
  String MICROSOFT = "com.microsoft";

  /** Index of the weight among a linear node's inputs; index 0 is what it multiplies. */
  int WEIGHT = 1;

  /**
   * Multiplies rows of input 0 by the matrix of input 1.
   *
   * @param isOutIn whether the matrix is read as [out, in]
   * @param scale of the product
   * @param isConv whether rows are windows and the weight is [out, channels, kernel...]
   */
  record Linear(boolean isOutIn, double scale, boolean isConv) implements Product {}

  /** Multiplies by weights when an input from 1 on is constant, in a way that is not rewritten. */
  record Refused(String reason) implements Product {}

  /** Multiplies by numbers that were quantised before. */
  record Quantised() implements Product {}

  /** Anything else. */
  record None() implements Product {}

  /** Operators whose weights are integers already. */
  Set<String> QUANTISED =
      Set.of(
          "QLinearMatMul",
          "QLinearConv",
          "MatMulInteger",
          "ConvInteger",
          "MatMulNBits",
          "MatMulBnb4",
          "MatMulFpQ4",
          "MatMulIntegerToFloat",
          "MatMulInteger16",
          "DynamicQuantizeMatMul",
          "DynamicQuantizeLSTM",
          "QGemm",
          "QAttention",
          "QMoE",
          "GemmFloat8",
          "QOrderedMatMul",
          "QOrderedAttention",
          "QOrderedLongformerAttention");

  /** Operators that hold weights of another form than one matrix on the right. */
  Set<String> OTHERS =
      Set.of(
          "ConvTranspose",
          "DeformConv",
          "Einsum",
          "RNN",
          "LSTM",
          "GRU",
          "AttnLSTM",
          "PackedAttention",
          "LongformerAttention",
          "MoE",
          "GemmFastGelu",
          "FusedMatMulActivation",
          "TransposeMatMul",
          "NhwcFusedConv",
          "WordConvEmbedding",
          "SparseToDenseMatMul");

  /** Returns what a node is; nothing is said about its inputs. */
  static Product of(Node node) {
    boolean isOwn = node.domain().isEmpty();
    boolean isMicrosoft = node.domain().equals(MICROSOFT);
    if (QUANTISED.contains(node.type())) {
      return new Quantised();
    }
    if (OTHERS.contains(node.type())) {
      return new Refused("weights of " + node.type() + " are no single matrix");
    }
    return switch (node.type()) {
      case "MatMul" -> isOwn ? new Linear(false, 1, false) : new None();
      case "Gemm" -> isOwn ? gemm(node) : new None();
      case "FusedGemm" -> isMicrosoft ? gemm(node) : new None();
      case "FusedMatMul" -> isMicrosoft ? fusedMatMul(node) : new None();
      case "Conv" ->
          isOwn ? conv(node) : new Refused("its weight lies in the runtime's own layout");
      case "FusedConv" -> isMicrosoft ? conv(node) : new None();
      // ONNX's own Attention has no weights.
      case "Attention" -> isMicrosoft ? new Linear(false, 1, false) : new None();
      default -> new None();
    };
  }

  private static Product gemm(Node node) {
    return scaled(node.intAttribute("transB", 0) != 0, node.floatAttribute("alpha", 1));
  }

  private static Product fusedMatMul(Node node) {
    if (node.intAttribute("transBatchA", 0) != 0 || node.intAttribute("transBatchB", 0) != 0) {
      return new Refused("it moves its batch axis");
    }
    return gemm(node);
  }

  private static Product scaled(boolean isOutIn, float alpha) {
    return alpha == 0 || !Float.isFinite(alpha)
        ? new Refused("its alpha is " + alpha)
        : new Linear(isOutIn, alpha, false);
  }

  private static Product conv(Node node) {
    long groups = node.intAttribute("group", 1);
    return groups == 1
        ? new Linear(true, 1, true)
        : new Refused("it convolves in " + groups + " groups");
  }
}

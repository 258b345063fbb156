package dev.falconer.compressor.structure;

import dev.falconer.compressor.onnx.Node;
import java.util.Optional;
import java.util.Set;

/** Finds the rule of an operator. */
final class Rules {
  /** Operators whose output at a place depends on their inputs at that place. */
  private static final Set<String> ELEMENTWISE =
      Set.of(
          "Abs",
          "Add",
          "And",
          "BitShift",
          "Cast",
          "Ceil",
          "Celu",
          "Clip",
          "Cos",
          "Div",
          "Dropout",
          "Elu",
          "Equal",
          "Erf",
          "Exp",
          "Floor",
          "Gelu",
          "Greater",
          "GreaterOrEqual",
          "HardSigmoid",
          "HardSwish",
          "Identity",
          "IsInf",
          "IsNaN",
          "LeakyRelu",
          "Less",
          "LessOrEqual",
          "Log",
          "Max",
          "Mean",
          "Min",
          "Mish",
          "Mod",
          "Mul",
          "Neg",
          "Not",
          "Or",
          "PRelu",
          "Pow",
          "Reciprocal",
          "Relu",
          "Round",
          "Selu",
          "Shrink",
          "Sigmoid",
          "Sign",
          "Sin",
          "Softplus",
          "Softsign",
          "Sqrt",
          "Sub",
          "Sum",
          "Swish",
          "Tan",
          "Tanh",
          "ThresholdedRelu",
          "Where",
          "Xor");

  private static final Set<String> ELEMENTWISE_MICROSOFT =
      Set.of("BiasGelu", "FastGelu", "Gelu", "QuickGelu");

  private static final Set<String> POOLS =
      Set.of(
          "AveragePool", "GlobalAveragePool", "GlobalLpPool", "GlobalMaxPool", "LpPool", "MaxPool");

  private static final Set<String> REDUCTIONS =
      Set.of(
          "ReduceL1",
          "ReduceL2",
          "ReduceLogSum",
          "ReduceLogSumExp",
          "ReduceMax",
          "ReduceMean",
          "ReduceMin",
          "ReduceProd",
          "ReduceSum",
          "ReduceSumSquare");

  private Rules() {}

  /** Says what follows from one value of a node being made of the groups. */
  interface Rule {
    void apply(Touch touch);
  }

  /** Returns whether an operator has a rule. */
  static boolean has(Node node) {
    return of(node).isPresent();
  }

  static void apply(Touch touch) {
    of(touch.node())
        .orElseThrow(
            () -> touch.refuse(touch.isOutput() ? "gives them and has no rule" : "has no rule"))
        .apply(touch);
  }

  private static Optional<Rule> of(Node node) {
    return switch (node.domain()) {
      case "", "ai.onnx" -> Optional.ofNullable(own(node.type()));
      case "com.microsoft" -> Optional.ofNullable(contributed(node.type()));
      default -> Optional.empty();
    };
  }

  private static @org.jspecify.annotations.Nullable Rule own(String type) {
    if (ELEMENTWISE.contains(type)) {
      return Elementwise::apply;
    }
    if (POOLS.contains(type)) {
      return Convolutions::pool;
    }
    if (REDUCTIONS.contains(type)) {
      return Along::reduce;
    }
    return switch (type) {
      case "MatMul" -> Products::matmul;
      case "Gemm" -> Products::gemm;
      case "Einsum" -> Products::einsum;
      case "Conv" -> Convolutions::conv;
      case "BatchNormalization" -> Convolutions::batchNorm;
      case "InstanceNormalization" -> Convolutions::instanceNorm;
      case "Resize", "Upsample" -> Convolutions::resize;
      case "Reshape" -> Views::reshape;
      case "Flatten", "Squeeze", "Unsqueeze" -> Views::regroup;
      case "Transpose" -> Views::transpose;
      case "Expand" -> Views::expand;
      case "Shape", "Size" -> Views::lengths;
      case "Softmax", "LogSoftmax", "Hardmax" -> Along::softmax;
      case "LayerNormalization", "RMSNormalization", "SimplifiedLayerNormalization" ->
          Along::layerNorm;
      case "LpNormalization", "CumSum" -> Along::along;
      case "Concat" -> Pieces::concat;
      case "Split" -> Pieces::split;
      case "Slice" -> Pieces::slice;
      case "Pad" -> Pieces::pad;
      case "Gather" -> Pieces::gather;
      case "Attention" -> Attentions::own;
      default -> null;
    };
  }

  private static @org.jspecify.annotations.Nullable Rule contributed(String type) {
    if (ELEMENTWISE_MICROSOFT.contains(type)) {
      return Elementwise::apply;
    }
    return switch (type) {
      case "FusedMatMul" -> Products::matmul;
      case "FusedGemm" -> Products::gemm;
      case "FusedConv" -> Convolutions::conv;
      case "SimplifiedLayerNormalization" -> Along::layerNorm;
      case "Attention" -> Attentions::packed;
      case "MultiHeadAttention" -> Attentions::multiHead;
      default -> null;
    };
  }
}

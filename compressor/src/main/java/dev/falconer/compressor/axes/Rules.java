package dev.falconer.compressor.axes;

import dev.falconer.compressor.axes.SplitRefusal.Code;
import dev.falconer.compressor.onnx.Node;
import java.util.List;

/** Finds the rule of an operator. */
final class Rules {
  private Rules() {}

  static List<Known> apply(Scope scope) {
    Node node = scope.node();
    String domain = node.domain();
    if (domain.equals("ai.onnx.ml") && node.type().equals("LabelEncoder")) {
      return List.of(Elementwise.labelEncoder(scope));
    }
    if (!domain.isEmpty() && !domain.equals("ai.onnx")) {
      throw scope.unsupported(
          "operators of domain " + domain + " have no rule", "export in ONNX's own operators");
    }
    return switch (node.type()) {
      case "Relu",
          "Sigmoid",
          "Tanh",
          "Sqrt",
          "Exp",
          "Log",
          "Neg",
          "Abs",
          "Erf",
          "LeakyRelu",
          "Elu",
          "Selu",
          "Softplus",
          "Softsign",
          "HardSigmoid",
          "HardSwish",
          "Floor",
          "Ceil",
          "Round",
          "Reciprocal",
          "Sign",
          "Gelu",
          "Celu",
          "Mish",
          "ThresholdedRelu",
          "Sin",
          "Cos",
          "Tan",
          "Asin",
          "Acos",
          "Atan",
          "Sinh",
          "Cosh",
          "Asinh",
          "Acosh",
          "Atanh",
          "Shrink",
          "Swish",
          "Identity",
          "Clip",
          "Not",
          "IsNaN",
          "IsInf",
          "Cast" ->
          List.of(Elementwise.unary(scope));
      case "Dropout" -> Elementwise.dropout(scope);
      case "Add",
          "Sub",
          "Mul",
          "Div",
          "Mod",
          "Pow",
          "Min",
          "Max",
          "Sum",
          "Mean",
          "PRelu",
          "Equal",
          "Less",
          "LessOrEqual",
          "Greater",
          "GreaterOrEqual",
          "And",
          "Or",
          "Xor" ->
          List.of(Elementwise.binary(scope));
      case "Where" -> List.of(Elementwise.where(scope));
      case "QuantizeLinear", "DequantizeLinear", "DynamicQuantizeLinear" ->
          Quantized.quantize(scope);
      case "Constant" -> List.of(Generate.constant(scope));
      case "Shape", "Size" -> List.of(Generate.shape(scope));
      case "Range" -> List.of(Generate.range(scope));
      case "ConstantOfShape" -> List.of(Generate.constantOfShape(scope));
      case "Expand" -> List.of(Generate.expand(scope));
      case "Tile" -> List.of(Generate.tile(scope));
      case "Reshape" -> List.of(Regroup.reshape(scope));
      case "Flatten" -> List.of(Regroup.flatten(scope));
      case "Squeeze" -> List.of(Regroup.squeeze(scope));
      case "Unsqueeze" -> List.of(Regroup.unsqueeze(scope));
      case "Transpose" -> List.of(Regroup.transpose(scope));
      case "Concat" -> List.of(Pick.concat(scope));
      case "Slice" -> List.of(Pick.slice(scope));
      case "Split" -> Pick.split(scope);
      case "Gather" -> List.of(Pick.gather(scope));
      case "GatherElements" -> List.of(Pick.gatherElements(scope));
      case "Trilu" -> List.of(Pick.trilu(scope));
      case "Pad" -> List.of(Pick.pad(scope));
      case "ReduceSum",
          "ReduceMean",
          "ReduceMax",
          "ReduceMin",
          "ReduceProd",
          "ReduceL1",
          "ReduceL2",
          "ReduceLogSum",
          "ReduceLogSumExp",
          "ReduceSumSquare" ->
          List.of(Along.reduce(scope));
      case "ArgMax", "ArgMin" -> List.of(Along.arg(scope));
      case "TopK" -> Along.topK(scope);
      case "CumSum" -> List.of(Along.cumulate(scope));
      case "Softmax", "LogSoftmax", "Hardmax" -> List.of(Along.softmax(scope));
      case "LayerNormalization", "RMSNormalization" -> Along.layerNorm(scope);
      case "BatchNormalization" -> List.of(Along.batchNorm(scope));
      case "MatMul", "MatMulInteger" -> List.of(Product.matMul(scope));
      case "Gemm" -> List.of(Product.gemm(scope));
      case "Conv" -> List.of(Convolution.conv(scope));
      case "MaxPool", "AveragePool", "LpPool" -> List.of(Convolution.pool(scope));
      case "GlobalAveragePool", "GlobalMaxPool", "GlobalLpPool" ->
          List.of(Convolution.global(scope));
      case "Einsum" -> List.of(Contraction.einsum(scope));
      case "GRU", "LSTM", "RNN" -> Recurrent.apply(scope);
      case "GatherND" -> List.of(Indexed.gatherNd(scope));
      case "ScatterElements", "Scatter" -> List.of(Indexed.scatterElements(scope));
      case "ScatterND" -> List.of(Indexed.scatterNd(scope));
      case "OneHot" -> List.of(Indexed.oneHot(scope));
      case "If", "Loop", "Scan" ->
          throw scope.refuse(
              Code.CONTROL_FLOW, -1, "control flow is not followed", "export without it");
      case "SequenceEmpty",
          "SequenceConstruct",
          "SequenceInsert",
          "SequenceErase",
          "SequenceAt",
          "SequenceLength",
          "SequenceMap",
          "SplitToSequence",
          "ConcatFromSequence",
          "Optional",
          "OptionalGetElement",
          "OptionalHasElement" ->
          throw scope.unsupported(
              "sequences of tensors are not followed", "export with one tensor in place of a list");
      case "NonZero", "Unique", "Compress", "NonMaxSuppression" ->
          throw scope.refuse(
              Code.DATA_SHAPE,
              -1,
              "the result's shape depends on data",
              "use a mask in place of a selection");
      case "RandomNormal",
          "RandomUniform",
          "RandomNormalLike",
          "RandomUniformLike",
          "Multinomial",
          "Bernoulli" ->
          throw scope.refuse(
              Code.RANDOM, -1, "the result is random", "export the model in evaluation mode");
      default ->
          throw scope.unsupported(
              "the operator has no rule", "export in operators that have one, or serve it whole");
    };
  }
}

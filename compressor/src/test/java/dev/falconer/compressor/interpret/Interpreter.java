package dev.falconer.compressor.interpret;

import dev.falconer.compressor.onnx.Graph;
import dev.falconer.compressor.onnx.Model;
import dev.falconer.compressor.onnx.Node;
import dev.falconer.compressor.onnx.Runner;
import dev.falconer.compressor.onnx.TensorData;
import dev.falconer.compressor.onnx.ValueInfo;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Runs a model of float64, int64 and bool tensors. As strict as a runtime: types and shapes must
 * fit, also those that the graph declares of its inputs and outputs, and operators must exist in
 * the model's operator set.
 */
public final class Interpreter implements Runner {
  /** Operators younger than the oldest operator set here, 9, with the set that brought them. */
  private static final Map<String, Integer> SINCE =
      Map.ofEntries(
          Map.entry("CumSum", 11),
          Map.entry("Einsum", 12),
          Map.entry("GatherND", 12),
          Map.entry("Range", 11),
          Map.entry("GatherElements", 11),
          Map.entry("LessOrEqual", 12),
          Map.entry("GreaterOrEqual", 12),
          Map.entry("Trilu", 14),
          Map.entry("LayerNormalization", 17));

  private final Model model;
  private final Map<String, NdArray> constants = new HashMap<>();

  private Interpreter(Model model) {
    this.model = model;
    model.graph().initializers().forEach((name, value) -> constants.put(name, NdArray.of(value)));
  }

  /** Returns a runner of the model. */
  public static Runner open(Model model) {
    return new Interpreter(model);
  }

  @Override
  public Map<String, TensorData> run(Map<String, TensorData> feeds) {
    Graph graph = model.graph();
    var values = new HashMap<String, NdArray>();
    var lengths = new HashMap<String, Integer>();
    for (ValueInfo input : graph.inputs()) {
      TensorData feed = feeds.get(input.name());
      if (feed == null) {
        throw new IllegalArgumentException("no feed of \"" + input.name() + "\"");
      }
      NdArray value = NdArray.of(feed);
      checked(input, value, lengths);
      values.put(input.name(), value);
    }
    for (Node node : graph.nodes()) {
      var operands = new ArrayList<@Nullable NdArray>();
      for (String name : node.inputs()) {
        operands.add(name.isEmpty() ? null : found(values, name, node));
      }
      List<NdArray> results = apply(new Call(node, operands, model.opset()));
      for (int i = 0; i < node.outputs().size(); i++) {
        if (!node.outputs().get(i).isEmpty()) {
          values.put(node.outputs().get(i), results.get(i));
        }
      }
    }
    var outputs = new LinkedHashMap<String, TensorData>();
    for (ValueInfo output : graph.outputs()) {
      NdArray value = found(values, output.name(), null);
      checked(output, value, new HashMap<>());
      outputs.put(output.name(), value.tensor());
    }
    return outputs;
  }

  private NdArray found(Map<String, NdArray> values, String name, @Nullable Node reader) {
    NdArray constant = constants.get(name);
    NdArray value = constant == null ? values.get(name) : constant;
    if (value == null) {
      throw new IllegalArgumentException("nothing writes \"" + name + "\", read by " + reader);
    }
    return value;
  }

  /** Checks a value against its declaration; one name is one length among the inputs. */
  private static void checked(ValueInfo declared, NdArray value, Map<String, Integer> lengths) {
    var dims = declared.dims();
    boolean fits = value.dtype == declared.dtype() && (dims == null || dims.size() == value.rank());
    for (int i = 0; fits && dims != null && i < value.rank(); i++) {
      int length = value.dims[i];
      fits =
          switch (dims.get(i)) {
            case ValueInfo.Dim.Fixed(long fixed) -> fixed == length;
            case ValueInfo.Dim.Symbol(String name) ->
                lengths.computeIfAbsent(name, _ -> length) == length;
            case ValueInfo.Dim.Unknown _ -> true;
          };
    }
    if (!fits) {
      throw new IllegalArgumentException(
          declared + " is " + value.dtype + java.util.Arrays.toString(value.dims));
    }
  }

  private static List<NdArray> apply(Call call) {
    if (call.opset() < SINCE.getOrDefault(call.type(), 0)) {
      throw call.refused("is younger than the operator set");
    }
    return switch (call.type()) {
      case "Split" -> Picks.split(call);
      case "TopK" -> Picks.topK(call);
      case "GRU" -> Contractions.gru(call);
      default -> List.of(one(call));
    };
  }

  private static NdArray one(Call call) {
    return switch (call.type()) {
      case "Constant" -> Moves.constant(call);
      case "Cast" -> Elementwise.cast(call);
      case "Clip" -> Elementwise.clip(call);
      case "Where" -> Elementwise.where(call);
      case "MatMul" -> Products.matMul(call);
      case "Einsum" -> Contractions.einsum(call);
      case "Gemm" -> Products.gemm(call);
      case "Reshape" -> Moves.reshape(call);
      case "Flatten" -> Moves.flatten(call);
      case "Squeeze" -> Moves.squeeze(call);
      case "Unsqueeze" -> Moves.unsqueeze(call);
      case "Transpose" -> Moves.transpose(call);
      case "Expand" -> Moves.expand(call);
      case "Tile" -> Moves.tile(call);
      case "Shape", "Size" -> Moves.shape(call);
      case "Range" -> Moves.range(call);
      case "ConstantOfShape" -> Moves.constantOfShape(call);
      case "Concat" -> Picks.concat(call);
      case "Slice" -> Picks.slice(call);
      case "Gather" -> Picks.gather(call);
      case "GatherElements" -> Picks.gatherElements(call);
      case "GatherND" -> Picks.gatherNd(call);
      case "Pad" -> Moves.pad(call);
      case "Trilu" -> Picks.trilu(call);
      case "Softmax", "LogSoftmax" -> Sums.softmax(call);
      case "LayerNormalization" -> Sums.layerNorm(call);
      case "BatchNormalization" -> Sums.batchNorm(call);
      case "CumSum" -> Sums.cumSum(call);
      case "ArgMax", "ArgMin" -> Sums.argMax(call);
      case "Relu",
          "Tanh",
          "Sigmoid",
          "Neg",
          "Abs",
          "Sqrt",
          "Exp",
          "Log",
          "Reciprocal",
          "Floor",
          "Sign",
          "Not",
          "Identity",
          "Dropout" ->
          Elementwise.unary(call);
      default -> call.type().startsWith("Reduce") ? Sums.reduce(call) : Elementwise.binary(call);
    };
  }

  @Override
  public void close() {}
}

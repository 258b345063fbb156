package dev.falconer.compressor.execute;

import dev.falconer.compressor.onnx.Attribute;
import dev.falconer.compressor.onnx.DType;
import dev.falconer.compressor.onnx.Node;
import dev.falconer.compressor.onnx.NumericTensor;
import dev.falconer.compressor.onnx.StringTensor;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.jspecify.annotations.Nullable;

/** {@code ai.onnx.ml} LabelEncoder: ids to rows, by a hash table built once per node. */
final class Labels {
  private Labels() {}

  static @Nullable Operator find(Node node) {
    if (!node.type().equals("LabelEncoder")) {
      return null;
    }
    long[] rows = longs(node, "values");
    long absent = node.intAttribute("default_int64", -1);
    if (node.attributes().get("default_tensor") instanceof Attribute.TensorAttr(NumericTensor t)) {
      absent = t.longAt(0);
    }
    long unknown = absent;
    List<String> texts = texts(node);
    if (!texts.isEmpty()) {
      Map<String, Long> table = HashMap.newHashMap(texts.size());
      for (int i = 0; i < texts.size(); i++) {
        table.put(texts.get(i), rows[i]);
      }
      return Operator.of(call -> encode(call, table, unknown));
    }
    LongTable table = new LongTable(longs(node, "keys"), rows);
    return Operator.of(call -> {
      long[] ids = call.longs(0);
      var found = new long[ids.length];
      for (int i = 0; i < ids.length; i++) {
        found[i] = table.get(ids[i], unknown);
      }
      return tensor(found, Shaping.dims(call.value(0)));
    });
  }

  private static Tensor encode(Call call, Map<String, Long> table, long unknown) {
    if (!(call.value(0) instanceof Value.Text(StringTensor strings))) {
      throw new IllegalArgumentException("keys are strings, got numbers");
    }
    var found = new long[strings.values().size()];
    for (int i = 0; i < found.length; i++) {
      found[i] = table.getOrDefault(strings.values().get(i), unknown);
    }
    return tensor(found, strings.shape().dims());
  }

  private static Tensor tensor(long[] values, long[] dims) {
    return values.length == 0
        ? torch.empty(dims, Tensors.options(torch.ScalarType.Long), null)
        : torch.tensor(values).reshape(dims);
  }

  private static long[] longs(Node node, String side) {
    long[] listed = node.intsAttribute(side + "_int64s");
    if (listed.length > 0) {
      return listed;
    }
    if (node.attributes().get(side + "_tensor")
            instanceof Attribute.TensorAttr(NumericTensor tensor)
        && tensor.dtype() == DType.INT64) {
      return tensor.toLongs();
    }
    throw new IllegalArgumentException(
        "LabelEncoder \""
            + node.name()
            + "\" maps int64 or strings to int64; it has "
            + node.attributes().keySet());
  }

  private static List<String> texts(Node node) {
    return switch (node.attributes().get("keys_strings")) {
      case Attribute.TextsAttr(List<String> values) -> values;
      case null, default ->
          node.attributes().get("keys_tensor") instanceof Attribute.TensorAttr(StringTensor keys)
              ? new ArrayList<>(keys.values())
              : List.of();
    };
  }
}

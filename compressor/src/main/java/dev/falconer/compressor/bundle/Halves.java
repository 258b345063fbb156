package dev.falconer.compressor.bundle;

import dev.falconer.compressor.onnx.NumericTensor;
import dev.falconer.compressor.onnx.Runner;
import dev.falconer.compressor.onnx.Shape;
import dev.falconer.compressor.onnx.TensorData;
import dev.falconer.compressor.split.SplitModel;
import dev.falconer.compressor.split.StateTensor;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Runs user graphs from nothing and candidate graphs on their state, as the server does. */
final class Halves {
  private final SplitModel split;
  private final List<Runner> users;

  /**
   * Creates the halves.
   *
   * @param users the split model's own first; others read the same and give more
   */
  Halves(SplitModel split, List<Runner> users) {
    this.split = split;
    this.users = List.copyOf(users);
  }

  /** Returns the state of a feed's user, with an empty past where the user graph takes one. */
  Map<String, TensorData> state(Map<String, TensorData> feeds) {
    Map<String, TensorData> known = restricted(feeds, split.user());
    List<StateTensor> state = split.state();
    for (int i = 0; i < split.growth().pastInputs().size(); i++) {
      StateTensor tensor = state.get(i);
      long[] dims = tensor.shape().stream().mapToLong(Long::longValue).toArray();
      dims[tensor.historyAxis()] = 0;
      known.put(
          split.growth().pastInputs().get(i),
          NumericTensor.allocate(tensor.dtype(), Shape.of(dims)));
    }
    var all = new HashMap<String, TensorData>();
    users.reversed().forEach(user -> all.putAll(user.run(known)));
    return all;
  }

  /** Returns the feeds of candidate graphs: the feed's candidates and context with a state. */
  Map<String, TensorData> candidateFeeds(
      Map<String, TensorData> feeds, Map<String, TensorData> state) {
    Map<String, TensorData> known = restricted(feeds, split.candidate());
    known.putAll(state);
    return known;
  }

  private static Map<String, TensorData> restricted(
      Map<String, TensorData> feeds, dev.falconer.compressor.onnx.Model model) {
    var known = new HashMap<>(feeds);
    known.keySet().retainAll(names(model));
    return known;
  }

  private static List<String> names(dev.falconer.compressor.onnx.Model model) {
    return model.graph().inputs().stream().map(input -> input.name()).toList();
  }
}

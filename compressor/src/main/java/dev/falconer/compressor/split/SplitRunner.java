package dev.falconer.compressor.split;

import dev.falconer.compressor.axes.Roles;
import dev.falconer.compressor.onnx.Graph;
import dev.falconer.compressor.onnx.Model;
import dev.falconer.compressor.onnx.NumericTensor;
import dev.falconer.compressor.onnx.Runner;
import dev.falconer.compressor.onnx.Shape;
import dev.falconer.compressor.onnx.TensorData;
import dev.falconer.compressor.onnx.Tensors;
import dev.falconer.compressor.onnx.ValueInfo;
import dev.falconer.compressor.onnx.ValueInfo.Dim;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A split model that takes the whole model's batches: request by request the user graph, then the
 * candidate graph over its state. A request is the consecutive rows of one user; of its history the
 * user graph gets as many events as its length says, as a server gives them: the candidate graph
 * knows of no padding.
 */
public final class SplitRunner implements Runner {
  private final Graph whole;
  private final Roles roles;
  private final List<String> userInputs;
  private final Runner user;
  private final Runner candidate;

  private SplitRunner(
      Graph whole, Roles roles, List<String> userInputs, Runner user, Runner candidate) {
    this.whole = whole;
    this.roles = roles;
    this.userInputs = userInputs;
    this.user = user;
    this.candidate = candidate;
  }

  /**
   * Opens both halves.
   *
   * @param whole graph that was split
   * @param split not grown
   * @param candidate graph of the split, or one that stands for it
   */
  public static SplitRunner open(
      Graph whole, SplitModel split, Model candidate, Runner.Factory runners) {
    List<String> inputs = split.user().graph().inputs().stream().map(ValueInfo::name).toList();
    Runner user = runners.open(split.user());
    try {
      return new SplitRunner(whole, split.roles(), inputs, user, runners.open(candidate));
    } catch (RuntimeException e) {
      user.close();
      throw e;
    }
  }

  @Override
  public Map<String, TensorData> run(Map<String, TensorData> feeds) {
    var parts = new LinkedHashMap<String, List<NumericTensor>>();
    for (Map<String, TensorData> request : Requests.of(whole, roles, feeds)) {
      Map<String, TensorData> own = unpadded(request);
      var known = new HashMap<>(own);
      known.keySet().retainAll(userInputs);
      own.putAll(user.run(known));
      candidate
          .run(own)
          .forEach((name, output) -> {
            if (!(output instanceof NumericTensor numbers) || numbers.shape().rank() == 0) {
              throw new IllegalArgumentException(
                  "output \"%s\" is %s, want numbers of each row".formatted(name, output.shape()));
            }
            parts.computeIfAbsent(name, _ -> new ArrayList<>()).add(numbers);
          });
    }
    var outputs = new LinkedHashMap<String, TensorData>();
    parts.forEach((name, all) -> outputs.put(name, joined(all)));
    return outputs;
  }

  /** Returns the inputs with the events that count, where one length tells how many. */
  private Map<String, TensorData> unpadded(Map<String, TensorData> request) {
    var own = new HashMap<>(request);
    List<TensorData> lengths =
        request.entrySet().stream()
            .filter(each -> roles.of(each.getKey()) == Roles.Role.LENGTH)
            .map(Map.Entry::getValue)
            .toList();
    if (lengths.size() == 1 && lengths.getFirst() instanceof NumericTensor length) {
      for (ValueInfo input : whole.inputs()) {
        TensorData tensor = own.get(input.name());
        List<Dim> dims = input.dims();
        if (tensor != null
            && dims != null
            && dims.size() > 1
            && !(dims.get(1) instanceof Dim.Fixed)
            && roles.of(input.name()) == Roles.Role.USER) {
          long events = Math.min(length.longAt(0), tensor.shape().dim(1));
          own.put(input.name(), Tensors.slice(tensor, 1, 0, events));
        }
      }
    }
    return own;
  }

  /** Returns tensors one upon the other along their first axis. */
  private static NumericTensor joined(List<NumericTensor> parts) {
    long[] dims = parts.getFirst().shape().dims();
    dims[0] = parts.stream().mapToLong(part -> part.shape().dim(0)).sum();
    NumericTensor all = NumericTensor.allocate(parts.getFirst().dtype(), Shape.of(dims));
    long at = 0;
    for (NumericTensor part : parts) {
      long bytes = part.bytes().byteSize();
      if (at + bytes > all.bytes().byteSize()) {
        throw new IllegalArgumentException(
            "an output is %s for one request and %s for another"
                .formatted(parts.getFirst().shape(), part.shape()));
      }
      all.bytes().asSlice(at, bytes).copyFrom(part.bytes());
      at += bytes;
    }
    return all;
  }

  @Override
  public void close() {
    user.close();
    candidate.close();
  }
}

package dev.falconer.compressor.cli;

import dev.falconer.compressor.data.Batch;
import dev.falconer.compressor.data.CalibrationExamples;
import dev.falconer.compressor.evaluate.Predictions;
import dev.falconer.compressor.onnx.DType;
import dev.falconer.compressor.onnx.Model;
import dev.falconer.compressor.onnx.NumericTensor;
import dev.falconer.compressor.onnx.Runner;
import dev.falconer.compressor.onnx.Shape;
import dev.falconer.compressor.onnx.TensorData;
import dev.falconer.compressor.onnx.ValueInfo;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;

/**
 * Held-out examples with labels.
 *
 * @param output that scores them
 * @param labels a row per example, the held-out ones last
 * @param users a number per example
 * @param batches held out
 */
record Labelled(
    String output,
    NumericTensor labels,
    NumericTensor users,
    List<Map<String, TensorData>> batches) {

  /** Returns the held-out examples with the labels that the options name, if they name any. */
  static Optional<Labelled> of(
      CalibrationOptions options,
      Model model,
      Map<String, TensorData> arrays,
      CalibrationExamples examples) {
    String name = options.labels;
    if (name == null) {
      if (options.scores != null || options.users != null) {
        throw new IllegalArgumentException("--scores and --users go with --labels");
      }
      return Optional.empty();
    }
    NumericTensor labels = numbers(arrays, "--labels", name);
    if (examples.heldOut().isEmpty()) {
      throw new IllegalArgumentException("--labels: too few examples to hold some out");
    }
    long rows = labels.shape().dim(0);
    NumericTensor users =
        options.users == null
            ? TensorData.vector(IntStream.range(0, Math.toIntExact(rows)).asLongStream().toArray())
            : numbers(arrays, "--users", options.users);
    if (users.shape().size() != rows) {
      throw new IllegalArgumentException(
          "--users %s is %s for %d labels".formatted(options.users, users.shape(), rows));
    }
    return Optional.of(
        new Labelled(output(options.scores, model), labels, users, examples.heldOut()));
  }

  private static String output(@org.jspecify.annotations.Nullable String wanted, Model model) {
    List<String> floats =
        model.graph().outputs().stream()
            .filter(output -> output.dtype() == DType.FLOAT32)
            .map(ValueInfo::name)
            .toList();
    if (wanted == null && floats.size() == 1) {
      return floats.getFirst();
    }
    if (wanted == null || !floats.contains(wanted)) {
      throw new IllegalArgumentException("--scores: one of the outputs " + floats);
    }
    return wanted;
  }

  private static NumericTensor numbers(Map<String, TensorData> arrays, String option, String name) {
    if (arrays.get(name) instanceof NumericTensor numbers && numbers.shape().rank() > 0) {
      return numbers;
    }
    throw new IllegalArgumentException(
        "%s %s: the examples hold no such numbers; they hold %s"
            .formatted(option, name, arrays.keySet()));
  }

  /** Returns a model's scores of the held-out examples. */
  Predictions predictions(Runner runner) {
    long rows = labels.shape().dim(0);
    int tasks = Math.toIntExact(labels.shape().size() / rows);
    List<String> names =
        tasks == 1
            ? List.of(output)
            : IntStream.range(0, tasks).mapToObj(i -> output + "." + i).toList();
    var builder =
        new Predictions.Builder(names, row -> Math.toIntExact(users.longAt(row)), (_, _) -> 0);
    long heldOut = batches.stream().mapToLong(Labelled::size).sum();
    long from = rows - heldOut;
    float[] all = labels.toFloats();
    for (Map<String, TensorData> batch : batches) {
      int size = Math.toIntExact(size(batch));
      int start = Math.toIntExact(from);
      Shape shape = Shape.of(size, 1, tasks);
      var mask = new float[size * tasks];
      java.util.Arrays.fill(mask, 1);
      if (!(runner.run(batch).get(output) instanceof NumericTensor scores)
          || scores.shape().size() != (long) size * tasks) {
        throw new IllegalArgumentException(
            "output \"%s\" gives no score for each of %d labels".formatted(output, size * tasks));
      }
      builder.add(
          new Batch(
              IntStream.range(start, start + size).boxed().toList(),
              batch,
              TensorData.floats(
                  shape, java.util.Arrays.copyOfRange(all, start * tasks, (start + size) * tasks)),
              TensorData.floats(shape, mask),
              TensorData.floats(Shape.of(0))),
          scores.reshaped(shape));
      from += size;
    }
    return builder.build();
  }

  private static long size(Map<String, TensorData> batch) {
    return batch.values().iterator().next().shape().dim(0);
  }
}

package dev.falconer.compressor.pack;

import dev.falconer.compressor.onnx.DType;
import dev.falconer.compressor.onnx.Graph;
import dev.falconer.compressor.onnx.Model;
import dev.falconer.compressor.onnx.NumericTensor;
import dev.falconer.compressor.onnx.Runner;
import dev.falconer.compressor.onnx.TensorData;
import dev.falconer.compressor.onnx.ValueInfo;
import dev.falconer.compressor.pass.RemoveDead;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * What rows look like that a candidate graph multiplies, and the keys and values it attends to:
 * what int8 rounds them by.
 *
 * @param moments by tensor
 */
public record Calibration(Map<String, Moments> moments) {
  /** Nothing is known: rows are rounded as they are. */
  public static final Calibration NONE = new Calibration(Map.of());

  /** Copies the map. */
  public Calibration {
    moments = Map.copyOf(moments);
  }

  /**
   * Returns what some requests show.
   *
   * @param candidate plain graph
   * @param feeds of it, one request each
   * @throws IllegalArgumentException when a tensor has NaN or infinity
   */
  public static Calibration of(
      Model candidate, Stream<Map<String, TensorData>> feeds, Runner.Factory runners) {
    Map<String, Reading> wanted = wanted(candidate);
    Graph graph = candidate.graph();
    List<ValueInfo> taps =
        wanted.keySet().stream()
            .filter(value -> graph.inputs().stream().noneMatch(input -> input.name().equals(value)))
            .map(value -> new ValueInfo(value, DType.FLOAT32, null))
            .toList();
    if (wanted.isEmpty()) {
      return NONE;
    }
    List<ValueInfo> outputs = taps.isEmpty() ? graph.outputs() : taps; // there must be one
    var tapped =
        new Graph(graph.name(), graph.inputs(), outputs, graph.initializers(), graph.nodes());
    var sums = new HashMap<String, Moments.Sum>();
    try (Runner runner = runners.open(new RemoveDead().apply(candidate.withGraph(tapped)))) {
      feeds.forEachOrdered(feed -> {
        var values = new HashMap<>(feed);
        values.putAll(runner.run(feed));
        wanted.forEach((value, reading) -> {
          if (values.get(value) instanceof NumericTensor tensor) {
            reading.add(tensor, sums.computeIfAbsent(value, _ -> new Moments.Sum(reading.all())));
          }
        });
      });
    }
    var moments = new HashMap<String, Moments>();
    sums.forEach((value, sum) -> moments.put(value, checked(value, sum.moments())));
    return new Calibration(moments);
  }

  private static Moments checked(String value, Moments moments) {
    for (int i = 0; i < moments.means().length; i++) {
      if (!Double.isFinite(moments.means()[i]) || !Double.isFinite(moments.deviations()[i])) {
        throw new IllegalArgumentException(
            ("a request for calibration makes feature %d of \"%s\" NaN or infinite; "
                    + "mend the model or the log, or bundle with --no-pack")
                .formatted(i, value));
      }
    }
    return moments;
  }

  Optional<Moments> of(String value) {
    return Optional.ofNullable(moments.get(value));
  }

  /**
   * How features lie in a tensor.
   *
   * @param heads 1 where the last axis holds all features
   */
  private record Reading(int heads, int width, boolean isHeadsFirst) {
    int all() {
      return heads * width;
    }

    /** Adds all rows of a tensor: [.., all], or [.., heads, rows, width]. */
    void add(NumericTensor tensor, Moments.Sum sum) {
      float[] values = tensor.toFloats();
      int rows = values.length / all();
      for (int row = 0; row < rows; row++) {
        sum.begin();
        for (int i = 0; i < all(); i++) {
          int at = isHeadsFirst ? (i / width * rows + row) * width + i % width : row * all() + i;
          sum.add(i, values[at]);
        }
      }
    }
  }

  /** Returns the tensors that packed operators round. */
  private static Map<String, Reading> wanted(Model candidate) {
    var wanted = new LinkedHashMap<String, Reading>();
    for (Piece piece : Finder.find(Facts.of(candidate)).pieces()) {
      piece
          .products()
          .forEach(dense -> wanted.put(dense.read().value(), new Reading(1, dense.width(), false)));
      if (piece instanceof Piece.Block block) {
        Attention attention = block.attended().attention();
        Form.Heads heads = attention.heads();
        if (attention.query().at().isFlat()) {
          wanted.put(attention.query().value(), new Reading(1, heads.all(), false));
        }
        List.of(attention.keys(), block.attended().shared().orElseThrow())
            .forEach(keys ->
                keys.readings()
                    .forEach(reading ->
                        wanted.put(
                            reading.value(),
                            new Reading(
                                heads.count(),
                                heads.width(),
                                reading.order() == Keys.Order.HEADS_FIRST))));
      }
    }
    return wanted;
  }
}

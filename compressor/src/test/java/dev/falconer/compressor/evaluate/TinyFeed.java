package dev.falconer.compressor.evaluate;

import dev.falconer.compressor.data.BatchPlan;
import dev.falconer.compressor.data.Batches;
import dev.falconer.compressor.data.Examples;
import dev.falconer.compressor.data.LogGenerator;
import dev.falconer.compressor.onnx.Model;
import dev.falconer.compressor.onnx.NumericTensor;
import dev.falconer.compressor.onnx.Shape;
import dev.falconer.compressor.onnx.TensorData;
import dev.falconer.compressor.zoo.CandidateSelf;
import dev.falconer.compressor.zoo.Fusion;
import dev.falconer.compressor.zoo.HistoryMask;
import dev.falconer.compressor.zoo.RankerConfig;
import dev.falconer.compressor.zoo.Rankers;
import dev.falconer.compressor.zoo.Vocabulary;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;

/** A small generated feed log and untrained rankers for it. */
public final class TinyFeed {
  private TinyFeed() {}

  /** Returns about 300 requests of 40 users. */
  public static Examples examples() {
    return new LogGenerator(LogGenerator.Surface.FEED, 40, 60, 300, 3).generate().examples();
  }

  /** Returns all requests in batches of 16, histories of at most 12 events. */
  public static Batches batches(Examples examples) {
    return Batches.of(examples.all(), BatchPlan.evaluation(16, 12));
  }

  /** Returns an untrained ranker: width 16, two layers, head 24. */
  public static Model ranker(Examples examples, Fusion fusion) {
    return ranker(examples, fusion, CandidateSelf.NONE);
  }

  /** Returns the same with the switch. */
  public static Model ranker(Examples examples, Fusion fusion, CandidateSelf self) {
    var schema = examples.schema();
    var config =
        new RankerConfig(
            fusion,
            HistoryMask.CAUSAL,
            self,
            16,
            2,
            2,
            12,
            2,
            1,
            List.of(24),
            schema.tasks(),
            schema.actions().size(),
            schema.surfaces().size(),
            schema.categories().size(),
            schema.candidateDense().size(),
            schema.contextDense().size());
    var catalogue = examples.catalogue();
    var categories = new ArrayList<Integer>();
    if (!schema.categories().isEmpty()) {
      IntStream.range(0, catalogue.size()).map(catalogue::category).forEach(categories::add);
    }
    List<Long> ids = IntStream.range(0, catalogue.size()).mapToObj(catalogue::id).toList();
    return Rankers.build(config, new Vocabulary(ids, List.of(), categories), 11);
  }

  /** Returns some rows of a tensor along an axis. */
  public static TensorData sliced(TensorData tensor, int axis, int... rows) {
    var numbers = (NumericTensor) tensor;
    long outer = 1;
    long inner = numbers.dtype().bytes();
    for (int i = 0; i < tensor.shape().rank(); i++) {
      outer *= i < axis ? tensor.shape().dim(i) : 1;
      inner *= i > axis ? tensor.shape().dim(i) : 1;
    }
    long[] dims = tensor.shape().dims();
    long length = dims[axis];
    dims[axis] = rows.length;
    NumericTensor slice = NumericTensor.allocate(numbers.dtype(), Shape.of(dims));
    for (long o = 0; o < outer; o++) {
      for (int r = 0; r < rows.length; r++) {
        slice
            .bytes()
            .asSlice((o * rows.length + r) * inner, inner)
            .copyFrom(numbers.bytes().asSlice((o * length + rows[r]) * inner, inner));
      }
    }
    return slice;
  }
}

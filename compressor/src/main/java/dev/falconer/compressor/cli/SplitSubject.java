package dev.falconer.compressor.cli;

import dev.falconer.compressor.axes.Layout;
import dev.falconer.compressor.axes.Roles;
import dev.falconer.compressor.axes.Roles.Role;
import dev.falconer.compressor.evaluate.BenchRequest;
import dev.falconer.compressor.evaluate.ModelBench;
import dev.falconer.compressor.evaluate.OrtRunner;
import dev.falconer.compressor.onnx.Model;
import dev.falconer.compressor.onnx.NumericTensor;
import dev.falconer.compressor.onnx.Shape;
import dev.falconer.compressor.onnx.TensorData;
import dev.falconer.compressor.onnx.ValueInfo;
import dev.falconer.compressor.split.Flops;
import dev.falconer.compressor.split.RequestMaker;
import dev.falconer.compressor.split.SplitModel;
import dev.falconer.compressor.split.Splitter;
import dev.falconer.compressor.zoo.RankerConfig;
import dev.falconer.compressor.zoo.RowWiseRanker;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Random;

/**
 * A split ranker opened to be timed.
 *
 * @param flops of the halves, counted at the history timed
 * @param wholeRow operations of one row of the graph timed as whole; NaN where they aren't counted
 * @param trimmedRow of the one timed as trimmed
 */
record SplitSubject(ModelBench bench, Flops flops, double wholeRow, double trimmedRow)
    implements AutoCloseable {
  private static final long SEED = 1;
  private static final int MICRO_BATCH = 256;

  /** What can be timed. */
  enum Ranker {
    DIN,
    DEEPFM,
    DCNV2,
    /** The append transformer of {@code falconer train}, trimmed as it is trained. */
    APPEND;

    @Override
    public String toString() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  /** Builds, splits and opens a ranker with random weights. */
  static SplitSubject open(Ranker ranker, int history, int candidates) {
    if (ranker == Ranker.APPEND) {
      return append(history, candidates);
    }
    RowWiseRanker kind = RowWiseRanker.valueOf(ranker.name());
    Model whole = kind.build(SEED);
    Roles roles = RowWiseRanker.roles();
    var splitter = new Splitter(OrtRunner.factory(1));
    var options = Splitter.Options.DEFAULT.withHistoryMax(history);
    SplitModel split = splitter.split(whole, roles, options);
    Model trimmed = splitter.trimmed(whole, roles);
    var bench =
        new ModelBench(
            request(whole, roles, split.layout(), history, candidates),
            "score",
            Optional.of(OrtRunner.open(whole, 1)),
            OrtRunner.open(trimmed, 1),
            OrtRunner.open(split.user(), 1),
            OrtRunner.open(split.candidate(), 1),
            Map.of(),
            MICRO_BATCH);
    return new SplitSubject(
        bench,
        split.flops(),
        split.flops().perRow(),
        splitter.plan(trimmed, roles, options).split().flops().perRow());
  }

  private static SplitSubject append(int history, int candidates) {
    RankerConfig config = BenchShape.parse("L=%d,d=64,h=4,layers=2,head=128-64".formatted(history));
    var subject = BenchSubject.ofShape(config, candidates);
    return new SplitSubject(subject.bench(), subject.flops(), Double.NaN, subject.flops().perRow());
  }

  private static BenchRequest request(
      Model whole, Roles roles, Layout layout, int history, int candidates) {
    var feeds = new HashMap<String, TensorData>();
    new RequestMaker(whole.graph(), roles, layout)
        .make(candidates, history, new Random(SEED))
        .forEach((name, tensor) ->
            feeds.put(name, roles.of(name) == Role.CANDIDATE ? underOne(tensor) : tensor));
    var columns = new HashSet<String>();
    for (ValueInfo column : roles.inputs(whole.graph(), Role.CANDIDATE)) {
      columns.add(column.name());
    }
    return new BenchRequest(Map.copyOf(feeds), columns);
  }

  /** Returns [1, m, ...] of [m, ...]. */
  private static TensorData underOne(TensorData tensor) {
    long[] dims = tensor.shape().dims();
    var under = new long[dims.length + 1];
    under[0] = 1;
    System.arraycopy(dims, 0, under, 1, dims.length);
    return ((NumericTensor) tensor).reshaped(Shape.of(under));
  }

  @Override
  public void close() {
    bench.close();
  }
}

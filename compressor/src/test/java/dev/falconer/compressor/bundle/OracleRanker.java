package dev.falconer.compressor.bundle;

import dev.falconer.compressor.axes.Roles;
import dev.falconer.compressor.calibrate.Calibrator;
import dev.falconer.compressor.data.Batch;
import dev.falconer.compressor.data.Inputs;
import dev.falconer.compressor.evaluate.OrtRunner;
import dev.falconer.compressor.layer.LinearLayer;
import dev.falconer.compressor.layer.LinearLayers;
import dev.falconer.compressor.onnx.Model;
import dev.falconer.compressor.onnx.NumericTensor;
import dev.falconer.compressor.onnx.Shape;
import dev.falconer.compressor.onnx.TensorData;
import dev.falconer.compressor.quantize.ActivationRange;
import dev.falconer.compressor.quantize.Int8;
import dev.falconer.compressor.split.SplitModel;
import dev.falconer.compressor.split.Splitter;
import dev.falconer.compressor.split.StateTensor;
import dev.falconer.compressor.zoo.CandidateSelf;
import dev.falconer.compressor.zoo.Fusion;
import dev.falconer.compressor.zoo.HistoryMask;
import dev.falconer.compressor.zoo.RankerConfig;
import dev.falconer.compressor.zoo.Rankers;
import dev.falconer.compressor.zoo.Vocabulary;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.IntStream;

/** A small ranker, whole and split, in real sessions that live as long as the tests. */
final class OracleRanker {
  static final int HISTORY_MAX = 13;
  private static final int ITEMS = 40;
  private static final int DENSE = 3;
  private static final Map<String, OracleRanker> MADE = new HashMap<>();

  private final String name;
  private final HistoryMask mask;
  private final boolean isInt8;
  private final SplitModel split;
  private final OrtRunner whole;
  private final OrtRunner user;
  private final OrtRunner candidate;

  private OracleRanker(String name, HistoryMask mask, boolean isInt8, Model model) {
    this.name = name;
    this.mask = mask;
    this.isInt8 = isInt8;
    this.split = new Splitter(OrtRunner.factory(1)).split(model, roles(), Splitter.Options.DEFAULT);
    this.whole = OrtRunner.open(model, 1);
    this.user = OrtRunner.open(split.user(), 1);
    this.candidate = OrtRunner.open(split.candidate(), 1);
  }

  static OracleRanker of(HistoryMask mask, CandidateSelf self, int layers, boolean isInt8) {
    String name = mask + "/" + self + "/" + layers + " layers/" + (isInt8 ? "int8" : "float");
    return MADE.computeIfAbsent(
        name,
        _ -> {
          var config =
              new RankerConfig(
                  Fusion.APPEND,
                  mask,
                  self,
                  16,
                  layers,
                  2,
                  HISTORY_MAX,
                  2,
                  1,
                  List.of(16),
                  List.of("click"),
                  3,
                  2,
                  0,
                  DENSE,
                  2);
          Model model = Rankers.build(config, Vocabulary.counting(ITEMS), 17);
          return new OracleRanker(name, mask, isInt8, isInt8 ? quantized(model) : model);
        });
  }

  private static Model quantized(Model model) {
    var ones = new float[16];
    Arrays.fill(ones, 1);
    NumericTensor labels = TensorData.floats(Shape.of(1, 16, 1), ones);
    var batches = new ArrayList<Batch>();
    for (int seed = 100; seed < 120; seed++) {
      var feeds = Slate.of(seed % (HISTORY_MAX + 1), 16, seed).padded(HISTORY_MAX);
      batches.add(new Batch(List.of(0), feeds, labels, labels, TensorData.floats(Shape.of(0))));
    }
    List<LinearLayer> layers = LinearLayers.of(model);
    var calibrator = Calibrator.run(model, layers, batches, OrtRunner.factory(1));
    return new Int8(new ActivationRange.Percentile(0.9999))
        .apply(model, layers, calibrator)
        .model();
  }

  private static Roles roles() {
    return new Roles(
        Map.of(
            Inputs.HISTORY_ITEM, Roles.Role.USER,
            Inputs.HISTORY_ACTION, Roles.Role.USER,
            Inputs.HISTORY_SURFACE, Roles.Role.USER,
            Inputs.HISTORY_LENGTH, Roles.Role.LENGTH,
            Inputs.CANDIDATE_ITEM, Roles.Role.CANDIDATE,
            Inputs.CANDIDATE_DENSE, Roles.Role.CANDIDATE,
            Inputs.CONTEXT_SURFACE, Roles.Role.CONTEXT,
            Inputs.CONTEXT_DENSE, Roles.Role.CONTEXT));
  }

  HistoryMask mask() {
    return mask;
  }

  boolean isInt8() {
    return isInt8;
  }

  boolean canGrow() {
    return split.growth().supported();
  }

  String growthReason() {
    return split.growth().reason();
  }

  Slate slate(int events, int candidates, long seed) {
    return Slate.of(events, candidates, seed);
  }

  /** Returns the whole graph's scores [m], each candidate in a call of its own. */
  float[] wholeOneByOne(Slate slate) {
    var scores = new float[slate.count()];
    for (int i = 0; i < scores.length; i++) {
      scores[i] = scores(whole.run(slate.candidates(IntStream.of(i)).padded(slate.events())))[0];
    }
    return scores;
  }

  /** Returns the whole graph's scores of several users in one call, histories padded by rubbish. */
  float[] wholeBatch(List<Slate> slates) {
    var joined = new HashMap<String, TensorData>();
    for (String input : whole.inputNames()) {
      var parts =
          slates.stream().map(s -> (NumericTensor) s.padded(HISTORY_MAX).get(input)).toList();
      joined.put(input, join(parts));
    }
    return scores(whole.run(joined));
  }

  Map<String, TensorData> encode(Slate slate) {
    return grow(slate, 0, slate.events(), emptyPast());
  }

  /** Returns the state after the events up to each end were encoded, one piece after another. */
  Map<String, TensorData> encodeInPieces(Slate slate, List<Integer> ends) {
    Map<String, TensorData> past = emptyPast();
    Map<String, TensorData> state = Map.of();
    int start = 0;
    for (int end : ends) {
      state = grow(slate, start, end, past);
      past = new HashMap<>();
      for (int i = 0; i < split.state().size(); i++) {
        past.put(split.growth().pastInputs().get(i), state.get(split.state().get(i).name()));
      }
      start = end;
    }
    return state;
  }

  private Map<String, TensorData> grow(
      Slate slate, int start, int end, Map<String, TensorData> past) {
    Map<String, TensorData> feeds = new HashMap<>(slate.history(start, end));
    feeds.putAll(past);
    return user.run(feeds);
  }

  private Map<String, TensorData> emptyPast() {
    var past = new HashMap<String, TensorData>();
    for (int i = 0; i < split.growth().pastInputs().size(); i++) {
      StateTensor tensor = split.state().get(i);
      long[] dims = tensor.shape().stream().mapToLong(Long::longValue).toArray();
      dims[tensor.historyAxis()] = 0;
      past.put(
          split.growth().pastInputs().get(i),
          NumericTensor.allocate(tensor.dtype(), Shape.of(dims)));
    }
    return past;
  }

  /** Returns the scores [m] of a kept state. */
  float[] hit(Map<String, TensorData> state, Slate slate) {
    var feeds = new HashMap<>(slate.candidateColumns());
    feeds.putAll(state);
    feeds.keySet().retainAll(candidate.inputNames());
    return scores(candidate.run(feeds));
  }

  float[] inBatches(Map<String, TensorData> state, Slate slate, int batch) {
    var scores = new float[slate.count()];
    for (int from = 0; from < scores.length; from += batch) {
      int until = Math.min(scores.length, from + batch);
      float[] some = hit(state, slate.candidates(IntStream.range(from, until)));
      System.arraycopy(some, 0, scores, from, some.length);
    }
    return scores;
  }

  /** Returns the state without the keys of its oldest events: the null key and the last stay. */
  Map<String, TensorData> dropOldest(Map<String, TensorData> state, int keep) {
    var dropped = new HashMap<String, TensorData>();
    for (StateTensor tensor : split.state()) {
      var full = (NumericTensor) state.get(tensor.name());
      dropped.put(tensor.name(), withoutOldest(full, tensor.historyAxis(), keep));
    }
    return dropped;
  }

  private static NumericTensor withoutOldest(NumericTensor full, int axis, int keep) {
    long[] dims = full.shape().dims();
    long rows = dims[axis];
    long outer = 1;
    for (int i = 0; i < axis; i++) {
      outer *= dims[i];
    }
    long row = full.bytes().byteSize() / Math.max(1, outer * rows);
    dims[axis] = keep + 1L;
    NumericTensor kept = NumericTensor.allocate(full.dtype(), Shape.of(dims));
    for (long o = 0; o < outer; o++) {
      for (long r = 0; r <= keep; r++) {
        long from = r == 0 ? 0 : rows - keep + r - 1;
        kept.bytes()
            .asSlice((o * (keep + 1L) + r) * row, row)
            .copyFrom(full.bytes().asSlice((o * rows + from) * row, row));
      }
    }
    return kept;
  }

  private static float[] scores(Map<String, TensorData> outputs) {
    return ((NumericTensor) outputs.get(Inputs.SCORES)).toFloats();
  }

  /** Joins tensors of one user each along the users' axis. */
  private static NumericTensor join(List<NumericTensor> parts) {
    long[] dims = parts.getFirst().shape().dims();
    dims[0] = parts.size();
    NumericTensor joined = NumericTensor.allocate(parts.getFirst().dtype(), Shape.of(dims));
    long at = 0;
    for (NumericTensor part : parts) {
      joined.bytes().asSlice(at, part.bytes().byteSize()).copyFrom(part.bytes());
      at += part.bytes().byteSize();
    }
    return joined;
  }

  @Override
  public String toString() {
    return name;
  }

  /** A seeded request: the first candidates and events are the same whatever their number. */
  record Slate(
      List<Long> items,
      List<Long> actions,
      List<Long> surfaces,
      List<Long> candidateItems,
      List<Float> dense) {

    static Slate of(int events, int candidates, long seed) {
      return new Slate(
          longs(seed, 1, events, 1, ITEMS + 4),
          longs(seed, 2, events, 0, 5),
          longs(seed, 3, events, 0, 4),
          longs(seed, 4, candidates, 1, ITEMS + 4),
          floats(seed, candidates * DENSE));
    }

    int events() {
      return items.size();
    }

    int count() {
      return candidateItems.size();
    }

    Slate candidates(IntStream indices) {
      var ids = new ArrayList<Long>();
      var features = new ArrayList<Float>();
      indices.forEach(i -> {
        ids.add(candidateItems.get(i));
        features.addAll(dense.subList(DENSE * i, DENSE * (i + 1)));
      });
      return new Slate(items, actions, surfaces, ids, features);
    }

    /** Returns the slate with one more candidate, far outside anything calibrated. */
    Slate withHugeNeighbour() {
      var ids = new ArrayList<>(candidateItems);
      var features = new ArrayList<>(dense);
      ids.add(1L);
      features.addAll(List.of(1e6f, -1e6f, 1e6f));
      return new Slate(items, actions, surfaces, ids, features);
    }

    Slate lastEvents(int keep) {
      int from = events() - keep;
      int end = events();
      return new Slate(
          items.subList(from, end),
          actions.subList(from, end),
          surfaces.subList(from, end),
          candidateItems,
          dense);
    }

    Map<String, TensorData> history(int start, int end) {
      return Map.of(
          Inputs.HISTORY_ITEM, row(items.subList(start, end), 0),
          Inputs.HISTORY_ACTION, row(actions.subList(start, end), 0),
          Inputs.HISTORY_SURFACE, row(surfaces.subList(start, end), 0));
    }

    Map<String, TensorData> candidateColumns() {
      var features = new float[dense.size()];
      for (int i = 0; i < features.length; i++) {
        features[i] = dense.get(i);
      }
      return Map.of(
          Inputs.CANDIDATE_ITEM, row(candidateItems, 0),
          Inputs.CANDIDATE_DENSE, TensorData.floats(Shape.of(1, count(), DENSE), features),
          Inputs.CONTEXT_SURFACE, TensorData.vector(1),
          Inputs.CONTEXT_DENSE, TensorData.floats(Shape.of(1, 2), 0.5f, -1));
    }

    /** Returns all columns, history padded by rubbish to {@code rows}. */
    Map<String, TensorData> padded(int rows) {
      int padding = rows - events();
      var feeds = new HashMap<>(candidateColumns());
      feeds.put(Inputs.HISTORY_ITEM, row(items, padding));
      feeds.put(Inputs.HISTORY_ACTION, row(actions, padding));
      feeds.put(Inputs.HISTORY_SURFACE, row(surfaces, padding));
      feeds.put(Inputs.HISTORY_LENGTH, TensorData.vector(events()));
      return feeds;
    }

    private static TensorData row(List<Long> values, int padding) {
      var all = new long[values.size() + padding];
      Arrays.fill(all, Long.MIN_VALUE);
      for (int i = 0; i < values.size(); i++) {
        all[i] = values.get(i);
      }
      return TensorData.longs(Shape.of(1, all.length), all);
    }

    private static List<Long> longs(long seed, int stream, int count, int from, int to) {
      return new Random(seed * 31 + stream).longs(count, from, to).boxed().toList();
    }

    private static List<Float> floats(long seed, int count) {
      var random = new Random(seed * 31 + 5);
      var values = new ArrayList<Float>();
      for (int i = 0; i < count; i++) {
        values.add((float) random.nextGaussian());
      }
      return values;
    }
  }
}

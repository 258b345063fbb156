package dev.falconer.compressor.data;

import dev.falconer.compressor.onnx.Shape;
import dev.falconer.compressor.onnx.TensorData;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.stream.IntStream;

/**
 * The batches of a view under a plan. Any batch can be asked for at any time, and the same plan
 * gives the same batches. Immutable; many threads may read it.
 */
public final class Batches implements Iterable<Batch> {
  /** Batches sorted together by history length. Source: measured, half the padding at 32. */
  private static final int WINDOW = 32;

  private final Examples examples;
  private final BatchPlan plan;
  private final Optional<TeacherLogits> teacher;
  private final List<int[]> batches = new ArrayList<>();

  private Batches(View view, BatchPlan plan, Optional<TeacherLogits> teacher) {
    this.examples = view.examples();
    this.plan = plan;
    this.teacher = teacher;
    int[] requests = view.requests().toArray();
    var random = new SplittableRandom(plan.seed());
    if (plan.order() != BatchPlan.Order.VIEW) {
      Seeds.shuffle(requests, random);
    }
    if (plan.order() == BatchPlan.Order.BUCKETED) {
      sortWindows(requests);
    }
    for (int from = 0; from < requests.length; from += plan.batchRequests()) {
      int until = (int) Math.min(requests.length, (long) from + plan.batchRequests());
      batches.add(Arrays.copyOfRange(requests, from, until));
    }
    if (plan.order() == BatchPlan.Order.BUCKETED) {
      int[] order = IntStream.range(0, batches.size()).toArray();
      Seeds.shuffle(order, random);
      List<int[]> sorted = List.copyOf(batches);
      for (int i = 0; i < order.length; i++) {
        batches.set(i, sorted.get(order[i]));
      }
    }
  }

  /** Returns the batches of a view. */
  public static Batches of(View view, BatchPlan plan) {
    return new Batches(view, plan, Optional.empty());
  }

  /** Returns the batches of a view with the logits of a teacher. */
  public static Batches of(View view, BatchPlan plan, TeacherLogits teacher) {
    return new Batches(view, plan, Optional.of(teacher));
  }

  private void sortWindows(int[] requests) {
    long window = (long) WINDOW * plan.batchRequests();
    for (long from = 0; from < requests.length; from += window) {
      int until = (int) Math.min(requests.length, from + window);
      int[] sorted =
          IntStream.range((int) from, until)
              .map(i -> requests[i])
              .boxed()
              .sorted(Comparator.comparingInt(this::length))
              .mapToInt(Integer::intValue)
              .toArray();
      System.arraycopy(sorted, 0, requests, (int) from, sorted.length);
    }
  }

  /** Events of the request's history that its batch keeps. */
  private int length(int request) {
    int limit = plan.historyMax();
    if (plan.historyMin() < limit) {
      int choices = limit - plan.historyMin() + 1;
      limit =
          plan.historyMin() + (int) Math.floorMod(Seeds.mix(~plan.seed(), request), (long) choices);
    }
    return Math.min(examples.historyLength(request), limit);
  }

  /** Returns the number of batches. */
  public int size() {
    return batches.size();
  }

  @Override
  public Iterator<Batch> iterator() {
    return IntStream.range(0, size()).mapToObj(this::get).iterator();
  }

  /** Returns the i-th batch. */
  public Batch get(int i) {
    int[] requests = batches.get(i);
    int n = Math.max(1, IntStream.of(requests).map(this::length).max().orElse(0));
    int m = Math.max(1, IntStream.of(requests).map(this::slate).max().orElse(0));
    Map<String, TensorData> inputs = new LinkedHashMap<>();
    history(requests, n, inputs);
    candidates(requests, m, inputs);
    context(requests, inputs);

    int tasks = examples.schema().tasks().size();
    var labels = new float[requests.length * m * tasks];
    var mask = new float[labels.length];
    var logits = new float[teacher.isPresent() ? labels.length : 0];
    for (int b = 0; b < requests.length; b++) {
      for (int c = 0; c < slate(requests[b]); c++) {
        for (int t = 0; t < tasks; t++) {
          int at = (b * m + c) * tasks + t;
          float label = examples.label(requests[b], c, t);
          labels[at] = Float.isNaN(label) ? 0 : label;
          mask[at] = Float.isNaN(label) ? 0 : 1;
          if (teacher.isPresent()) {
            logits[at] = teacher.get().logit(requests[b], c, t);
          }
        }
      }
    }
    Shape shape = Shape.of(requests.length, m, tasks);
    return new Batch(
        IntStream.of(requests).boxed().toList(),
        inputs,
        TensorData.floats(shape, labels),
        TensorData.floats(shape, mask),
        TensorData.floats(teacher.isPresent() ? shape : Shape.of(0), logits));
  }

  private int slate(int request) {
    return Math.min(examples.candidates(request), plan.candidatesMax());
  }

  private void history(int[] requests, int n, Map<String, TensorData> inputs) {
    var items = new int[requests.length * n];
    Arrays.fill(items, -1);
    var actions = new long[items.length];
    var surfaces = new long[items.length];
    var lengths = new long[requests.length];
    for (int b = 0; b < requests.length; b++) {
      int length = length(requests[b]);
      int skipped = examples.historyLength(requests[b]) - length;
      lengths[b] = length;
      for (int j = 0; j < length; j++) {
        items[b * n + j] = examples.historyItem(requests[b], skipped + j);
        actions[b * n + j] = examples.historyAction(requests[b], skipped + j);
        surfaces[b * n + j] = examples.historySurface(requests[b], skipped + j);
      }
    }
    Shape shape = Shape.of(requests.length, n);
    inputs.put(Inputs.HISTORY_ITEM, ids(shape, items));
    inputs.put(Inputs.HISTORY_ACTION, TensorData.longs(shape, actions));
    if (!examples.schema().surfaces().isEmpty()) {
      inputs.put(Inputs.HISTORY_SURFACE, TensorData.longs(shape, surfaces));
    }
    inputs.put(Inputs.HISTORY_LENGTH, TensorData.vector(lengths));
  }

  private void candidates(int[] requests, int m, Map<String, TensorData> inputs) {
    int features = examples.schema().candidateDense().size();
    var items = new int[requests.length * m];
    Arrays.fill(items, -1);
    var dense = new float[items.length * features];
    for (int b = 0; b < requests.length; b++) {
      for (int c = 0; c < slate(requests[b]); c++) {
        items[b * m + c] = examples.candidateItem(requests[b], c);
        for (int k = 0; k < features; k++) {
          dense[(b * m + c) * features + k] = examples.candidateDense(requests[b], c, k);
        }
      }
    }
    inputs.put(Inputs.CANDIDATE_ITEM, ids(Shape.of(requests.length, m), items));
    if (features > 0) {
      inputs.put(
          Inputs.CANDIDATE_DENSE, TensorData.floats(Shape.of(requests.length, m, features), dense));
    }
  }

  private void context(int[] requests, Map<String, TensorData> inputs) {
    if (!examples.schema().surfaces().isEmpty()) {
      inputs.put(
          Inputs.CONTEXT_SURFACE,
          TensorData.vector(IntStream.of(requests).mapToLong(examples::surface).toArray()));
    }
    int features = examples.schema().contextDense().size();
    if (features > 0) {
      var dense = new float[requests.length * features];
      for (int b = 0; b < requests.length; b++) {
        for (int k = 0; k < features; k++) {
          dense[b * features + k] = examples.contextDense(requests[b], k);
        }
      }
      inputs.put(
          Inputs.CONTEXT_DENSE, TensorData.floats(Shape.of(requests.length, features), dense));
    }
  }

  /** Ids of catalogue items; -1, padding, becomes 0 or the empty string. */
  private TensorData ids(Shape shape, int[] items) {
    Catalogue catalogue = examples.catalogue();
    if (catalogue.hasStringIds()) {
      return TensorData.strings(
          shape,
          IntStream.of(items).mapToObj(item -> item < 0 ? "" : catalogue.idText(item)).toList());
    }
    return TensorData.longs(
        shape, IntStream.of(items).mapToLong(item -> item < 0 ? 0 : catalogue.id(item)).toArray());
  }
}

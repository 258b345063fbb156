package dev.falconer.compressor.data;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.falconer.compressor.data.LogGenerator.Surface;
import dev.falconer.compressor.onnx.NumericTensor;
import dev.falconer.compressor.onnx.Shape;
import dev.falconer.compressor.onnx.TensorData;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import org.junit.jupiter.api.Test;

class BatchesTest {
  private static final Examples LOG =
      new LogGenerator(Surface.FEED, 60, 200, 900, 11).generate().examples();

  private static NumericTensor numbers(Batch batch, String input) {
    return (NumericTensor) Objects.requireNonNull(batch.inputs().get(input));
  }

  @Test
  void everyRequestComesOnceWithItsOwnColumns() {
    var seen = new HashSet<Integer>();

    for (Batch batch : Batches.of(LOG.all(), BatchPlan.training(32, 10, 5))) {
      NumericTensor items = numbers(batch, Inputs.HISTORY_ITEM);
      NumericTensor actions = numbers(batch, Inputs.HISTORY_ACTION);
      NumericTensor lengths = numbers(batch, Inputs.HISTORY_LENGTH);
      NumericTensor candidates = numbers(batch, Inputs.CANDIDATE_ITEM);
      long n = items.shape().dim(1);
      assertEquals(Shape.of(batch.requests().size(), n), actions.shape());
      for (int b = 0; b < batch.requests().size(); b++) {
        int r = batch.requests().get(b);
        assertTrue(seen.add(r), "request " + r + " came twice");
        int length = Math.min(10, LOG.historyLength(r));
        assertEquals(length, lengths.longAt(b));
        for (int j = 0; j < length; j++) {
          int event = LOG.historyLength(r) - length + j;
          assertEquals(LOG.catalogue().id(LOG.historyItem(r, event)), items.longAt(b * n + j));
          assertEquals(LOG.historyAction(r, event), actions.longAt(b * n + j));
        }
        for (int c = 0; c < 8; c++) {
          assertEquals(LOG.catalogue().id(LOG.candidateItem(r, c)), candidates.longAt(b * 8L + c));
          for (int t = 0; t < 3; t++) {
            assertEquals(LOG.label(r, c, t), batch.labels().at((b * 8L + c) * 3 + t));
          }
        }
      }
    }
    assertEquals(LOG.requests(), seen.size());
  }

  @Test
  void samePlanGivesTheSameBatchesAndAnotherSeedOthers() {
    BatchPlan plan = BatchPlan.training(16, 20, 3).withHistoryRange(4, 20);

    Batches first = Batches.of(LOG.all(), plan);
    Batches second = Batches.of(LOG.all(), plan);
    Batches other = Batches.of(LOG.all(), plan.epoch(1));

    for (int i = first.size() - 1; i >= 0; i--) {
      assertEquals(first.get(i), second.get(i));
    }
    assertNotEquals(first.get(0).requests(), other.get(0).requests());
  }

  @Test
  void bucketsPadLess() {
    BatchPlan plan = BatchPlan.training(16, 64, 3);

    long bucketed = cells(Batches.of(LOG.all(), plan));
    long shuffled = cells(Batches.of(LOG.all(), plan.withOrder(BatchPlan.Order.SHUFFLED)));

    assertTrue(bucketed < .8 * shuffled, bucketed + " cells against " + shuffled);
  }

  private static long cells(Batches batches) {
    long sum = 0;
    for (Batch batch : batches) {
      sum += numbers(batch, Inputs.HISTORY_ITEM).shape().size();
    }
    return sum;
  }

  @Test
  void drawnHistoryLimitsFillTheirRange() {
    var lengths = new HashSet<Long>();

    for (Batch batch : Batches.of(LOG.all(), BatchPlan.training(16, 9, 3).withHistoryRange(5, 9))) {
      for (int b = 0; b < batch.requests().size(); b++) {
        long length = numbers(batch, Inputs.HISTORY_LENGTH).longAt(b);
        if (LOG.historyLength(batch.requests().get(b)) >= 9) {
          lengths.add(length);
        }
      }
    }

    assertEquals(Set.of(5L, 6L, 7L, 8L, 9L), lengths);
  }

  @Test
  void raggedSlatesAndMissingLabelsAreMasked() {
    Examples examples = ragged();

    Batch batch =
        Batches.of(examples.all(), BatchPlan.evaluation(2, 4).withOrder(BatchPlan.Order.VIEW))
            .get(0);

    assertEquals(Shape.of(2, 3, 2), batch.labelMask().shape());
    assertArrayEquals(
        new float[] {1, 1, 0, 0, 0, 0, 1, 1, 1, 0, 0, 1}, batch.labelMask().toFloats());
    assertArrayEquals(new float[] {1, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 1}, batch.labels().toFloats());
    assertEquals(
        TensorData.strings(Shape.of(2, 3), List.of("a", "", "", "a", "b", "c")),
        batch.inputs().get(Inputs.CANDIDATE_ITEM));
    assertEquals(
        TensorData.strings(Shape.of(2, 1), List.of("", "a")),
        batch.inputs().get(Inputs.HISTORY_ITEM));
    assertFalse(batch.inputs().containsKey(Inputs.CANDIDATE_DENSE));
    assertFalse(batch.inputs().containsKey(Inputs.HISTORY_SURFACE));
    assertFalse(batch.hasTeacher());
  }

  private static Examples ragged() {
    var schema =
        new ExampleSchema(
            List.of("click", "like"),
            true,
            List.of("click"),
            List.of(),
            List.of(),
            List.of(),
            List.of(),
            false);
    var builder =
        new ExamplesBuilder(
            schema,
            List.of("u"),
            Catalogue.ofStrings(List.of("a", "b", "c"), new short[3], new int[3]));
    float none = Float.NaN;
    builder.request(0, 10, 0, new float[0]);
    builder.candidate(0, new float[0], new float[] {1, 0}, 0);
    builder.request(0, 20, 0, new float[0]);
    builder.candidate(0, new float[0], new float[] {0, 0}, 0);
    builder.candidate(1, new float[0], new float[] {1, none}, 0);
    builder.candidate(2, new float[0], new float[] {none, 1}, 0);
    builder.event(0, 0, 10, 1, 0);
    builder.event(0, 1, 20, 1, 0);
    return builder.build("ragged", "", "logged impressions");
  }

  @Test
  void fewerCandidatesAreTheFirstOnes() {
    Batch batch = Batches.of(LOG.all(), BatchPlan.evaluation(4, 5).withCandidates(3)).get(0);

    NumericTensor items = numbers(batch, Inputs.CANDIDATE_ITEM);
    assertEquals(Shape.of(4, 3), items.shape());
    int r = batch.requests().get(1);
    assertEquals(LOG.catalogue().id(LOG.candidateItem(r, 2)), items.longAt(5));
  }

  @Test
  void teacherLogitsComeBackWithTheirRequests() {
    var teacher = new TeacherLogits(LOG);
    for (Batch batch : Batches.of(LOG.all(), BatchPlan.evaluation(7, 5))) {
      var values = new float[(int) batch.labels().shape().size()];
      for (int i = 0; i < values.length; i++) {
        values[i] = batch.requests().get(i / 24) * 24f + i % 24;
      }
      teacher.put(batch, TensorData.floats(batch.labels().shape(), values));
    }

    for (Batch batch : Batches.of(LOG.all(), BatchPlan.training(16, 5, 1), teacher)) {
      assertTrue(batch.hasTeacher());
      float[] logits = batch.teacher().toFloats();
      for (int i = 0; i < logits.length; i++) {
        assertEquals(batch.requests().get(i / 24) * 24f + i % 24, logits[i]);
      }
    }
  }
}

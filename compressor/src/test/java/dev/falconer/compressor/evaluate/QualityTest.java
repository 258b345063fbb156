package dev.falconer.compressor.evaluate;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.falconer.compressor.data.Batch;
import dev.falconer.compressor.data.Inputs;
import dev.falconer.compressor.onnx.NumericTensor;
import dev.falconer.compressor.onnx.Shape;
import dev.falconer.compressor.onnx.TensorData;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class QualityTest {
  private static final long SEED = 7;

  @Test
  void knowingTheBaseRateAloneIsNormalisedEntropyOneAndCalibrationOne() {
    var predictions = slates(new float[] {1, 0, 0, 0}, new float[] {.25f, .25f, .25f, .25f});

    Quality quality = Quality.of(predictions, Bootstrap.standard()).getFirst();

    assertEquals(1, quality.normalizedEntropy().value(), 1e-7);
    assertEquals(1, quality.calibration().value(), 1e-7);
    assertEquals(.5, quality.auc().value());
  }

  @Test
  void normalisedEntropyIsTheHandComputedFigure() {
    var predictions = slates(new float[] {1, 0, 0, 1}, new float[] {.8f, .3f, .1f, .5f});

    Quality quality = Quality.of(predictions, Bootstrap.standard()).getFirst();

    double loss = -(Math.log(.8) + Math.log(.7) + Math.log(.9) + Math.log(.5)) / 4;
    assertEquals(loss / Math.log(2), quality.normalizedEntropy().value(), 1e-6);
    assertEquals(1.7 / 2, quality.calibration().value(), 1e-6);
    assertEquals(1, quality.ndcg().value(), 1e-12);
  }

  @Test
  void rowsWithoutALabelCountForNothing() {
    Batch batch = batch(1, new float[] {1, 0, 0}, new float[] {1, 1, 0});
    var builder = builder();
    builder.add(batch, TensorData.floats(Shape.of(1, 3, 1), .9f, .2f, Float.NaN));

    Quality quality = Quality.of(builder.build(), Bootstrap.standard()).getFirst();

    assertEquals(2, quality.rows());
    assertEquals(1, quality.auc().value());
  }

  @Test
  void intervalsAreOverUsersAndSoWiderThanRowsSuggest() {
    // Every user has one taste: all rows of a user carry the same label and nearly the same score.
    Predictions grouped = manyUsers(60, 20, true);
    Predictions independent = manyUsers(60, 20, false);

    Interval wide = Quality.of(grouped, Bootstrap.standard()).getFirst().auc();
    Interval narrow = Quality.of(independent, Bootstrap.standard()).getFirst().auc();

    double ratio = (wide.high() - wide.low()) / (narrow.high() - narrow.low());
    assertTrue(ratio > 2, "ratio " + ratio + ", seed " + SEED);
    assertTrue(wide.contains(wide.value()) && narrow.contains(narrow.value()));
  }

  @Test
  void oneSeedGivesOneInterval() {
    Predictions predictions = manyUsers(30, 10, true);

    assertEquals(
        Quality.of(predictions, new Bootstrap(200, 1)),
        Quality.of(predictions, new Bootstrap(200, 1)));
    assertNotEquals(
        Quality.of(predictions, new Bootstrap(200, 1)),
        Quality.of(predictions, new Bootstrap(200, 2)));
  }

  @Test
  void pairedDifferenceIsNarrowerThanEitherModelsInterval() {
    Predictions one = manyUsers(60, 20, true);
    var builder = builder();
    var random = new Random(SEED);
    // The same model, disturbed a little.
    Batch batch = manyUsersBatch(60, 20, true);
    float[] scores = manyUsersScores(batch);
    for (int i = 0; i < scores.length; i++) {
      scores[i] = Math.clamp(scores[i] + .02f * (float) random.nextGaussian(), .001f, .999f);
    }
    builder.add(batch, TensorData.floats(batch.labels().shape(), scores));
    Predictions other = builder.build();

    Quality.Difference difference =
        Quality.differences(one, other, Bootstrap.standard()).getFirst();
    Interval alone = Quality.of(one, Bootstrap.standard()).getFirst().auc();

    assertEquals(
        alone.value() - Quality.of(other, Bootstrap.standard()).getFirst().auc().value(),
        difference.auc().value(),
        1e-12);
    assertTrue(
        difference.auc().high() - difference.auc().low() < (alone.high() - alone.low()) / 3,
        difference + " against " + alone);
    assertEquals(
        0,
        Quality.differences(one, one, Bootstrap.standard()).getFirst().auc().high(),
        "a model against itself");
  }

  @Test
  void agreementIsOfPairsThatTheFirstModelTellsApart() {
    float[] labels = {1, 0, 0, 0};
    var one = slates(labels, new float[] {.8f, .3f, .1f, .1f});
    var other = slates(labels, new float[] {.7f, .3f, .5f, .2f});

    Agreement agreement = Agreement.of(one, other).getFirst();

    assertEquals(.4, agreement.largest(), 1e-6);
    assertEquals(5, agreement.pairs());
    assertEquals(.8, agreement.concordance(), 1e-12);
  }

  @Test
  void usersWithoutRowsAreNeverDrawn() {
    var dense = builder();
    var sparse =
        new Predictions.Builder(List.of("click"), request -> 1000 * request + 5, (_, _) -> 0);
    Batch batch = manyUsersBatch(30, 10, true);
    TensorData scores = TensorData.floats(batch.labels().shape(), manyUsersScores(batch));
    dense.add(batch, (NumericTensor) scores);
    sparse.add(batch, (NumericTensor) scores);

    assertEquals(30, sparse.build().users());
    assertEquals(
        Quality.of(dense.build(), Bootstrap.standard()),
        Quality.of(sparse.build(), Bootstrap.standard()));
  }

  @Test
  void theOrderOfBatchesDoesNotMatter() {
    float[] labels = {1, 0, 0, 1};
    var mask = new float[] {1, 1, 1, 1};
    Batch first = batch(2, labels, mask);
    Batch second =
        new Batch(
            List.of(7, 5), first.inputs(), first.labels(), first.labelMask(), first.teacher());
    NumericTensor scores = TensorData.floats(Shape.of(2, 2, 1), .9f, .2f, .3f, .6f);
    var forth = builder();
    forth.add(first, scores);
    forth.add(second, scores);
    var back = builder();
    back.add(second, scores);
    back.add(first, scores);

    assertEquals(
        0,
        Quality.differences(forth.build(), back.build(), Bootstrap.standard())
            .getFirst()
            .auc()
            .value());
  }

  @Test
  void refusesToCompareModelsOnDifferentRows() {
    assertThrows(
        IllegalArgumentException.class,
        () ->
            Quality.differences(
                slates(new float[] {1, 0}, new float[] {.5f, .5f}),
                slates(new float[] {0, 1}, new float[] {.5f, .5f}),
                Bootstrap.standard()));
  }

  @Test
  void popularityScoresByTheItemsEventsInTraining() {
    var popular = new int[] {9, 0, 4};
    var builder =
        new Predictions.Builder(
            List.of("click"), request -> request, (_, candidate) -> popular[candidate]);
    Batch test = batch(1, new float[] {1, 0, 0}, new float[] {1, 1, 1});
    builder.add(test, TensorData.floats(Shape.of(1, 3, 1), .1f, .2f, .3f));

    Quality quality = Quality.of(builder.build(), Bootstrap.standard()).getFirst();

    assertEquals(1, quality.popularityAuc().value());
    assertEquals(0, quality.auc().value());
  }

  @Test
  void ndcgDiscountsByTheLogarithmOfTheRank() {
    var predictions = slates(new float[] {0, 1, 0}, new float[] {.9f, .8f, .7f});

    Quality quality = Quality.of(predictions, Bootstrap.standard()).getFirst();

    assertEquals(Math.log(2) / Math.log(3), quality.ndcg().value(), 1e-12);
  }

  private static Predictions slates(float[] labels, float[] scores) {
    var mask = new float[labels.length];
    java.util.Arrays.fill(mask, 1);
    var builder = builder();
    builder.add(batch(1, labels, mask), TensorData.floats(Shape.of(1, labels.length, 1), scores));
    return builder.build();
  }

  private static Predictions manyUsers(int users, int rows, boolean sameWithinUser) {
    Batch batch = manyUsersBatch(users, rows, sameWithinUser);
    var builder = builder();
    builder.add(batch, TensorData.floats(batch.labels().shape(), manyUsersScores(batch)));
    return builder.build();
  }

  private static Batch manyUsersBatch(int users, int rows, boolean sameWithinUser) {
    var random = new Random(SEED);
    var labels = new float[users * rows];
    var mask = new float[users * rows];
    for (int i = 0; i < labels.length; i++) {
      labels[i] = sameWithinUser && i % rows > 0 ? labels[i - 1] : random.nextBoolean() ? 1 : 0;
      mask[i] = 1;
    }
    return batch(users, labels, mask);
  }

  private static float[] manyUsersScores(Batch batch) {
    var random = new Random(SEED + 1);
    float[] labels = batch.labels().toFloats();
    int rows = (int) batch.labels().shape().dim(1);
    var scores = new float[labels.length];
    float noise = 0;
    for (int i = 0; i < scores.length; i++) {
      boolean fresh = i % rows == 0 || labels[i] != labels[i - 1];
      noise = fresh ? .3f * (float) random.nextGaussian() : noise;
      scores[i] = Math.clamp(.4f + .2f * labels[i] + noise, .001f, .999f);
    }
    return scores;
  }

  private static Predictions.Builder builder() {
    return new Predictions.Builder(List.of("click"), request -> request, (_, _) -> 0);
  }

  private static Batch batch(int requests, float[] labels, float[] mask) {
    int slate = labels.length / requests;
    Shape shape = Shape.of(requests, slate, 1);
    var items = IntStream.range(0, labels.length).mapToLong(i -> i % slate).toArray();
    NumericTensor none = TensorData.floats(Shape.of(0));
    return new Batch(
        IntStream.range(0, requests).boxed().toList(),
        Map.of(Inputs.CANDIDATE_ITEM, TensorData.longs(Shape.of(requests, slate), items)),
        TensorData.floats(shape, labels),
        TensorData.floats(shape, mask),
        none);
  }
}

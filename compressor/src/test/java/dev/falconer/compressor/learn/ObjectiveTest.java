package dev.falconer.compressor.learn;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.falconer.compressor.data.Batch;
import dev.falconer.compressor.execute.Tensors;
import dev.falconer.compressor.onnx.Shape;
import dev.falconer.compressor.onnx.TensorData;
import java.util.Map;
import java.util.SplittableRandom;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.junit.jupiter.api.Test;

class ObjectiveTest {
  private static final long SEED = 3;
  private static final int TASKS = 2;

  private final Batch batch = Toy.batch(new SplittableRandom(SEED));
  private final double[] logits = new double[Math.toIntExact(batch.labels().shape().size())];

  ObjectiveTest() {
    var random = new SplittableRandom(SEED + 1);
    for (int i = 0; i < logits.length; i++) {
      logits[i] = random.nextDouble(-3, 3);
    }
  }

  private Tensor logits() {
    return Tensors.over(TensorData.doubles(batch.labels().shape(), logits))
        .clone()
        .set_requires_grad(true);
  }

  private static double sigmoid(double x) {
    return 1 / (1 + Math.exp(-x));
  }

  private double count(int task) {
    double count = 0;
    for (int i = task; i < logits.length; i += TASKS) {
      count += batch.labelMask().at(i);
    }
    return count;
  }

  private static double crossEntropy(double logit, double target) {
    double p = sigmoid(logit);
    return -target * Math.log(p) - (1 - target) * Math.log(1 - p);
  }

  @Test
  void labelLossIsTheMeanPerTaskOverLabelledCandidates() {
    double wanted = 0;
    for (int i = 0; i < logits.length; i++) {
      wanted +=
          batch.labelMask().at(i)
              * crossEntropy(logits[i], batch.labels().at(i))
              / count(i % TASKS);
    }
    try (var _ = new PointerScope()) {
      assertEquals(wanted, new LabelLoss().loss(logits(), batch).item_double(), 1e-9);
    }
  }

  @Test
  void distillingMixesLabelsAndTeacherByKappa() {
    double kappa = .7;
    double wanted = 0;
    for (int i = 0; i < logits.length; i++) {
      double hard = crossEntropy(logits[i], batch.labels().at(i));
      double soft = crossEntropy(logits[i], sigmoid(batch.teacher().at(i)));
      wanted += batch.labelMask().at(i) * ((1 - kappa) * hard + kappa * soft) / count(i % TASKS);
    }
    try (var _ = new PointerScope()) {
      Tensor leaf = logits();
      Tensor loss = new DistilLoss(kappa).loss(leaf, batch);
      loss.backward();
      double[] gradient = Tensors.copy(leaf.grad().to(ScalarType.Double)).toDoubles();

      assertEquals(wanted, loss.item_double(), 1e-6);
      for (int i = 0; i < logits.length; i++) {
        double target = (1 - kappa) * batch.labels().at(i) + kappa * sigmoid(batch.teacher().at(i));
        double slope = batch.labelMask().at(i) * (sigmoid(logits[i]) - target) / count(i % TASKS);
        assertEquals(slope, gradient[i], 1e-7, "logit " + i + ", seed " + SEED);
      }
    }
  }

  @Test
  void distillingPullsTowardsTheTeacherNotAwayFromIt() {
    try (var _ = new PointerScope()) {
      Tensor teacher = Tensors.over(batch.teacher());
      Tensor at = new DistilLoss(1).loss(teacher, batch);
      Tensor beside =
          new DistilLoss(1).loss(teacher.add(new org.bytedeco.pytorch.Scalar(.5)), batch);

      assertEquals(1, Double.compare(beside.item_double(), at.item_double()));
    }
  }

  @Test
  void refusesToDistilWithoutATeacher() {
    var none =
        new Batch(
            batch.requests(),
            Map.of(),
            batch.labels(),
            batch.labelMask(),
            TensorData.floats(Shape.of(0)));
    try (var _ = new PointerScope()) {
      assertThrows(IllegalArgumentException.class, () -> new DistilLoss(.5).loss(logits(), none));
    }
  }
}

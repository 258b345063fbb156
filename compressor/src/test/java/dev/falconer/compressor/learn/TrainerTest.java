package dev.falconer.compressor.learn;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.falconer.compressor.data.Batch;
import dev.falconer.compressor.onnx.Model;
import dev.falconer.compressor.onnx.NumericTensor;
import dev.falconer.compressor.onnx.OnnxWriter;
import dev.falconer.compressor.onnx.Shape;
import dev.falconer.compressor.onnx.TensorData;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.IntFunction;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TrainerTest {
  private static final long SEED = 7;
  private static final int PER_EPOCH = 20;
  private static final TrainingOptions OPTIONS =
      new TrainingOptions(3, PER_EPOCH, .03, 5, .1, Double.POSITIVE_INFINITY, 7, 100);

  @TempDir Path folder;

  private final Model start = Toy.model(SEED);
  private final IntFunction<List<Batch>> epochs = Toy.epochs(PER_EPOCH, SEED);
  private final List<Batch> heldOut = Toy.epochs(10, SEED + 1_000_000).apply(0);

  private static byte[] bytes(Fitted fitted) {
    return OnnxWriter.toBytes(fitted.model());
  }

  private Checkpoints checkpoints(boolean resume) {
    return new Checkpoints(folder.resolve("training.checkpoint"), Duration.ofHours(1), resume);
  }

  @Test
  void learnsAndTheSameSeedGivesTheSameBytes() {
    Fitted one = Trainer.of(new LabelLoss(), OPTIONS).fit(start, epochs, heldOut);
    Fitted two = Trainer.of(new LabelLoss(), OPTIONS).fit(start, epochs, heldOut);

    List<TrainingLog.Evaluation> seen = one.log().evaluations();
    assertTrue(
        one.log().evaluations().getLast().normalizedEntropy() < .9
            && seen.getLast().loss() < .9 * seen.getFirst().loss(),
        one.log().toString());
    assertEquals(9, seen.size());
    assertArrayEquals(bytes(one), bytes(two));
    assertFalse(java.util.Arrays.equals(bytes(one), OnnxWriter.toBytes(start)));
  }

  @Test
  void aStoppedTrainingResumesToTheSameBytes() {
    Trainer whole = Trainer.of(new DistilLoss(.7), OPTIONS);
    byte[] wanted = bytes(whole.fit(start, epochs, heldOut));
    for (int at : new int[] {1, 19, 20, 33}) {
      var steps = new AtomicInteger();
      Trainer stopped =
          whole.withCheckpoints(checkpoints(true)).withStop(() -> steps.incrementAndGet() == at);

      var thrown = assertThrows(TrainingStopped.class, () -> stopped.fit(start, epochs, heldOut));
      assertTrue(thrown.getMessage().contains("step " + at + " of 60"), thrown.getMessage());
      Fitted resumed = whole.withCheckpoints(checkpoints(true)).fit(start, epochs, heldOut);

      assertArrayEquals(wanted, bytes(resumed), "stopped after step " + at);
      assertEquals(60, resumed.log().steps());
      assertEquals(9, resumed.log().evaluations().size());
      assertTrue(checkpoints(true).file().toFile().delete());
    }
  }

  @Test
  void refusesTheCheckpointOfAnotherTraining() {
    Trainer trainer = Trainer.of(new LabelLoss(), OPTIONS).withCheckpoints(checkpoints(false));
    trainer.fit(start, epochs, heldOut);

    var other = Trainer.of(new DistilLoss(.5), OPTIONS).withCheckpoints(checkpoints(true));
    var refused =
        assertThrows(IllegalArgumentException.class, () -> other.fit(start, epochs, heldOut));
    var again =
        assertThrows(IllegalArgumentException.class, () -> trainer.fit(start, epochs, heldOut));

    assertTrue(refused.getMessage().contains("[objective] differ"), refused.getMessage());
    assertTrue(again.getMessage().contains("exists"), again.getMessage());
  }

  @Test
  void refusesADamagedCheckpoint() throws IOException {
    Trainer trainer = Trainer.of(new LabelLoss(), OPTIONS).withCheckpoints(checkpoints(true));
    trainer.fit(start, epochs, heldOut);
    Path file = checkpoints(true).file();
    byte[] bytes = Files.readAllBytes(file);
    bytes[bytes.length / 2] ^= 1;
    Files.write(file, bytes);

    var refused =
        assertThrows(IllegalArgumentException.class, () -> trainer.fit(start, epochs, heldOut));

    assertTrue(refused.getMessage().contains("is damaged"), refused.getMessage());
  }

  @Test
  void prunedWeightsStayExactlyZero() {
    var keep = new float[4 * 8];
    for (int i = 0; i < keep.length; i++) {
      keep[i] = i % 4 < 2 ? 1 : 0;
    }
    Trainer trainer =
        Trainer.of(new LabelLoss(), OPTIONS)
            .withMasks(Map.of("w1", TensorData.floats(Shape.of(4, 8), keep)));

    Fitted fitted = trainer.fit(start, epochs, heldOut);

    float[] before = ((NumericTensor) start.graph().initializers().get("w1")).toFloats();
    float[] after = ((NumericTensor) fitted.model().graph().initializers().get("w1")).toFloats();
    for (int i = 0; i < keep.length; i++) {
      if (keep[i] == 0) {
        assertEquals(0, Float.floatToRawIntBits(after[i]), "weight " + i);
      } else {
        assertTrue(after[i] != before[i] && after[i] != 0, "weight " + i + " didn't move");
      }
    }
  }

  @Test
  void stopsEarlyAndKeepsTheBestWeights() {
    // Held-out labels that contradict training: the longer it fits, the worse they get.
    List<Batch> opposite =
        heldOut.stream()
            .map(batch -> {
              float[] labels = batch.labels().toFloats();
              for (int i = 0; i < labels.length; i++) {
                labels[i] = batch.labelMask().at(i) == 0 ? 0 : 1 - labels[i];
              }
              return new Batch(
                  batch.requests(),
                  batch.inputs(),
                  TensorData.floats(batch.labels().shape(), labels),
                  batch.labelMask(),
                  batch.teacher());
            })
            .toList();

    Fitted fitted =
        Trainer.of(new LabelLoss(), OPTIONS.withPatience(2)).fit(start, epochs, opposite);
    var shorter = new TrainingOptions(3, PER_EPOCH, .03, 5, .1, Double.POSITIVE_INFINITY, 7, 1);
    Fitted atOnce = Trainer.of(new LabelLoss(), shorter).fit(start, epochs, opposite);

    assertEquals(7, fitted.log().bestStep());
    assertEquals(21, fitted.log().steps());
    assertEquals(14, atOnce.log().steps());
    assertArrayEquals(bytes(atOnce), bytes(fitted), "weights after step 7");
  }

  @Test
  void clippingBoundsTheMoveOfABadBatch() {
    var clipped = new TrainingOptions(1, PER_EPOCH, .03, 5, .1, 1e-12, PER_EPOCH, 1);

    Fitted fitted = Trainer.of(new LabelLoss(), clipped).fit(start, epochs, List.of());

    float[] before = ((NumericTensor) start.graph().initializers().get("w1")).toFloats();
    float[] after = ((NumericTensor) fitted.model().graph().initializers().get("w1")).toFloats();
    // Gradients far below Adam's epsilon move nothing.
    assertArrayEquals(before, after, 1e-4f);
    assertEquals(PER_EPOCH, fitted.log().bestStep());
  }

  @Test
  void scoresEachBatchWithTheModelsLogits() {
    var seen = new AtomicInteger();

    Scorer.logits(
        start,
        heldOut,
        (batch, logits) -> {
          assertEquals(batch.labels().shape(), logits.shape());
          seen.incrementAndGet();
        },
        Progress.silent());

    assertEquals(heldOut.size(), seen.get());
  }

  @Test
  void rateRisesThenFallsToATenth() {
    var options = TrainingOptions.of(2, 500, .01);

    assertEquals(.01 / 50, options.rateAt(0), 1e-12);
    assertEquals(.01 * (1 - .9 * .049), options.rateAt(49), 1e-12);
    assertEquals(.001, options.rateAt(999), 1e-4);
  }
}

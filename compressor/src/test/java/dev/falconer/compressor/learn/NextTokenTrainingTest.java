package dev.falconer.compressor.learn;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.falconer.compressor.onnx.Model;
import dev.falconer.compressor.zoo.Decoder;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class NextTokenTrainingTest {
  private static final int SEED = 1;
  private static final int VOCABULARY = 4;
  private static final NextTokenTraining TRAINING = new NextTokenTraining(120, 4, 8, 1e-2, SEED);

  @Test
  void learnsWhatFollowsATokenByTheOneBeforeIt() {
    // 0 is followed by 1 and by 2 in turns: one token is not enough to know which.
    int[] turns = new int[400];
    for (int i = 0; i < turns.length; i++) {
      turns[i] = new int[] {0, 1, 0, 2}[i % 4];
    }
    var losses = new ArrayList<Double>();
    Model start = new Decoder(VOCABULARY, 8, 16, 1, 2).build(SEED);

    Model fitted =
        TRAINING.fit(start, Decoder.TOKENS, Decoder.LOGITS, turns, (_, loss) -> losses.add(loss));

    assertEquals(List.of(120), List.of(losses.size()));
    assertEquals(Math.log(VOCABULARY), losses.getFirst(), .5, "seed " + SEED);
    // Only a window's first token leaves a doubt, if it is 0: log 2 of every 16 tokens.
    assertTrue(losses.getLast() < .15, "seed " + SEED + ": " + losses.getLast());
    assertEquals(start.graph().nodes(), fitted.graph().nodes());
  }
}

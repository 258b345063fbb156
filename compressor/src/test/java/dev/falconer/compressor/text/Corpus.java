package dev.falconer.compressor.text;

import dev.falconer.compressor.onnx.NumericTensor;
import dev.falconer.compressor.onnx.Shape;
import dev.falconer.compressor.onnx.TensorData;
import java.util.Arrays;
import java.util.List;

/** A text as pieces of words: the last part is for tests, pieces are learned from the rest. */
final class Corpus {
  /** Different pieces. */
  static final int VOCABULARY = 2048;

  private static final double TEST_SHARE = .05;

  private final int[] training;
  private final int[] test;

  private Corpus(int[] training, int[] test) {
    this.training = training;
    this.test = test;
  }

  /** Returns the corpus of sentences. */
  static Corpus of(List<String> sentences) {
    int split = (int) (sentences.size() * (1 - TEST_SHARE));
    List<String> first = sentences.subList(0, split);
    var pieces = new WordPieces(first, VOCABULARY);
    return new Corpus(
        pieces.encode(first), pieces.encode(sentences.subList(split, sentences.size())));
  }

  /** Returns the pieces to learn from. */
  int[] training() {
    return training.clone();
  }

  /** Returns the pieces to judge on. */
  int[] test() {
    return test.clone();
  }

  /** Returns a digest of all pieces. */
  int digest() {
    return 31 * Arrays.hashCode(training) + Arrays.hashCode(test);
  }

  /** Returns windows [count, length] at equal distances. */
  static NumericTensor windows(int[] pieces, int count, int length) {
    int distance = (pieces.length - length) / (count - 1);
    if (distance < length) {
      throw new IllegalArgumentException(
          "%d pieces hold no %d windows of %d".formatted(pieces.length, count, length));
    }
    var values = new long[count * length];
    for (int i = 0; i < values.length; i++) {
      values[i] = pieces[i / length * distance + i % length];
    }
    return TensorData.longs(Shape.of(count, length), values);
  }
}

package dev.falconer.compressor.text;

import dev.falconer.compressor.learn.NextTokenTraining;
import dev.falconer.compressor.onnx.Model;
import dev.falconer.compressor.onnx.OnnxReader;
import dev.falconer.compressor.onnx.OnnxWriter;
import dev.falconer.compressor.zoo.Decoder;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;

/** A decoder trained on a corpus, kept in a file: {@code -Dfalconer.languageModel}. */
final class LanguageModel {
  /** Tokens that it reads at once. */
  static final int CONTEXT = 128;

  private static final Decoder DECODER = new Decoder(Corpus.VOCABULARY, CONTEXT, 192, 4, 4);
  private static final NextTokenTraining TRAINING =
      new NextTokenTraining(3000, 16, CONTEXT, 2e-3, 1);
  private static final long SEED = 1;
  private static final String KEY = "falconer.text";
  private static final Path FILE =
      Path.of(System.getProperty("falconer.languageModel", "target/language-model.onnx"));

  private LanguageModel() {}

  /** Returns the file's model, or trains one and writes it there where the file is of another. */
  static Model of(Corpus corpus) throws IOException {
    String key = "%s %s seed %d corpus %d".formatted(DECODER, TRAINING, SEED, corpus.digest());
    if (Files.exists(FILE)) {
      Model kept = OnnxReader.read(FILE);
      if (key.equals(kept.metadata().get(KEY))) {
        return kept;
      }
    }
    Model model =
        TRAINING
            .fit(
                DECODER.build(SEED),
                Decoder.TOKENS,
                Decoder.LOGITS,
                corpus.training(),
                LanguageModel::tell)
            .withMetadata(Map.of(KEY, key));
    Files.createDirectories(FILE.toAbsolutePath().getParent());
    OnnxWriter.write(model, FILE);
    return model;
  }

  private static void tell(int step, double loss) {
    if (step % 100 == 0) {
      System.out.printf("step %d of %d, loss %.3f%n", step, TRAINING.steps(), loss);
    }
  }
}

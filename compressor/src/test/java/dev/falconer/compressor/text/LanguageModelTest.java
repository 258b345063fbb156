package dev.falconer.compressor.text;

import static org.junit.jupiter.api.Assertions.assertAll;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.falconer.compressor.evaluate.Cpu;
import dev.falconer.compressor.onnx.NumericTensor;
import dev.falconer.compressor.onnx.Shape;
import dev.falconer.compressor.onnx.TensorData;
import dev.falconer.compressor.pipeline.Constants;
import dev.falconer.compressor.text.TrialBench.Result;
import dev.falconer.compressor.zoo.Decoder;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;

/** What compression costs a small language model, written to target/language-model.md. */
@Tag("long")
class LanguageModelTest {
  private static final Path TABLE = Path.of("target/language-model.md");
  private static final int CALIBRATION_WINDOWS = 64;
  private static final int TEST_WINDOWS = 256;
  private static final int BATCH = 8;
  private static final List<String> PATTERNS = List.of("50%", "70%", "2:4", "8:16", "8:16t");
  private static final List<String> SCOPES = List.of("50%row", "50%layer", "70%row", "70%layer");
  private static final List<String> GRIDS = List.of("minmax", "mse");
  private static final List<String> PRUNERS = List.of("magnitude", "wanda", "sparsegpt", "alps");
  private static final List<String> DECOMPOSERS =
      List.of("hassle-free-sparsegpt", "hassle-free-alps");
  private static final List<String> QUANTISERS = List.of("rtn", "gptq", "quantease", "gptq+cd");

  private static double unigram;
  private static double bigram;
  private static Perplexity dense;
  private static final Map<Trial, Result> RESULTS = new HashMap<>();

  @BeforeAll
  static void compress() throws Exception {
    Corpus corpus = Corpus.of(DictionaryProse.installed());
    var counted = new CountedModels(corpus.training(), Corpus.VOCABULARY);
    unigram = counted.unigram(corpus.test());
    bigram = counted.bigram(corpus.test());
    var bench =
        new TrialBench(
            LanguageModel.of(corpus),
            calibration(corpus),
            Corpus.windows(corpus.test(), TEST_WINDOWS, LanguageModel.CONTEXT + 1));
    dense = bench.perplexity();
    System.out.printf("unigram %.1f, bigram %.1f, dense %.2f%n", unigram, bigram, dense.value());
    run(bench, trials());
  }

  /** Two trials at a time, for the table after each; none depends on another. */
  private static void run(TrialBench bench, List<Trial> trials) throws Exception {
    try (var workers = Executors.newFixedThreadPool(2)) {
      var running = new ArrayList<Future<?>>();
      for (Trial trial : trials) {
        running.add(workers.submit(() -> add(trial, bench.run(trial))));
      }
      for (Future<?> trial : running) {
        trial.get();
      }
    }
  }

  private static synchronized void add(Trial trial, Result result) {
    RESULTS.put(trial, result);
    System.out.printf("%s %s %.2f%n", trial.row(), trial.column(), result.perplexity().value());
    try {
      write();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static List<Map<String, TensorData>> calibration(Corpus corpus) {
    long[] tokens =
        Corpus.windows(corpus.training(), CALIBRATION_WINDOWS, LanguageModel.CONTEXT).toLongs();
    var batches = new ArrayList<Map<String, TensorData>>();
    int length = BATCH * LanguageModel.CONTEXT;
    for (int from = 0; from < tokens.length; from += length) {
      NumericTensor batch =
          TensorData.longs(
              Shape.of(BATCH, LanguageModel.CONTEXT),
              java.util.Arrays.copyOfRange(tokens, from, from + length));
      batches.add(Map.of(Decoder.TOKENS, batch));
    }
    return batches;
  }

  /** Magnitude, Wanda and rounding never look at targets: one row serves both. */
  private static List<Trial> trials() {
    var trials = new ArrayList<Trial>();
    for (Constants constants : List.of(Constants.PUBLISHED, Constants.OWN)) {
      boolean isOwn = constants == Constants.OWN;
      for (String pruner : isOwn ? List.of("sparsegpt", "alps") : PRUNERS) {
        PATTERNS.forEach(pattern -> trials.add(new Trial(pruner, constants, pattern)));
      }
      if (!isOwn) {
        for (String pruner : List.of("magnitude", "wanda")) {
          SCOPES.forEach(scope -> trials.add(new Trial(pruner, constants, scope)));
        }
      }
      for (String decomposer : DECOMPOSERS) {
        trials.add(new Trial(decomposer, constants, Trial.LOW_RANK));
      }
      for (String quantiser : isOwn ? QUANTISERS.subList(1, QUANTISERS.size()) : QUANTISERS) {
        GRIDS.forEach(grid -> trials.add(new Trial(quantiser, constants, grid)));
      }
    }
    return trials;
  }

  private static void write() throws IOException {
    var sparse = new ArrayList<>(PATTERNS);
    sparse.add(Trial.LOW_RANK);
    var table = new PerplexityTable(trials(), RESULTS);
    Cpu cpu = Cpu.here();
    String text =
        String.format(
                Locale.ROOT,
                "Dense %.2f; unigram %.1f, bigram %.1f. %d test windows. CPU: %s %s%n%n",
                dense.value(),
                unigram,
                bigram,
                TEST_WINDOWS,
                cpu.name(),
                cpu.features())
            + table.values(sparse)
            + "\n"
            + table.values(SCOPES)
            + "\n"
            + table.claims(List.of(List.of("wanda", "magnitude")), SCOPES)
            + "\n"
            + table.values(GRIDS)
            + "\n"
            + table.claims(
                List.of(
                    List.of("alps", "sparsegpt"),
                    List.of("sparsegpt", "wanda"),
                    List.of("wanda", "magnitude"),
                    List.of("hassle-free-alps", "hassle-free-sparsegpt")),
                sparse)
            + "\n"
            + table.claims(
                List.of(
                    List.of("gptq", "rtn"),
                    List.of("quantease", "gptq"),
                    List.of("gptq+cd", "gptq")),
                GRIDS)
            + "\n"
            + table.columns("8:16", "8:16t")
            + "\n"
            + table.columns("mse", "minmax");
    Files.createDirectories(TABLE.toAbsolutePath().getParent());
    Files.writeString(TABLE, text);
  }

  @Test
  void theModelHasLearnedMoreThanPairsOfTokens() {
    assertTrue(dense.value() < .7 * bigram, dense.value() + " against " + bigram);
    assertTrue(bigram < unigram, bigram + " against " + unigram);
  }

  @Test
  void alpsHasTheLowestErrorOnEveryLayer() {
    var checks = new ArrayList<Executable>();
    for (String pattern : PATTERNS) {
      Map<String, Double> alps = result("alps", pattern).errors();
      for (String other : PRUNERS.subList(0, PRUNERS.indexOf("alps"))) {
        result(other, pattern)
            .errors()
            .forEach((layer, error) ->
                checks.add(() ->
                    assertTrue(
                        alps.getOrDefault(layer, Double.NaN) < error,
                        "%s at %s, %s: %s against ALPS's %s"
                            .formatted(layer, pattern, other, error, alps.get(layer)))));
      }
    }
    assertAll(checks);
  }

  @Test
  void alpsHasLowerPerplexityThanMagnitude() {
    for (String pattern : List.of("50%", "2:4")) {
      double alps = result("alps", pattern).perplexity().value();
      double magnitude = result("magnitude", pattern).perplexity().value();

      assertTrue(alps < magnitude, "%s: %s against %s".formatted(pattern, alps, magnitude));
    }
  }

  private static Result result(String method, String column) {
    return RESULTS.get(new Trial(method, Constants.PUBLISHED, column));
  }
}

package dev.falconer.compressor.cli;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.falconer.compressor.calibrate.Calibrator;
import dev.falconer.compressor.data.Batch;
import dev.falconer.compressor.data.BatchPlan;
import dev.falconer.compressor.data.Batches;
import dev.falconer.compressor.data.Examples;
import dev.falconer.compressor.data.Inputs;
import dev.falconer.compressor.data.Split;
import dev.falconer.compressor.data.View;
import dev.falconer.compressor.evaluate.Bootstrap;
import dev.falconer.compressor.evaluate.HeldOut;
import dev.falconer.compressor.evaluate.OrtRunner;
import dev.falconer.compressor.evaluate.Predictions;
import dev.falconer.compressor.evaluate.Quality;
import dev.falconer.compressor.layer.LinearLayer;
import dev.falconer.compressor.layer.LinearLayers;
import dev.falconer.compressor.onnx.Model;
import dev.falconer.compressor.onnx.OnnxReader;
import dev.falconer.compressor.onnx.OnnxWriter;
import dev.falconer.compressor.onnx.Runner;
import dev.falconer.compressor.pipeline.Constants;
import dev.falconer.compressor.pipeline.LayerPruning;
import dev.falconer.compressor.quantize.ActivationRange;
import dev.falconer.compressor.quantize.Int8;
import dev.falconer.compressor.solver.Mask;
import dev.falconer.compressor.solver.Pattern;
import dev.falconer.compressor.solver.PruningSolver;
import dev.falconer.compressor.solver.TensorDevice;
import dev.falconer.compressor.zoo.Rankers;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Prunes a model, trains it on under the mask, and quantises it. */
@Command(
    name = "compress",
    mixinStandardHelpOptions = true,
    description = {
      "With --data: prunes a ranker's linear layers to N:M sparsity from calibration statistics,"
          + " trains it on under the mask, and makes an int8 form of the result.",
      "With --calibration: prunes, shrinks and quantises the linear layers of any ONNX model as a"
          + " plan says, each fitted to what the compressed layers before it give; no training. An interrupted run goes on"
          + " where it stopped.",
      "With --target-speedup either way: chooses what each layer gets, so that the kernels of domain"
          + " dev.falconer run the model so many times as fast within a gate on its quality.",
      "Prints what each step cost."
    },
    footer = {
      "",
      "Example (after falconer distil --out student.onnx):",
      "  falconer compress --model student.onnx --teacher teacher.onnx --data feed-log/log.yaml \\",
      "      --out sparse.onnx --int8-out student.int8.onnx",
      "",
      "Example for any model, with plan.yaml:",
      "  layers:",
      "  - {match: \"*head*\", keep: dense}",
      "  - {match: \"*.ffn.out*\", remove: \"25%%\"}   # or heads, channels",
      "  - {match: \"*\", pattern: \"2:4\", solver: alps}",
      "  falconer compress --model ranker.onnx --calibration examples.npz --plan plan.yaml \\",
      "      --out sparse.onnx --html report.html",
      "",
      "Example to a speed:",
      "  falconer compress --model student.onnx --data feed-log/log.yaml --target-speedup 3 \\",
      "      --out fast.onnx"
    })
final class CompressCommand implements Callable<Integer> {
  /** Metadata key of what was done. */
  static final String COMPRESSION = "falconer.compression";

  private static final ObjectMapper JSON = new ObjectMapper();

  /** Source: demo-size runs; more requests changed no mask by more than 1 %. */
  private static final int CALIBRATION_BATCHES = 16;

  private static final int BATCH = 64;

  @Option(names = "--model", required = true, paramLabel = "FILE", description = "what to compress")
  Path model = Path.of("");

  @Option(
      names = "--teacher",
      paramLabel = "FILE",
      description = "its probabilities guide the training under the mask, beside the labels")
  @Nullable Path teacher;

  /** What to calibrate on: a log, as falconer's own rankers read it, or examples of any model. */
  static final class Source {
    @ArgGroup(
        exclusive = false,
        heading = "%nA ranker of falconer's own, by one pattern, trained on under the mask:%n")
    @Nullable DataOptions log;

    @ArgGroup(exclusive = false, heading = "%nAny ONNX model, layer by layer, by a plan:%n")
    @Nullable CalibrationOptions examples;
  }

  @ArgGroup(multiplicity = "1")
  Source source = new Source();

  @Mixin SplitOptions cut = new SplitOptions();

  @Mixin SpeedOptions speed = new SpeedOptions();

  @Mixin PlanOptions work = new PlanOptions();

  @Option(
      names = "--pattern",
      defaultValue = "2:4",
      paramLabel = "PATTERN",
      description =
          "N of every M inputs are kept, or panel16@0.25 and the like (default ${DEFAULT-VALUE})")
  String pattern = "2:4";

  @Option(
      names = "--solver",
      defaultValue = "wanda",
      description = "magnitude, wanda, sparsegpt, alps or alps+exchange (default ${DEFAULT-VALUE})")
  String solver = "wanda";

  @Option(
      names = "--epochs",
      defaultValue = "1",
      description =
          "passes over the training part under the mask, 0 for none (default 1); with"
              + " --target-speedup only where one shot is not within the gate")
  int epochs;

  @Option(
      names = "--rate",
      defaultValue = "0.0015",
      description = "highest learning rate; .3 of the model's own did well (default 0.0015)")
  double rate;

  @Option(
      names = "--kappa",
      defaultValue = "0.7",
      description = "weight of the teacher against the labels, 0 to 1 (default 0.7)")
  double kappa;

  @Option(names = "--seed", defaultValue = "1", description = "of the order of batches (default 1)")
  long seed;

  @Option(
      names = "--out",
      required = true,
      paramLabel = "FILE",
      description = "the sparse model, in float")
  Path out = Path.of("");

  @Option(names = "--int8-out", paramLabel = "FILE", description = "the sparse model in int8")
  @Nullable Path int8Out;

  /** Asked for what is left. */
  MachineMemory machine = MachineMemory.here();

  @Spec CommandSpec spec = CommandSpec.create();

  /** Options that have no meaning with a plan. */
  private static final List<String> OF_LOGS =
      List.of(
          "--teacher",
          "--pattern",
          "--solver",
          "--epochs",
          "--rate",
          "--kappa",
          "--seed",
          "--int8-out",
          "--split");

  /** Options that say what a target would choose. */
  private static final List<String> OF_ONE_PATTERN = List.of("--pattern", "--solver", "--int8-out");

  /** Options of work layer by layer. */
  private static final List<String> OF_PLANS = List.of("--plan", "--threads", "--json", "--html");

  /** Options that have no meaning without a speed. */
  private static final List<String> OF_SPEEDS =
      List.of(
          "--max-auc-loss",
          "--max-ne-rise",
          "--candidates",
          "--user",
          "--candidate",
          "--context",
          "--length");

  private void refuse(List<String> options, String why) {
    for (String option : options) {
      if (spec.commandLine().getParseResult().hasMatchedOption(option)) {
        throw new IllegalArgumentException(option + why);
      }
    }
  }

  @Override
  public Integer call() throws IOException {
    CalibrationOptions examples = source.examples;
    if (speed.target().isEmpty()) {
      refuse(OF_SPEEDS, " goes with --target-speedup");
    }
    if (examples != null) {
      refuse(OF_LOGS, " goes with --data, not with a plan");
      CommandLine line = spec.commandLine();
      var compression =
          new PlannedCompression(
              model, examples, speed, work, out, machine, line.getOut(), line.getErr());
      return TensorDevice.parse(examples.device).call(compression::run);
    }
    return byLog(java.util.Objects.requireNonNull(source.log, "checked by the parser"));
  }

  private int byLog(DataOptions log) throws IOException {
    PruningSolver pruner = PruningSolver.parse(solver);
    Pattern zeros = Pattern.parse(pattern);
    Model dense = OnnxReader.read(model);
    int history = Rankers.config(dense).historyMax();
    Optional<Model> guide =
        teacher == null ? Optional.empty() : Optional.of(OnnxReader.read(teacher));
    Examples examples = log.open(spec.commandLine().getErr());
    Split split = cut.of(examples);
    SplitOptions.part(split, SplitOptions.Part.TRAIN);
    PrintWriter text = spec.commandLine().getOut();
    Optional<MaskedTuning> tuning =
        epochs == 0
            ? Optional.empty()
            : Optional.of(
                new MaskedTuning(guide, split, examples, history, epochs, rate, kappa, seed));
    if (speed.target().isPresent()) {
      refuse(OF_ONE_PATTERN, " doesn't go with --target-speedup, which chooses for each layer");
      CommandLine line = spec.commandLine();
      return new LogSpeed(split, history, seed, work.orKernels(Constants.OWN), tuning)
          .run(
              dense,
              new CompressToSpeed(out, speed, work.threads, machine, text, line.getErr()),
              new ReportCard(model, work.json, work.html, text));
    }

    refuse(OF_PLANS, " goes with --calibration or --target-speedup");
    List<LinearLayer> layers = LinearLayers.of(dense);
    LayerPruning.Result pruned =
        new LayerPruning(pruner, zeros)
            .apply(dense, layers, calibrated(dense, layers, split.train(), history));
    print(text, pruned, zeros);
    Model sparse =
        tuning.map(each -> each.fit(pruned.model(), pruned.masks())).orElseGet(pruned::model);
    sparse = recorded(sparse, Map.of("pattern", zeros.toString(), "solver", solver));
    OnnxWriter.write(sparse, out);

    var models = new LinkedHashMap<String, Model>();
    models.put("dense", dense);
    if (epochs > 0) {
      models.put("pruned", pruned.model());
    }
    models.put("sparse", sparse);
    Path int8File = int8Out;
    if (int8File != null) {
      Int8.Result int8 =
          new Int8(new ActivationRange.LeastSquares())
              .apply(sparse, layers, calibrated(sparse, layers, split.train(), history));
      Model quantised =
          recorded(
              int8.model(),
              Map.of("pattern", zeros.toString(), "solver", solver, "int8", "static, 7-bit"));
      OnnxWriter.write(quantised, int8File);
      text.printf(
          Locale.ROOT,
          "int8: %d layers of the candidates' side, %.0f %% of its multiply-adds; in float: %s%n",
          int8.layers().size(),
          100 * int8.share(),
          int8.skipped().isEmpty() ? "none" : String.join(", ", int8.skipped()));
      models.put("int8", quantised);
    }
    text.printf(Locale.ROOT, "%s: %,d bytes, was %,d%n", out, Files.size(out), Files.size(model));
    if (int8File != null) {
      text.printf(Locale.ROOT, "%s: %,d bytes%n", int8File, Files.size(int8File));
    }
    judge(
        text,
        models,
        new HeldOut(split, SplitOptions.part(split, SplitOptions.Part.TEST)),
        history);
    text.flush();
    return 0;
  }

  private Calibrator calibrated(Model of, List<LinearLayer> layers, View train, int history) {
    var batches = new ArrayList<Batch>();
    // Bucketed batches come in random order: the first are requests of all times.
    var all = Batches.of(train, BatchPlan.training(BATCH, history, seed));
    for (int i = 0; i < Math.min(CALIBRATION_BATCHES, all.size()); i++) {
      batches.add(all.get(i));
    }
    return Calibrator.run(of, layers, batches, OrtRunner.factory(1));
  }

  private static Model recorded(Model model, Map<String, String> done) throws IOException {
    var metadata = new HashMap<>(model.metadata());
    metadata.put(COMPRESSION, JSON.writeValueAsString(new java.util.TreeMap<>(done)));
    return model.withMetadata(metadata);
  }

  private static void print(PrintWriter text, LayerPruning.Result pruned, Pattern zeros) {
    text.printf("%-34s %-12s %8s %15s%n", "layer", "[out, in]", "density", "relative error");
    for (LayerPruning.Pruned each : pruned.layers()) {
      LinearLayer layer = each.layer();
      Mask mask = each.solution().mask();
      text.printf(
          Locale.ROOT,
          "%-34s %-12s %8.3f %15.4f%n",
          layer.weight(),
          "[" + layer.out() + ", " + layer.in() + "]",
          mask.density(),
          each.solution().relativeError());
    }
    text.printf(
        Locale.ROOT,
        "%s: %.1f %% of %d layers' weights kept; dense: %s%n",
        zeros,
        100 * pruned.density(),
        pruned.layers().size(),
        pruned.skipped().isEmpty() ? "none" : String.join(", ", pruned.skipped()));
    text.flush();
  }

  /** Prints the quality of each model on the test part, and how each differs from the first. */
  private static void judge(
      PrintWriter text, Map<String, Model> models, HeldOut heldOut, int history) {
    var predictions = new LinkedHashMap<String, Predictions>();
    models.forEach((name, model) -> {
      try (Runner runner = OrtRunner.factory(1).open(model)) {
        predictions.put(name, heldOut.predictions(runner, Inputs.SCORES, history));
      }
    });
    Predictions dense = predictions.values().iterator().next();
    text.printf(Locale.ROOT, "test part, %,d requests%n", heldOut.requests());
    predictions.forEach((name, scored) -> {
      QualityTable.print(text, name, Quality.of(scored, Bootstrap.standard()));
      if (!name.equals("dense")) {
        QualityTable.printDifferences(
            text, name, "dense", Quality.differences(scored, dense, Bootstrap.standard()));
      }
    });
  }
}

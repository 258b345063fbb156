package dev.falconer.compressor.cli;

import dev.falconer.bundle.Sha256;
import dev.falconer.compressor.axes.Roles;
import dev.falconer.compressor.cli.TargetSearch.Chosen;
import dev.falconer.compressor.data.CalibrationExamples;
import dev.falconer.compressor.evaluate.OrtRunner;
import dev.falconer.compressor.layer.Found;
import dev.falconer.compressor.layer.LinearLayer;
import dev.falconer.compressor.layer.LinearLayers;
import dev.falconer.compressor.onnx.Model;
import dev.falconer.compressor.onnx.OnnxReader;
import dev.falconer.compressor.onnx.OnnxWriter;
import dev.falconer.compressor.onnx.TensorData;
import dev.falconer.compressor.pipeline.CompressionPlan;
import dev.falconer.compressor.pipeline.Constants;
import dev.falconer.compressor.pipeline.LayerChoices;
import dev.falconer.compressor.pipeline.LayerwiseCompression.State;
import dev.falconer.compressor.pipeline.PlanFile;
import dev.falconer.compressor.pipeline.Removals;
import dev.falconer.compressor.pipeline.ResolvedPlan;
import dev.falconer.compressor.pipeline.Resume;
import dev.falconer.compressor.pipeline.Treatment;
import dev.falconer.compressor.quantize.HalfTables;
import dev.falconer.compressor.report.CompressionReport;
import dev.falconer.compressor.report.TargetReport;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.Set;

/** Compresses any model layer by layer as a plan says, and reports what each layer cost. */
final class PlannedCompression {
  /** Exit status of a result that misses its target. */
  private static final int MISSED = 3;

  private final Path source;
  private final CalibrationOptions options;
  private final SpeedOptions speed;
  private final PlanOptions work;
  private final Path out;
  private final MachineMemory machine;
  private final PrintWriter text;
  private final PrintWriter err;

  PlannedCompression(
      Path source,
      CalibrationOptions options,
      SpeedOptions speed,
      PlanOptions work,
      Path out,
      MachineMemory machine,
      PrintWriter text,
      PrintWriter err) {
    this.source = source;
    this.options = options;
    this.speed = speed;
    this.work = work;
    this.out = out;
    this.machine = machine;
    this.text = text;
    this.err = err;
  }

  /** Returns the exit status. */
  int run() throws IOException {
    Model dense = OnnxReader.read(source);
    Found found = LinearLayers.find(dense.graph(), Set.of());
    Constants constants = options.isPaper ? Constants.PUBLISHED : Constants.OWN;
    Optional<Target> target = options.target();
    if (speed.target().isPresent()) {
      return toSpeed(dense, constants);
    }
    CompressionPlan asked = PlanFile.read(work.plan(), constants);
    Optional<LayerChoices> choices =
        target.map(each -> choices(each, asked, dense, found.layers()));
    Map<String, TensorData> arrays = options.arrays();
    CalibrationExamples examples = options.examples(dense, arrays);
    Optional<Labelled> labelled = Labelled.of(options, dense, arrays, examples);
    Optional<Chosen> chosen =
        target.map(each ->
            new TargetSearch(each, choices.orElseThrow(), examples, work.threads).run(text, err));
    ResolvedPlan plan =
        chosen
            .map(Chosen::plan)
            .orElseGet(() ->
                ResolvedPlan.of(asked, dense, found.layers(), removals(dense, found, examples)));
    MemoryNeed need =
        MemoryNeed.compressing(plan.groups(), 1, work.threads, plan.calibrationBytes());
    check(need);
    text.print(plan.text());
    text.printf(
        Locale.ROOT,
        "calibration: %d batches, %d held out; %d passes; sums take up to %.1f MB, all %.1f MB%n",
        examples.calibration().size(),
        examples.heldOut().size(),
        plan.groups().size(),
        plan.calibrationBytes() / 1e6,
        (need.heap() + need.outside()) / 1e6);
    text.flush();

    var resume = new Resume(out, key(plan));
    State state = compressed(dense, plan, examples, resume);
    SequencedMap<String, Model> models = steps(dense, plan, state);
    Map.Entry<String, Model> last = models.lastEntry();
    Model model =
        new CompressionRecord(
                target.isPresent() ? PlanFile.text(plan.plan()) : Files.readString(work.plan()),
                state.done())
            .in(last.getValue());
    models.put(last.getKey(), model);
    OnnxWriter.write(model, out);
    resume.end();
    CompressionReport report =
        new ReportCard(source, work.json, work.html, text)
            .of(
                new ReportCard.Done(
                    models,
                    plan,
                    found,
                    state.done(),
                    examples,
                    labelled.map(labels -> labels::predictions)),
                steps -> chosen.map(each -> each.report(steps)),
                Optional.empty());
    text.printf("wrote %s%n", out);
    text.flush();
    return report.target().map(TargetReport::isMet).orElse(true) ? 0 : MISSED;
  }

  private int toSpeed(Model plain, Constants constants) throws IOException {
    Roles roles = speed.given.of(plain);
    Model dense = roles.byInput().isEmpty() ? plain : roles.in(plain);
    if (options.target().isPresent()) {
      throw new IllegalArgumentException(
          "--target-speedup goes with neither --target-bytes nor --target-latency");
    }
    CompressionPlan plan = work.orKernels(constants);
    Map<String, TensorData> arrays = options.arrays();
    CalibrationExamples examples = options.examples(dense, arrays);
    Labelled labelled =
        Labelled.of(options, dense, arrays, examples)
            .orElseThrow(() ->
                new IllegalArgumentException(
                    "--target-speedup is gated on quality: say with --labels which array of the"
                        + " examples holds the labels"));
    return new CompressToSpeed(out, speed, work.threads, machine, text, err)
        .run(
            dense,
            plan,
            examples,
            labelled::predictions,
            Optional.empty(),
            new ReportCard(source, work.json, work.html, text));
  }

  private void check(MemoryNeed need) {
    need.check("compressing", Runtime.getRuntime().maxMemory(), machine.available());
  }

  private static Removals removals(Model dense, Found found, CalibrationExamples examples) {
    return new Removals(
        dense, found, OrtRunner.factory(1), CalibrationExamples.largest(examples.calibration()));
  }

  private LayerChoices choices(
      Target target, CompressionPlan plan, Model dense, List<LinearLayer> layers) {
    if (!plan.isOpen()) {
      throw new IllegalArgumentException(
          target.asked()
              + " chooses among options, and no rule of the plan has any: want such as {match:"
              + " \"*\", options: [{keep: dense}, {bits: 8}, {bits: 4}]}");
    }
    LayerChoices choices = LayerChoices.of(plan, dense, layers);
    int most = choices.layers().values().stream().mapToInt(List::size).max().orElse(1);
    check(MemoryNeed.compressing(choices.groups(), most, work.threads, choices.calibrationBytes()));
    return choices;
  }

  /** Returns the model after each kind of treatment, those before it in place. */
  private static SequencedMap<String, Model> steps(Model dense, ResolvedPlan plan, State state) {
    var models = new LinkedHashMap<String, Model>();
    models.put("dense", dense);
    var kinds = EnumSet.noneOf(Treatment.Kind.class);
    for (Treatment.Kind kind : plan.kinds()) {
      kinds.add(kind);
      models.put(kind.toString(), state.written(dense, plan, kinds));
    }
    if (plan.plan().halfTables()) {
      models.put("fp16 tables", HalfTables.DEFAULT.apply(models.lastEntry().getValue()).model());
    }
    return models;
  }

  private State compressed(
      Model dense, ResolvedPlan plan, CalibrationExamples examples, Resume resume)
      throws IOException {
    State start = resume.read().orElse(State.of(dense));
    if (!start.done().isEmpty()) {
      err.printf("going on after %d layers of %s%n", start.done().size(), resume.file());
    }
    return new LayerwiseRun(dense, examples.calibration(), work.threads, err)
        .from(start, plan, advanced -> save(resume, advanced));
  }

  private static void save(Resume resume, State state) {
    try {
      resume.write(state);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Returns a digest of all that the result depends on. */
  private String key(ResolvedPlan plan) throws IOException {
    var parts = new ArrayList<String>();
    parts.add(ModelMetadata.falconerVersion());
    parts.add(Sha256.of(source));
    parts.add(Files.readString(work.plan()));
    parts.add(plan.text());
    parts.add(options.isPaper ? "paper" : "");
    parts.add(
        Sha256.of(
            Files.isDirectory(options.calibration)
                ? options.calibration.resolve("golden.bin")
                : options.calibration));
    return Sha256.of(String.join("\n", parts).getBytes(StandardCharsets.UTF_8));
  }
}

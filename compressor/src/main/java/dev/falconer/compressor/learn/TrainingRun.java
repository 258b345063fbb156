package dev.falconer.compressor.learn;

import com.sun.management.OperatingSystemMXBean;
import dev.falconer.compressor.data.Batch;
import dev.falconer.compressor.data.Inputs;
import dev.falconer.compressor.execute.Tensors;
import dev.falconer.compressor.execute.TorchGraph;
import dev.falconer.compressor.execute.TorchOptions;
import dev.falconer.compressor.onnx.Model;
import dev.falconer.compressor.onnx.NumericTensor;
import dev.falconer.compressor.onnx.OnnxWriter;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.util.HexFormat;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.function.IntFunction;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Tensor;

/** One training from its start, or from its checkpoint, to its end. */
final class TrainingRun implements AutoCloseable {
  private static final Set<String> LOGITS = Set.of(Inputs.LOGITS);

  private final Trainer trainer;
  private final TrainingOptions options;
  private final TorchGraph graph;
  private final Gradients gradients;
  private final Adam adam;
  private final Map<String, String> identity;
  private final long cpuAtStart = cpuNanos();
  private final double cpuBefore;
  private long written = System.nanoTime();
  private TrainingState state = TrainingState.start();
  private Map<String, NumericTensor> best = Map.of();

  TrainingRun(Trainer trainer, Model start) {
    this.trainer = trainer;
    options = trainer.options();
    identity = identity(trainer, start);
    graph = TorchGraph.of(start, TorchOptions.standard());
    gradients = new Gradients(graph, trainer.masks(), options.clipNorm());
    adam = new Adam(graph);
    trainer.checkpoints().ifPresent(this::begin);
    cpuBefore = state.cpuSeconds();
  }

  Fitted fit(IntFunction<? extends Iterable<Batch>> epochBatches, Iterable<Batch> heldOut) {
    boolean evaluates = heldOut.iterator().hasNext();
    while (state.step() < options.steps() && state.sinceBest() < options.patience()) {
      epoch(epochBatches.apply(state.step() / options.stepsPerEpoch()), heldOut, evaluates);
    }
    restore("", best, Adam.Slot::weight);
    return new Fitted(graph.model(), log(evaluates));
  }

  private void epoch(Iterable<Batch> batches, Iterable<Batch> heldOut, boolean evaluates) {
    Iterator<Batch> rest = batches.iterator();
    int taken = state.step() % options.stepsPerEpoch();
    for (int i = 0; i < taken; i++) {
      next(rest);
    }
    for (int i = taken; i < options.stepsPerEpoch(); i++) {
      step(next(rest));
      boolean last = state.step() == options.steps();
      if (evaluates && (last || state.step() % options.evaluateEvery() == 0)) {
        evaluate(heldOut);
      }
      boolean epochEnds = i + 1 == options.stepsPerEpoch();
      boolean stops = trainer.stop().getAsBoolean() && !last;
      if (stops || epochEnds || isDue()) {
        write();
      }
      if (stops) {
        throw stopped();
      }
      if (state.sinceBest() >= options.patience()) {
        return;
      }
    }
  }

  private Batch next(Iterator<Batch> batches) {
    if (!batches.hasNext()) {
      throw new IllegalArgumentException(
          "an epoch has fewer batches than the %d steps asked for"
              .formatted(options.stepsPerEpoch()));
    }
    return batches.next();
  }

  private void step(Batch batch) {
    double loss;
    try (var _ = new PointerScope()) {
      Tensor logits = graph.forward(batch.inputs(), LOGITS).get(Inputs.LOGITS);
      Tensor scalar = trainer.objective().loss(logits, batch);
      scalar.backward();
      loss = scalar.item_float();
    }
    if (!Double.isFinite(loss)) {
      throw new IllegalStateException(
          "the loss is %s at step %d: lower the learning rate %s"
              .formatted(loss, state.step() + 1, options.rate()));
    }
    gradients.prepare();
    adam.step(state.step(), options.rateAt(state.step()));
    gradients.clear();
    state = state.stepped(loss);
    trainer.progress().step(state.step(), loss);
  }

  private void evaluate(Iterable<Batch> heldOut) {
    double entropy = HeldOut.normalizedEntropy(graph, heldOut);
    int steps = Math.max(1, state.step() - state.lastEvaluated());
    var evaluation = new TrainingLog.Evaluation(state.step(), state.lossSum() / steps, entropy);
    state = state.evaluated(evaluation);
    if (state.bestStep() == state.step()) {
      best = weights();
    }
    trainer.progress().evaluated(evaluation);
  }

  private TrainingLog log(boolean evaluated) {
    int kept = evaluated ? state.bestStep() : state.step();
    return new TrainingLog(state.step(), state.evaluations(), kept, cpuSeconds());
  }

  private TrainingStopped stopped() {
    String where =
        trainer
            .checkpoints()
            .map(kept -> "; go on with --resume --checkpoint " + kept.file())
            .orElse("; without a checkpoint its work is lost");
    return new TrainingStopped(
        "stopped after step %d of %d%s".formatted(state.step(), options.steps(), where));
  }

  private void begin(Checkpoints checkpoints) {
    if (!Files.exists(checkpoints.file())) {
      return;
    }
    if (!checkpoints.resume()) {
      throw new IllegalArgumentException(
          "checkpoint %s exists: resume from it, or delete it to start again"
              .formatted(checkpoints.file()));
    }
    CheckpointFile.Content content = CheckpointFile.read(checkpoints.file());
    if (!content.identity().equals(identity)) {
      var differing = new TreeMap<>(identity);
      differing.entrySet().removeAll(content.identity().entrySet());
      throw new IllegalArgumentException(
          "checkpoint %s is of another training: %s differ"
              .formatted(checkpoints.file(), differing.keySet()));
    }
    state = content.state();
    restore("weight/", content.tensors(), Adam.Slot::weight);
    restore("mean/", content.tensors(), Adam.Slot::mean);
    restore("square/", content.tensors(), Adam.Slot::square);
    var kept = new LinkedHashMap<String, NumericTensor>();
    content
        .tensors()
        .forEach((name, tensor) -> {
          if (name.startsWith("best/")) {
            kept.put(name.substring("best/".length()), tensor);
          }
        });
    best = kept;
  }

  private void restore(
      String prefix, Map<String, NumericTensor> from, Function<Adam.Slot, Tensor> into) {
    try (var _ = new PointerScope();
        var _ = new NoGradGuard()) {
      adam.slots()
          .forEach((name, slot) -> {
            NumericTensor saved = from.get(prefix + name);
            if (saved != null) {
              into.apply(slot).copy_(Tensors.over(saved));
            }
          });
    }
  }

  private boolean isDue() {
    return trainer
        .checkpoints()
        .map(kept -> System.nanoTime() - written >= kept.every().toNanos())
        .orElse(false);
  }

  private void write() {
    if (trainer.checkpoints().isEmpty()) {
      return;
    }
    var tensors = new LinkedHashMap<String, NumericTensor>();
    adam.slots()
        .forEach((name, slot) -> {
          tensors.put("weight/" + name, Tensors.copy(slot.weight()));
          tensors.put("mean/" + name, Tensors.copy(slot.mean()));
          tensors.put("square/" + name, Tensors.copy(slot.square()));
        });
    best.forEach((name, weight) -> tensors.put("best/" + name, weight));
    CheckpointFile.write(
        trainer.checkpoints().get().file(),
        new CheckpointFile.Content(identity, state.after(cpuSeconds()), tensors));
    written = System.nanoTime();
  }

  private Map<String, NumericTensor> weights() {
    var weights = new LinkedHashMap<String, NumericTensor>();
    graph.parameters().forEach((name, weight) -> weights.put(name, Tensors.copy(weight)));
    return weights;
  }

  private double cpuSeconds() {
    return cpuBefore + (cpuNanos() - cpuAtStart) / 1e9;
  }

  private static long cpuNanos() {
    return ((OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean())
        .getProcessCpuTime();
  }

  private static Map<String, String> identity(Trainer trainer, Model start) {
    var digest = CheckpointFile.sha256();
    digest.update(OnnxWriter.toBytes(start));
    var masks = CheckpointFile.sha256();
    new TreeMap<>(trainer.masks())
        .forEach((name, mask) -> {
          masks.update(name.getBytes(java.nio.charset.StandardCharsets.UTF_8));
          masks.update(mask.bytes().toArray(java.lang.foreign.ValueLayout.JAVA_BYTE));
        });
    return Map.of(
        "start model", HexFormat.of().formatHex(digest.digest()),
        "options", trainer.options().toString(),
        "objective", trainer.objective().toString(),
        "masks", HexFormat.of().formatHex(masks.digest()));
  }

  @Override
  public void close() {
    adam.close();
    gradients.close();
    graph.close();
  }
}

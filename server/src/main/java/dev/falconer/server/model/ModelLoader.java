package dev.falconer.server.model;

import dev.falconer.bundle.BundleException;
import dev.falconer.bundle.GoldenFile;
import dev.falconer.bundle.ManifestFile;
import dev.falconer.server.choice.Choice;
import dev.falconer.server.choice.ChoiceRules;
import dev.falconer.server.domain.Binder;
import dev.falconer.server.domain.ModelSpec;
import dev.falconer.server.engine.OrtEngine;
import dev.falconer.server.memory.Slabs;
import dev.falconer.server.model.VariantFinder.Found;
import java.nio.file.Path;
import java.util.OptionalInt;
import java.util.function.Consumer;

/**
 * Makes a version folder ready to serve: every digest checked, graphs opened and warm, the variant
 * chosen, golden requests answered as they should be. All of it, or a {@link BundleException} that
 * names what is wrong.
 */
public final class ModelLoader {
  private final OrtEngine engine;
  private final Slabs slabs;
  private final Limits limits;
  private final ChoiceRules rules;
  private final Consumer<ModelSpec> onClosed;

  /**
   * What the server can take.
   *
   * @param microBatch instead of the manifest's
   */
  public record Limits(OptionalInt microBatch, int maxCandidates, int maxMessageBytes) {}

  /** Creates a loader; {@code onClosed} is told of each model whose graphs were closed. */
  public ModelLoader(
      OrtEngine engine,
      Slabs slabs,
      Limits limits,
      ChoiceRules rules,
      Consumer<ModelSpec> onClosed) {
    this.engine = engine;
    this.slabs = slabs;
    this.limits = limits;
    this.rules = rules;
    this.onClosed = onClosed;
  }

  /** Returns the model of a version folder, with the caller's reference. */
  ServedModel load(Path folder) {
    var manifest = ManifestFile.read(folder);
    BundleChecks.checkNames(folder, manifest);
    var spec = SpecReader.read(manifest, limits.microBatch());
    BundleChecks.checkMessageSize(spec, limits.maxCandidates(), limits.maxMessageBytes());
    var version = new VersionFolder(engine, slabs, folder, manifest, spec);
    var binder = new Binder(spec, limits.maxCandidates());
    var opened = new Opened();
    boolean isReady = false;
    try {
      var shared = version.open(opened);
      var golden =
          new GoldenCheck(spec, GoldenFile.read(folder.resolve(GoldenFile.NAME)), binder, slabs);
      var found = find(version, shared, golden, opened);
      golden.checkWhole(shared);
      opened.keepOnly(found.graphs());
      isReady = true;
      return new ServedModel(
          found.graphs(), found.choice(), binder, opened, () -> onClosed.accept(spec));
    } catch (RuntimeException e) {
      throw e instanceof BundleException known
          ? known
          : new BundleException(folder + ": " + e.getMessage(), e);
    } finally {
      if (!isReady) {
        opened.close();
      }
    }
  }

  private Found find(VersionFolder version, Graphs shared, GoldenCheck golden, Opened opened) {
    if (version.variants().isEmpty()) {
      WarmUp.run(shared);
      golden.check(shared, 0);
      return new Found(shared, Choice.of(shared.scorer().key(), Choice.Reason.ONLY));
    }
    try (var trials = new VariantTrials(rules, version, golden, opened, shared)) {
      return new VariantFinder(rules, version, trials).find();
    }
  }
}

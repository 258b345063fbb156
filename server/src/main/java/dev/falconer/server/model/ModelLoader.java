package dev.falconer.server.model;

import dev.falconer.bundle.BundleException;
import dev.falconer.bundle.GoldenFile;
import dev.falconer.bundle.ManifestFile;
import dev.falconer.server.domain.Binder;
import dev.falconer.server.domain.ModelSpec;
import dev.falconer.server.engine.CandidateGraph;
import dev.falconer.server.engine.OrtEngine;
import dev.falconer.server.engine.UserGraph;
import dev.falconer.server.engine.WholeGraph;
import dev.falconer.server.memory.Slabs;
import dev.falconer.server.wire.RequestReader;
import dev.falconer.v1.FileDigest;
import dev.falconer.v1.Manifest;
import dev.falconer.v1.Variant;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Makes a version folder ready to serve: every digest checked, graphs opened and warm, golden
 * requests answered as they should be. All of it, or a {@link BundleException} that names what is
 * wrong.
 */
public final class ModelLoader {
  private final OrtEngine engine;
  private final Slabs slabs;
  private final Limits limits;
  private final Consumer<ModelSpec> onClosed;

  /**
   * What the server can take.
   *
   * @param variant name of the variant to serve; empty for the manifest's
   * @param microBatch instead of the manifest's
   */
  public record Limits(
      String variant, OptionalInt microBatch, int maxCandidates, int maxMessageBytes) {}

  /** Creates a loader; {@code onClosed} is told of each model whose graphs were closed. */
  public ModelLoader(OrtEngine engine, Slabs slabs, Limits limits, Consumer<ModelSpec> onClosed) {
    this.engine = engine;
    this.slabs = slabs;
    this.limits = limits;
    this.onClosed = onClosed;
  }

  /** Returns the model of a version folder, with the caller's reference. */
  ServedModel load(Path folder) {
    var manifest = ManifestFile.read(folder);
    checkNames(folder, manifest);
    var spec = SpecReader.read(manifest, limits.microBatch());
    checkMessageSize(spec);
    var variant = variant(manifest);
    var model = open(folder, manifest, spec, variant);
    boolean ready = false;
    try {
      WarmUp.run(model);
      var golden = GoldenFile.read(folder.resolve(GoldenFile.NAME));
      new GoldenCheck(new RequestReader(slabs), slabs)
          .check(model, golden, variant == null ? 0 : variant.getMaxDifference());
      ready = true;
      return model;
    } catch (RuntimeException e) {
      throw e instanceof BundleException known
          ? known
          : new BundleException(folder + ": " + e.getMessage(), e);
    } finally {
      if (!ready) {
        model.release();
      }
    }
  }

  private ServedModel open(
      Path folder, Manifest manifest, ModelSpec spec, @Nullable Variant variant) {
    var graphs = new ArrayList<AutoCloseable>();
    boolean opened = false;
    try {
      UserGraph user = null;
      CandidateGraph candidate = null;
      if (spec.hasState()) {
        if (variant == null) {
          throw new BundleException(folder + "/manifest.json: graphs lists no candidate graph");
        }
        user = new UserGraph(engine, folder.resolve(manifest.getGraphs().getUser()), spec);
        graphs.add(user);
        candidate = new CandidateGraph(engine, folder.resolve(variant.getFile()), spec);
        graphs.add(candidate);
      }
      var whole =
          new WholeGraph(engine, folder.resolve(manifest.getGraphs().getWhole()), spec, slabs);
      graphs.add(whole);
      var stateless = whole;
      if (!spec.hasState() && variant != null) {
        stateless = new WholeGraph(engine, folder.resolve(variant.getFile()), spec, slabs);
        graphs.add(stateless);
      }
      opened = true;
      return new ServedModel(
          spec,
          variant == null ? "plain" : variant.getName(),
          new Binder(spec, limits.maxCandidates()),
          user,
          candidate,
          stateless,
          whole,
          List.copyOf(graphs),
          () -> onClosed.accept(spec));
    } catch (RuntimeException e) {
      throw e instanceof BundleException known
          ? known
          : new BundleException(String.valueOf(e.getMessage()), e);
    } finally {
      if (!opened) {
        Graphs.closeAll(graphs);
      }
    }
  }

  private @Nullable Variant variant(Manifest manifest) {
    var variants = manifest.getGraphs().getCandidateList();
    String name = limits.variant().isEmpty() ? manifest.getGraphs().getServed() : limits.variant();
    if (variants.isEmpty()) {
      return null;
    }
    return variants.stream()
        .filter(variant -> variant.getName().equals(name))
        .findFirst()
        .orElseThrow(() ->
            new BundleException(
                "manifest.json: no variant '"
                    + name
                    + "' of "
                    + manifest.getName()
                    + "; there is "
                    + variants.stream().map(Variant::getName).toList()
                    + " (--variant)"));
  }

  private static void checkNames(Path folder, Manifest manifest) {
    String name = folder.getName(folder.getNameCount() - 2).toString();
    String version = String.valueOf(folder.getFileName());
    if (!manifest.getName().equals(name) || !manifest.getVersion().equals(version)) {
      throw new BundleException(
          folder
              + "/manifest.json: is of "
              + manifest.getName()
              + " version "
              + manifest.getVersion()
              + ", lies in "
              + name
              + "/"
              + version);
    }
    var graphs = manifest.getGraphs();
    if (graphs.getUser().isEmpty() && manifest.getStateCount() > 0) {
      throw new BundleException(
          folder + "/manifest.json: lists a state and no user graph that would give it");
    }
    Set<String> listed =
        manifest.getFilesList().stream().map(FileDigest::getFile).collect(Collectors.toSet());
    var used = new TreeSet<String>();
    used.add(GoldenFile.NAME);
    used.add(graphs.getWhole());
    if (!graphs.getUser().isEmpty()) {
      used.add(graphs.getUser());
    }
    graphs.getCandidateList().forEach(variant -> used.add(variant.getFile()));
    used.addAll(present(folder));
    used.removeAll(listed);
    if (!used.isEmpty()) {
      throw new BundleException(
          folder + ": manifest.json lists no digest of " + used + ", so they can't be trusted");
    }
  }

  /** Whatever lies in the folder could be read by a graph as its weights. */
  private static List<String> present(Path folder) {
    try (var files = Files.list(folder)) {
      return files
          .map(file -> String.valueOf(file.getFileName()))
          .filter(file -> !file.equals(ManifestFile.NAME) && !file.startsWith("."))
          .toList();
    } catch (IOException e) {
      throw new BundleException(folder + ": can't be listed: " + e.getMessage(), e);
    }
  }

  /** The shortest string that a request may be full of is not known: 32 bytes stand for each. */
  private void checkMessageSize(ModelSpec spec) {
    long needed = spec.fullRequestBytes(limits.maxCandidates(), 32);
    if (needed > limits.maxMessageBytes()) {
      throw new BundleException(
          spec.title()
              + ": a request of "
              + limits.maxCandidates()
              + " candidates and "
              + spec.historyMax()
              + " events takes "
              + needed
              + " bytes, --max-message-bytes is "
              + limits.maxMessageBytes()
              + ": raise it, or lower --max-candidates");
    }
  }
}

package dev.falconer.server.model;

import dev.falconer.server.domain.ExecutedBy;
import dev.falconer.server.domain.ModelSpec;
import dev.falconer.server.domain.VariantKey;
import dev.falconer.server.engine.CandidateGraph;
import dev.falconer.server.engine.GraphException;
import dev.falconer.server.engine.OrtEngine;
import dev.falconer.server.engine.UserGraph;
import dev.falconer.server.engine.WholeGraph;
import dev.falconer.server.memory.Slabs;
import dev.falconer.v1.Manifest;
import dev.falconer.v1.Variant;
import java.nio.file.Path;
import java.util.List;

/** Opens the graphs of a version folder whose manifest is checked. */
record VersionFolder(
    OrtEngine engine, Slabs slabs, Path folder, Manifest manifest, ModelSpec spec) {

  /** Returns the variants of what scores candidates, as the manifest lists them. */
  List<Variant> variants() {
    return manifest.getGraphs().getCandidateList();
  }

  /** Opens what all variants share; the whole graph stands for a variant until one is opened. */
  Graphs open(Opened opened) {
    var graphs = manifest.getGraphs();
    var user =
        spec.hasState() ? opened.add(user(graphs.getUser(), ExecutedBy.ONNX_RUNTIME, spec)) : null;
    var whole = opened.add(whole(graphs.getWhole(), ExecutedBy.ONNX_RUNTIME));
    var key = new VariantKey(VariantKey.PLAIN, ExecutedBy.ONNX_RUNTIME);
    return new Graphs(spec, user, whole, new Scorer.OfHistory(key, whole));
  }

  /**
   * Opens a variant's graphs.
   *
   * @param shared what all variants share
   * @throws dev.falconer.server.engine.GraphException when they can't be computed so
   */
  Graphs open(Variant variant, ExecutedBy by, Graphs shared, Opened opened) {
    var key = new VariantKey(variant.getName(), by);
    if (!spec.hasState()) {
      var whole = opened.add(whole(variant.getFile(), by));
      return shared.with(new Scorer.OfHistory(key, whole));
    }
    var own = SpecReader.with(spec, variant);
    var file = folder.resolve(variant.getFile());
    var candidate = opened.add(new CandidateGraph(engine, file, by, own));
    var scored = shared.with(new Scorer.OfState(key, candidate));
    try {
      return variant.getUser().isEmpty()
          ? scored
          : scored.with(own, opened.add(user(variant.getUser(), by, own)));
    } catch (GraphException e) {
      opened.close(candidate);
      throw e;
    }
  }

  private UserGraph user(String file, ExecutedBy by, ModelSpec of) {
    return new UserGraph(engine, folder.resolve(file), by, of);
  }

  private WholeGraph whole(String file, ExecutedBy by) {
    return new WholeGraph(engine, folder.resolve(file), by, spec, slabs);
  }
}

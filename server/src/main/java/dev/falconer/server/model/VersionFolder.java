package dev.falconer.server.model;

import dev.falconer.server.domain.ExecutedBy;
import dev.falconer.server.domain.ModelSpec;
import dev.falconer.server.domain.VariantKey;
import dev.falconer.server.engine.CandidateGraph;
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
        spec.hasState()
            ? opened.add(new UserGraph(engine, folder.resolve(graphs.getUser()), spec))
            : null;
    var whole = opened.add(whole(graphs.getWhole(), ExecutedBy.ONNX_RUNTIME));
    var key = new VariantKey(VariantKey.PLAIN, ExecutedBy.ONNX_RUNTIME);
    return new Graphs(spec, user, whole, new Scorer.OfHistory(key, whole));
  }

  /**
   * Opens a variant.
   *
   * @throws dev.falconer.server.engine.GraphException when it can't be computed so
   */
  Scorer scorer(Variant variant, ExecutedBy by) {
    var key = new VariantKey(variant.getName(), by);
    if (!spec.hasState()) {
      return new Scorer.OfHistory(key, whole(variant.getFile(), by));
    }
    var file = folder.resolve(variant.getFile());
    return new Scorer.OfState(key, new CandidateGraph(engine, file, by, spec));
  }

  private WholeGraph whole(String file, ExecutedBy by) {
    return new WholeGraph(engine, folder.resolve(file), by, spec, slabs);
  }
}

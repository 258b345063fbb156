package dev.falconer.compressor.pack;

import dev.falconer.compressor.onnx.Model;
import dev.falconer.compressor.pass.RemoveDead;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** Packs candidate graphs. */
public final class Packing {
  /** Domain of the operators, version 1. */
  public static final String DOMAIN = "dev.falconer";

  private Packing() {}

  /**
   * Returns a model that computes the same with operators of {@link #DOMAIN}, its inputs and
   * outputs the same. In float32 results differ by rounding; in int8 by what rounding weights and
   * activations costs. Metadata stay.
   *
   * @param candidate plain ONNX of any form; axes of inputs that are declared tell which tensors
   *     rows share
   */
  public static Packed of(Model candidate, PackOptions options) {
    return of(candidate, options, Calibration.NONE);
  }

  /**
   * Returns a model as the other method does.
   *
   * @param calibration of the same graph; int8 then rounds by what rows look like
   */
  public static Packed of(Model candidate, PackOptions options, Calibration calibration) {
    Facts facts = Facts.of(candidate);
    Finder.Found found = Finder.find(facts);
    List<PackReport.Left> left = LeftAlone.of(facts, found.taken());
    if (found.pieces().isEmpty()) {
      return new Packed(candidate, new PackReport(List.of(), left));
    }
    var writing = new Writing(facts, options, calibration);
    Map<String, Long> opsets = new TreeMap<>(candidate.opsets());
    opsets.put(DOMAIN, 1L);
    Model written =
        new Model(
            writing.written(found.pieces()), candidate.irVersion(), opsets, candidate.metadata());
    return new Packed(new RemoveDead().apply(written), new PackReport(writing.report(), left));
  }
}

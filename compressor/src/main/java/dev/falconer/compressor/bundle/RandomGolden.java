package dev.falconer.compressor.bundle;

import dev.falconer.compressor.onnx.Model;
import dev.falconer.compressor.onnx.TensorData;
import dev.falconer.compressor.split.RequestMaker;
import dev.falconer.compressor.split.SplitModel;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;

/** Golden feeds of a model that comes without a log: valid ids, random values. */
public final class RandomGolden {
  private static final long[] CANDIDATES = {1, 2, 7, 64};

  private RandomGolden() {}

  /** Returns feeds of one user each, over history lengths from the shortest to the longest. */
  public static List<Map<String, TensorData>> feeds(Model whole, SplitModel split, long seed) {
    var maker = RequestMaker.of(whole.graph(), split);
    var random = new Random(seed);
    long shortest = Manifests.historyMin(whole.graph(), split);
    long longest = split.historyMax();
    var feeds = new ArrayList<Map<String, TensorData>>();
    for (long events : new long[] {shortest, Math.ceilDiv(shortest + longest, 2), longest}) {
      for (long candidates : CANDIDATES) {
        feeds.add(maker.make(candidates, events, random));
      }
    }
    return feeds;
  }
}

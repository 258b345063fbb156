package dev.falconer.compressor.split;

import dev.falconer.compressor.axes.Analysis;
import dev.falconer.compressor.axes.Colour;
import dev.falconer.compressor.axes.Layout;
import dev.falconer.compressor.axes.Poly;
import dev.falconer.compressor.axes.Roles;
import dev.falconer.compressor.axes.Roles.Role;
import dev.falconer.compressor.axes.SplitRefusal;
import dev.falconer.compressor.onnx.Graph;
import dev.falconer.compressor.onnx.Model;
import dev.falconer.compressor.onnx.Node;
import dev.falconer.compressor.onnx.Runner;
import dev.falconer.compressor.onnx.TensorData;
import dev.falconer.compressor.onnx.ValueInfo;
import dev.falconer.compressor.pass.FixBatch;
import dev.falconer.compressor.pass.FoldConstants;
import dev.falconer.compressor.pass.FoldMasks;
import dev.falconer.compressor.pass.FoldShapes;
import dev.falconer.compressor.pass.FullLength;
import dev.falconer.compressor.pass.NumberValues;
import dev.falconer.compressor.pass.Pass;
import dev.falconer.compressor.pass.RemoveDead;
import dev.falconer.compressor.pass.RemoveIdentities;
import dev.falconer.compressor.pass.RemoveNoOps;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Splits a ranking graph at the frontier of user and candidates.
 *
 * <pre>
 * whole ─ tidy ─ axes and colours ─ distribute ─ cut ─ grow ─ verify ─► user graph + candidate graph
 * </pre>
 *
 * Source: the plan of MaRI (arXiv 2602.23105) for products of mixed inputs; append-form attention
 * of arXiv 2412.06924.
 */
public final class Splitter {
  /** Less than this share of the work saved is not worth two graphs. */
  private static final double SMALLEST_GAIN = 0.05;

  private static final long DEFAULT_HISTORY = 100;

  private final Runner.Factory runners;

  /** Makes a splitter that computes constants and checks its results by the given runtime. */
  public Splitter(Runner.Factory runners) {
    this.runners = runners;
  }

  /**
   * What to do beside the graph itself.
   *
   * @param historyMax longest history in events; 0 to read it from the position table
   * @param requests real requests to verify with: inputs of the whole graph for one user each
   * @param seed of the random requests
   * @param force split even when little is saved
   */
  public record Options(
      long historyMax, List<Map<String, TensorData>> requests, long seed, boolean force) {
    /** Verifies with random requests alone. */
    public static final Options DEFAULT = new Options(0, List.of(), 7, false);

    /** Copies the list. */
    public Options {
      requests = List.copyOf(requests);
    }

    /** Returns options with real requests. */
    public Options withRequests(List<Map<String, TensorData>> real) {
      return new Options(historyMax, real, seed, force);
    }

    /** Returns options with a longest history. */
    public Options withHistoryMax(long events) {
      return new Options(events, requests, seed, force);
    }
  }

  /**
   * Returns both halves, verified.
   *
   * @throws SplitRefusal when the graph can't be split, or need not be
   */
  public SplitModel split(Model whole, Roles roles, Options options) {
    Layout layout = Layout.of(whole.graph(), roles);
    if (roles.inputs(whole.graph(), Role.USER).isEmpty()) {
      throw noGain(null, "no input is the user's: nothing can be computed once per user");
    }
    Model tidy = tidy(whole, roles, layout);
    Analysis analysis = Analysis.of(tidy, roles, layout);
    Cut.Halves halves = new Cut(tidy, analysis, roles, layout).halves();
    long historyMax = options.historyMax() > 0 ? options.historyMax() : historyMax(tidy);
    Flops flops = flops(whole, tidy, analysis, roles, layout, historyMax);
    if (!options.force() && (halves.state().isEmpty() || flops.shareSaved() < SMALLEST_GAIN)) {
      throw noGain(
          firstLarge(tidy.graph(), analysis),
          "only %.1f %% of the work does not depend on the candidate"
              .formatted(100 * flops.shareSaved()));
    }
    var split =
        new SplitModel(
            halves.user(),
            halves.candidate(),
            roles,
            layout,
            halves.state(),
            Growth.refused("not tried"),
            flops,
            historyMax,
            Double.NaN,
            List.of(),
            analysis.fixed());
    double error = Verifier.verify(split, whole, runners, options.requests(), options.seed());
    return split.checked(error, List.of());
  }

  private Model tidy(Model whole, Roles roles, Layout layout) {
    Model once = new FullLength(roles).run(new FixBatch(layout).run(whole));
    return Pass.untilStable(
        once,
        List.of(
            new RemoveIdentities(),
            new FoldConstants(roles, layout, runners),
            new FoldShapes(roles, layout),
            new FoldMasks(roles, layout),
            new RemoveNoOps(roles, layout),
            new NumberValues(),
            new RemoveDead()));
  }

  private static Flops flops(
      Model whole, Model tidy, Analysis analysis, Roles roles, Layout layout, long historyMax) {
    Model fixed = new FixBatch(layout).run(whole);
    Analysis original = Analysis.of(fixed, roles, layout);
    Map<String, Poly> single = Map.of(layout.rows(), Poly.ONE);
    Map<String, Long> before = lengths(original, fixed, layout, historyMax);
    double all = sum(Flops.byColour(fixed.graph(), original, before, single));
    Graph live = new RemoveDead().run(fixed).graph();
    double read = sum(Flops.byColour(live, original, before, single));
    Map<String, Long> lengths = lengths(analysis, tidy, layout, historyMax);
    Map<Colour, Double> after = Flops.byColour(tidy.graph(), analysis, lengths, single);
    return new Flops(
        all - read,
        after.getOrDefault(Colour.USER, 0.0),
        after.getOrDefault(Colour.CONTEXT, 0.0) + after.getOrDefault(Colour.CONSTANT, 0.0),
        after.getOrDefault(Colour.CANDIDATE, 0.0) / Flops.REFERENCE_CANDIDATES);
  }

  private static double sum(Map<Colour, Double> sums) {
    return sums.values().stream().mapToDouble(Double::doubleValue).sum();
  }

  private static Map<String, Long> lengths(
      Analysis analysis, Model model, Layout layout, long historyMax) {
    var lengths = new HashMap<String, Long>();
    for (ValueInfo input : model.graph().inputs()) {
      analysis
          .get(input.name())
          .axes()
          .forEach(
              axis -> axis.length().symbols().forEach(symbol -> lengths.put(symbol, historyMax)));
    }
    lengths.put(layout.rows(), Flops.REFERENCE_CANDIDATES);
    return lengths;
  }

  /** Returns the rows of the smallest table that is read by position, or a hundred. */
  private static long historyMax(Model model) {
    Graph graph = model.graph();
    var producers = graph.producers();
    long rows = Long.MAX_VALUE;
    for (Node node : graph.nodes()) {
      Node positions = node.is("Gather") ? producers.get(node.input(1)) : null;
      TensorData table = graph.initializers().get(node.input(0));
      if (positions != null && positions.is("Range") && table != null) {
        rows = Math.min(rows, table.shape().dim(0));
      }
    }
    return rows == Long.MAX_VALUE ? DEFAULT_HISTORY : rows;
  }

  private static @org.jspecify.annotations.Nullable Node firstLarge(
      Graph graph, Analysis analysis) {
    var large = new ArrayList<Node>();
    for (Node node : graph.nodes()) {
      boolean product = node.is("MatMul") || node.is("Gemm");
      if (product && analysis.get(node.output()).colour() == Colour.CANDIDATE) {
        large.add(node);
      }
    }
    return large.isEmpty() ? null : large.getFirst();
  }

  private static SplitRefusal noGain(@org.jspecify.annotations.Nullable Node node, String reason) {
    return new SplitRefusal(
        SplitRefusal.Code.NO_GAIN,
        node,
        -1,
        reason,
        "serve it whole, or split it all the same with --force");
  }
}

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
import dev.falconer.compressor.pass.DistributeProducts;
import dev.falconer.compressor.pass.ExpandFunctions;
import dev.falconer.compressor.pass.ExpandGemm;
import dev.falconer.compressor.pass.FixBatch;
import dev.falconer.compressor.pass.FixLengths;
import dev.falconer.compressor.pass.FoldConstants;
import dev.falconer.compressor.pass.FoldMasks;
import dev.falconer.compressor.pass.FoldShapes;
import dev.falconer.compressor.pass.FreeBatch;
import dev.falconer.compressor.pass.FullLength;
import dev.falconer.compressor.pass.GatherTerms;
import dev.falconer.compressor.pass.Grow;
import dev.falconer.compressor.pass.InlineControl;
import dev.falconer.compressor.pass.NameSqueezedAxes;
import dev.falconer.compressor.pass.NumberValues;
import dev.falconer.compressor.pass.Pass;
import dev.falconer.compressor.pass.RaiseOpset;
import dev.falconer.compressor.pass.RemoveDead;
import dev.falconer.compressor.pass.RemoveIdentities;
import dev.falconer.compressor.pass.RemoveNoOps;
import dev.falconer.compressor.pass.SeparateAxes;
import dev.falconer.compressor.pass.SinkConcats;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.Predicate;

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
  private final Runner.Factory checking;

  /** Makes a splitter that computes constants and checks its results by the given runtime. */
  public Splitter(Runner.Factory runners) {
    this(runners, runners);
  }

  /**
   * Makes a splitter.
   *
   * @param constants computes constants
   * @param checking runs whole graphs and halves; tries empty histories if it survives them
   */
  public Splitter(Runner.Factory constants, Runner.Factory checking) {
    this.runners = constants;
    this.checking = checking;
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
    return verified(plan(whole, roles, options), options);
  }

  /**
   * Returns both halves, unverified.
   *
   * @throws SplitRefusal when the graph can't be split, or need not be
   */
  public Plan plan(Model whole, Roles roles, Options options) {
    Layout layout = Layout.of(whole.graph(), roles);
    if (roles.inputs(whole.graph(), Role.USER).isEmpty()) {
      throw noGain(null, "no input is the user's: nothing can be computed once per user");
    }
    Model free = new FreeBatch(layout).run(whole);
    Model plain = plain(free, roles, layout);
    Analysis first = Analysis.of(plain, roles, layout);
    var declare = new FixLengths(first.fixed());
    Model declared = declare.run(plain);
    Model tidy = distributed(declared, roles, layout);
    Analysis analysis = Analysis.of(tidy, roles, layout);
    Cut.Halves halves = new Cut(tidy, analysis, roles, layout).halves();
    long historyMax = options.historyMax() > 0 ? options.historyMax() : historyMax(tidy);
    Flops flops = flops(declared, tidy, analysis, halves, roles, layout, historyMax);
    if (halves.state().isEmpty()) {
      throw new SplitRefusal(
          SplitRefusal.Code.NO_GAIN,
          null,
          -1,
          "no output depends on what the user's columns hold",
          "serve it whole (--whole), or check the roles");
    }
    double gain = gain(flops, tidy, analysis, halves, layout, historyMax);
    if (!options.force() && (halves.state().isEmpty() || gain < SMALLEST_GAIN)) {
      throw noGain(
          firstLarge(tidy.graph(), analysis),
          "only %.1f %% of the work does not depend on the candidate".formatted(100 * gain));
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
            historyMin(first, analysis, tidy),
            historyMax,
            Double.NaN,
            notes(first),
            first.fixed());
    return new Plan(split, declare.run(free), tidy, analysis);
  }

  /**
   * Returns the model to be served as it is, verified: every candidate is scored by itself,
   * whatever stands beside it. For models that gain nothing by a split.
   *
   * @throws SplitRefusal when candidates mix, by the rules or on random requests
   */
  public SplitModel unsplit(Model whole, Roles roles, Options options) {
    Layout layout = Layout.of(whole.graph(), roles);
    Model free = new FreeBatch(layout).run(whole);
    Model plain = plain(free, roles, layout);
    Analysis analysis = Analysis.of(plain, roles, layout);
    Graph graph = free.graph();
    var none =
        new Graph(graph.name(), roles.inputs(graph, Role.USER), List.of(), Map.of(), List.of());
    long historyMax = options.historyMax() > 0 ? options.historyMax() : historyMax(plain);
    Map<String, Long> lengths = lengths(analysis, plain, layout, historyMax);
    double work =
        Flops.sum(plain.graph(), analysis, lengths, Map.of(), _ -> true)
            / Flops.REFERENCE_CANDIDATES;
    var split =
        new SplitModel(
            free.withGraph(none),
            free,
            roles,
            layout,
            List.of(),
            Growth.refused("nothing is kept per user"),
            new Flops(0, 0, 0, work),
            historyMin(analysis, analysis, plain),
            historyMax,
            Double.NaN,
            notes(analysis),
            analysis.fixed());
    return split.checked(
        Verifier.verify(split, free, checking, options.requests(), options.seed()));
  }

  /** Returns a graph of operators that have rules, if there are such. */
  static Model plain(Model whole, Roles roles, Layout layout) {
    Model followed = new InlineControl(roles, layout).run(new FixBatch(layout).run(whole));
    Model expanded = new ExpandFunctions(roles, layout).run(followed);
    return new NameSqueezedAxes(roles, layout).run(new RaiseOpset(roles, layout).run(expanded));
  }

  /**
   * Returns a plan's halves, verified.
   *
   * @throws SplitRefusal {@code verify-failed} when they don't give the whole's scores
   */
  public SplitModel verified(Plan plan, Options options) {
    Model whole = plan.whole();
    SplitModel grown = grown(plan.split(), whole, options.seed());
    return grown.checked(
        Verifier.verify(grown, whole, checking, options.requests(), options.seed()));
  }

  /**
   * Returns the fewest events that can be scored: what operators need, and one where an empty
   * history would leave a product that sums over nothing. Of that the runtime gives what memory
   * held. Where it dies of another empty axis, the check finds out.
   */
  private static long historyMin(Analysis whole, Analysis analysis, Model tidy) {
    long needed =
        whole.shortest().stream().mapToLong(Analysis.ShortestLength::value).max().orElse(0);
    return Math.max(needed, multipliesNothing(tidy.graph(), analysis) ? 1 : 0);
  }

  /** Returns whether a product sums over nothing when the history is empty. */
  private static boolean multipliesNothing(Graph graph, Analysis analysis) {
    return graph.nodes().stream()
        .filter(node -> node.is("MatMul") || node.is("Gemm"))
        .map(
            node -> analysis.get(node.input(0)).axis(node.intAttribute("transA", 0) == 1 ? -2 : -1))
        .filter(axis -> !axis.hasRows())
        .anyMatch(axis -> axis.length().at(Map.of()) == 0);
  }

  private static List<String> notes(Analysis analysis) {
    return analysis.shortest().stream()
        .map(each ->
            "node \"%s\" reads the first or last %d of \"%s\": shorter histories are not scored"
                .formatted(each.node(), each.value(), each.length()))
        .toList();
  }

  /** Returns the split whose user graph takes a past, if that gives the same states. */
  private SplitModel grown(SplitModel split, Model whole, long seed) {
    SplitModel grown;
    try {
      grown = growing(split);
    } catch (Grow.CannotGrow e) {
      return split.grown(split.user(), Growth.refused(e.reason()));
    }
    double difference = GrowthCheck.largestDifference(grown, whole, checking, seed);
    return difference <= GrowthCheck.TOLERANCE
        ? grown
        : split.grown(
            split.user(),
            Growth.refused(
                "a history encoded in pieces differs by %.1e from the same encoded at once: events"
                        .formatted(difference)
                    + " see later ones, or positions don't count from the start"));
  }

  /** Returns the split whose user graph takes a past, unchecked. */
  static SplitModel growing(SplitModel split) {
    var targets = new ArrayList<Grow.Target>();
    for (StateTensor tensor : split.state()) {
      targets.add(
          new Grow.Target(
              tensor.name(),
              Growth.pastOf(tensor.name()),
              tensor.dtype(),
              Objects.requireNonNull(tensor.info().dims()),
              tensor.historyAxis(),
              tensor.historyExtra()));
    }
    // The user graph serves one user: no axis of it counts candidates.
    var one = new Layout(Layout.Form.GROUPED, split.layout().rows());
    Model user = new Grow(targets, split.roles(), one).run(split.user());
    return split.grown(
        user, new Growth(true, "", targets.stream().map(Grow.Target::past).toList()));
  }

  /** Returns the whole graph without rows that nobody reads: what a better exporter would write. */
  public Model trimmed(Model whole, Roles roles) {
    Layout layout = Layout.of(whole.graph(), roles);
    Model plain = new RaiseOpset(roles, layout).run(new FixBatch(layout).run(whole));
    return Pass.untilStable(
        tidy(new FullLength(roles).run(plain), roles, layout),
        List.of(new SinkConcats(roles, layout), new RemoveDead()));
  }

  private Model distributed(Model plain, Roles roles, Layout layout) {
    Model once = tidy(new FullLength(roles).run(plain), roles, layout);
    Model products = tidy(new ExpandGemm().run(once), roles, layout);
    Model separate = new SeparateAxes(roles, layout).run(products);
    Model apart =
        Pass.untilStable(
            tidy(separate, roles, layout),
            List.of(
                new SinkConcats(roles, layout),
                new DistributeProducts(roles, layout),
                new RemoveDead()));
    return tidy(new GatherTerms(roles, layout).run(apart), roles, layout);
  }

  private Model tidy(Model model, Roles roles, Layout layout) {
    return Pass.untilStable(
        model,
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
      Model fixed,
      Model tidy,
      Analysis analysis,
      Cut.Halves halves,
      Roles roles,
      Layout layout,
      long historyMax) {
    Analysis original = Analysis.of(fixed, roles, layout);
    Map<String, Poly> single = Map.of(layout.rows(), Poly.ONE);
    Map<String, Long> before = lengths(original, fixed, layout, historyMax);
    Map<String, Long> lengths = lengths(analysis, tidy, layout, historyMax);
    Set<String> users = written(halves.user());
    Set<String> candidates = written(halves.candidate());
    Predicate<Node> perCandidate =
        node -> analysis.get(Flops.written(node)).colour() == Colour.CANDIDATE;
    double whole =
        Flops.sum(fixed.graph(), original, before, Map.of(), _ -> true)
            / Flops.REFERENCE_CANDIDATES;
    double user =
        Flops.sum(
            tidy.graph(), analysis, lengths, single, node -> users.contains(Flops.written(node)));
    double request =
        Flops.sum(
            tidy.graph(),
            analysis,
            lengths,
            single,
            node -> candidates.contains(Flops.written(node)) && !perCandidate.test(node));
    double candidate =
        Flops.sum(tidy.graph(), analysis, lengths, single, perCandidate)
            / Flops.REFERENCE_CANDIDATES;
    return new Flops(Math.max(0, whole - user - request - candidate), user, request, candidate);
  }

  /** Returns the share saved of a row's work and look-ups: a long history is many look-ups. */
  private static double gain(
      Flops flops,
      Model tidy,
      Analysis analysis,
      Cut.Halves halves,
      Layout layout,
      long historyMax) {
    Map<String, Poly> single = Map.of(layout.rows(), Poly.ONE);
    Map<String, Long> lengths = lengths(analysis, tidy, layout, historyMax);
    Set<String> users = written(halves.user());
    Predicate<Node> perUser = node -> users.contains(node.output());
    double once = Flops.lookups(tidy.graph(), analysis, lengths, single, perUser);
    double each =
        Flops.lookups(tidy.graph(), analysis, lengths, single, perUser.negate())
            / Flops.REFERENCE_CANDIDATES;
    double saved = flops.unread() + flops.perUser() + once;
    double all = saved + flops.perRequest() + flops.perCandidate() + each;
    return all == 0 ? 0 : saved / all;
  }

  private static Set<String> written(Model model) {
    return model.graph().producers().keySet();
  }

  static Map<String, Long> lengths(Analysis analysis, Model model, Layout layout, long historyMax) {
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
  static long historyMax(Model model) {
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
        "serve it whole (--whole), or split it all the same with --force");
  }
}

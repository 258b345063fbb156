package dev.falconer.compressor.split;

import dev.falconer.compressor.axes.Layout;
import dev.falconer.compressor.axes.Roles.Role;
import dev.falconer.compressor.axes.SplitRefusal;
import dev.falconer.compressor.onnx.Graph;
import dev.falconer.compressor.onnx.Model;
import dev.falconer.compressor.onnx.NumericTensor;
import dev.falconer.compressor.onnx.Runner;
import dev.falconer.compressor.onnx.TensorData;
import dev.falconer.compressor.onnx.Tensors;
import dev.falconer.compressor.onnx.ValueInfo;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import java.util.function.Function;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * Runs both halves against the whole graph, which scores each candidate by itself: every candidate
 * of every request must get that score, among others and from the halves.
 *
 * <p>The three sessions are open one after another, so that a model is in memory once. Requests are
 * taken {@value #GROUP} at a time: their states are kept until the candidates' graph reads them.
 */
public final class Verifier {
  private static final int GROUP = 32;

  /** New values tried for each column: one of few ids is often drawn again. */
  private static final int DRAWS = 8;

  private final SplitModel split;
  private final Model whole;
  private final Runner.Factory runners;
  private final Closeness closeness;
  private final Rows rows;
  private final RequestMaker maker;
  private final Cases cases;
  private final List<Logits> logits = new ArrayList<>();
  private final LinkedHashSet<String> notes = new LinkedHashSet<>();
  private long historyMin;
  private double largest;

  private Verifier(SplitModel split, Model whole, Runner.Factory runners) {
    this.split = split;
    this.whole = whole;
    this.runners = runners;
    this.closeness = new Closeness(whole);
    this.rows = new Rows(whole.graph(), split);
    this.maker = RequestMaker.of(whole.graph(), split);
    this.cases = new Cases(split, whole.graph(), rows, maker, runners.survivesDeath());
    this.historyMin = split.historyMin();
    for (ValueInfo output : whole.graph().outputs()) {
      var ours = Closeness.beforeScore(whole.graph(), output.name());
      var theirs = Closeness.beforeScore(split.candidate().graph(), output.name());
      if (ours.isPresent() && theirs.isPresent()) {
        logits.add(new Logits(output, ours.get(), theirs.get()));
      }
    }
  }

  /**
   * What the check saw.
   *
   * @param largest difference of a score; of any output where none is a score
   * @param historyMin fewest events that both can score
   * @param notes lengths that could not be run
   */
  public record Verdict(double largest, long historyMin, List<String> notes) {
    /** Copies the list. */
    public Verdict {
      notes = List.copyOf(notes);
    }
  }

  /**
   * Returns what the given and random requests show.
   *
   * @param requests inputs of the whole graph for one user each; the halves read a padded history
   *     cut to its length
   * @param seed of the random requests
   * @throws SplitRefusal {@code verify-failed}, naming the first tensor that differs
   */
  public static Verdict verify(
      SplitModel split,
      Model whole,
      Runner.Factory runners,
      List<Map<String, TensorData>> requests,
      long seed) {
    var verifier = new Verifier(split, whole, runners);
    verifier.verify(requests, seed);
    if (!runners.survivesDeath() && split.layout().form() == Layout.Form.ROW_WISE) {
      verifier.historyMin = Math.max(1, verifier.historyMin); // not tried: it may kill
    }
    return new Verdict(verifier.largest, verifier.historyMin, List.copyOf(verifier.notes));
  }

  /** What stands before the final sigmoid or softmax of an output, in both graphs. */
  private record Logits(ValueInfo output, String whole, String candidate) {}

  private void verify(List<Map<String, TensorData>> requests, long seed) {
    var random = new Random(seed);
    String drawn = "random request, seed " + seed;
    var all = new ArrayList<Case>();
    for (int i = 0; i < requests.size(); i++) {
      all.add(cases.of("request " + i + " of the data", requests.get(i)));
    }
    all.addAll(cases.drawn(drawn, random));
    all.addAll(sensitive(drawn, random));
    for (int from = 0; from < all.size(); from += GROUP) {
      compare(all.subList(from, Math.min(all.size(), from + GROUP)));
    }
  }

  /**
   * Returns a request, and the same with one user's and with one candidate's column changed, each
   * of which changes the whole graph's outputs, or what stands before a saturated one.
   */
  private List<Case> sensitive(String drawn, RandomGenerator random) {
    long events = cases.someEvents();
    Map<String, TensorData> request = maker.make(2, events, random);
    var found = new ArrayList<Case>();
    found.add(cases.of(drawn, request));
    try (var session = new Session(shown(whole, Logits::whole), runners)) {
      List<Map<String, TensorData>> before = mustRun(session, found.getFirst());
      for (Role role : List.of(Role.USER, Role.CANDIDATE)) {
        if (split.isWhole() && split.roles().inputs(whole.graph(), role).isEmpty()) {
          continue; // nobody said whose the columns are
        }
        found.add(changed(session, before, request, role, events, random));
      }
    }
    return found;
  }

  private Case changed(
      Session session,
      List<Map<String, TensorData>> before,
      Map<String, TensorData> request,
      Role role,
      long events,
      RandomGenerator random) {
    List<String> columns =
        split.roles().inputs(whole.graph(), role).stream().map(ValueInfo::name).toList();
    for (int draw = 0; draw < DRAWS; draw++) {
      for (String column : columns) {
        Case changed =
            cases.of(
                "random request with another \"" + column + "\"",
                maker.withNew(request, column, 2, events, random));
        if (!mustRun(session, changed).equals(before)) {
          return changed;
        }
      }
    }
    throw new SplitRefusal(
        SplitRefusal.Code.VERIFY_FAILED,
        null,
        -1,
        "no %s column of %s changes a score on random requests"
            .formatted(role.name().toLowerCase(Locale.ROOT), columns),
        "check the roles");
  }

  private void compare(List<Case> cases) {
    var expected = new LinkedHashMap<Case, List<Map<String, TensorData>>>();
    try (var session = new Session(shown(whole, Logits::whole), runners)) {
      for (Case each : cases) {
        if (!isTooShort(each)) {
          expect(session, each, expected);
        }
      }
    }
    if (split.isWhole()) {
      return;
    }
    var states = new LinkedHashMap<Case, Map<String, TensorData>>();
    try (var session = new Session(split.user(), runners)) {
      expected
          .keySet()
          .forEach(each -> {
            Map<String, TensorData> state =
                half(session, "user", each, States.fresh(split, each.trimmed()));
            if (state != null) {
              states.put(each, state);
            }
          });
    }
    try (var session = new Session(shown(split.candidate(), Logits::candidate), runners)) {
      states.forEach((each, state) -> {
        Map<String, TensorData> got =
            isTooShort(each)
                ? null
                : half(session, "candidate", each, candidateFeeds(each.trimmed(), state));
        if (got != null) {
          check(each, expected.getOrDefault(each, List.of()), got, Logits::candidate, "");
        }
      });
    }
  }

  private boolean isTooShort(Case each) {
    return each.empty() && historyMin > 0;
  }

  /** Adds the whole graph's results, row by row; leaves out what it can't run by itself. */
  private void expect(
      Session session, Case each, Map<Case, List<Map<String, TensorData>>> expected) {
    List<Map<String, TensorData>> alone;
    if (each.empty()) {
      try {
        alone = alone(session, each);
      } catch (IllegalArgumentException e) {
        tooShort("the whole graph cannot score an empty history: " + e.getMessage());
        return;
      }
      if (!alone.stream().allMatch(Verifier::isFinite)) {
        tooShort("the whole graph gives no number for an empty history, as a mean over nothing");
        return;
      }
    } else {
      alone = mustRun(session, each);
    }
    expected.put(each, alone);
    if (alone.size() == 1) {
      return;
    }
    Map<String, TensorData> among;
    try {
      among = session.run(rows.feeds(each.request()));
    } catch (IllegalArgumentException e) {
      if (!(e instanceof Runner.Died)) {
        notes.add("the whole graph runs one candidate at a time only: " + e.getMessage());
      }
      return;
    }
    check(each, alone, among, Logits::whole, "the whole graph itself: ");
  }

  private List<Map<String, TensorData>> mustRun(Session session, Case each) {
    try {
      return alone(session, each);
    } catch (IllegalArgumentException e) {
      throw new SplitRefusal(
          SplitRefusal.Code.VERIFY_FAILED,
          null,
          -1,
          "the whole graph does not run (%s): %s".formatted(each.what(), e.getMessage()),
          "give real requests with --data, and check the roles");
    }
  }

  /** Returns the outputs for each candidate by itself, its row first where it stands twice. */
  private List<Map<String, TensorData>> alone(Session session, Case each) {
    var alone = new ArrayList<Map<String, TensorData>>();
    for (long row = 0; row < rows.count(each.request()); row++) {
      Map<String, TensorData> one = rows.one(each.request(), row);
      Map<String, TensorData> outputs =
          split.layout().form() == Layout.Form.GROUPED ? session.run(one) : single(session, one);
      alone.add(outputs);
    }
    return alone;
  }

  /**
   * Returns the outputs of one row; of the first of two where one alone fails or loses its axis.
   */
  private Map<String, TensorData> single(Session session, Map<String, TensorData> one) {
    try {
      Map<String, TensorData> outputs = session.run(rows.feeds(one));
      if (outputs.values().stream().allMatch(this::isOneRow)) {
        return outputs;
      }
    } catch (Runner.Died e) {
      throw e;
    } catch (IllegalArgumentException neverOneRow) {
      // Two rows may do.
    }
    var first = new LinkedHashMap<String, TensorData>();
    session
        .run(rows.twice(one))
        .forEach((name, both) -> first.put(name, Tensors.slice(both, rows.axis(), 0, 1)));
    return first;
  }

  private boolean isOneRow(TensorData output) {
    return output.shape().rank() > rows.axis() && output.shape().dim(rows.axis()) == 1;
  }

  /** Returns a half's outputs; null where an empty history is too short for it. */
  private @Nullable Map<String, TensorData> half(
      Session session, String which, Case each, Map<String, TensorData> feeds) {
    try {
      return session.run(feeds);
    } catch (IllegalArgumentException e) {
      if (each.empty()) {
        tooShort("the %s graph cannot score an empty history: %s".formatted(which, e.getMessage()));
        return null;
      }
      throw new SplitRefusal(
          SplitRefusal.Code.VERIFY_FAILED,
          null,
          -1,
          "the %s graph does not run (%s): %s".formatted(which, each.what(), e.getMessage()),
          "this is a defect of the splitter: serve the model whole and report it");
    }
  }

  private void tooShort(String why) {
    historyMin = Math.max(1, historyMin);
    notes.add(why);
  }

  private static boolean isFinite(Map<String, TensorData> outputs) {
    return outputs.values().stream()
        .filter(tensor -> tensor.dtype().isFloat())
        .allMatch(tensor ->
            Arrays.stream(((NumericTensor) tensor).toDoubles()).allMatch(Double::isFinite));
  }

  private Map<String, TensorData> candidateFeeds(
      Map<String, TensorData> request, Map<String, TensorData> state) {
    var feeds = new LinkedHashMap<String, TensorData>();
    for (ValueInfo input : split.candidate().graph().inputs()) {
      TensorData fromState = state.get(input.name());
      feeds.put(input.name(), fromState == null ? Rows.get(request, input.name()) : fromState);
    }
    return feeds;
  }

  private void check(
      Case each,
      List<Map<String, TensorData>> alone,
      Map<String, TensorData> got,
      Function<Logits, String> gotName,
      String who) {
    boolean anyScore =
        whole.graph().outputs().stream()
            .anyMatch(output -> Closeness.beforeScore(whole.graph(), output.name()).isPresent());
    for (ValueInfo output : whole.graph().outputs()) {
      String name = output.name();
      boolean score = Closeness.beforeScore(whole.graph(), name).isPresent();
      double difference = compared(each, alone, name, got, name, score, who);
      if (score || !anyScore) {
        largest = Math.max(largest, difference);
      }
    }
    for (Logits before : logits) {
      TensorData ours = Rows.get(got, gotName.apply(before));
      if (sameAxes(Rows.get(alone.getFirst(), before.whole), ours)) {
        compared(each, alone, before.whole, got, gotName.apply(before), false, who);
      }
    }
  }

  private boolean sameAxes(TensorData one, TensorData all) {
    return one.shape().rank() == all.shape().rank()
        && one.shape().rank() > rows.axis()
        && one.shape().size() * all.shape().dim(rows.axis()) == all.shape().size();
  }

  private double compared(
      Case each,
      List<Map<String, TensorData>> alone,
      String name,
      Map<String, TensorData> got,
      String gotName,
      boolean score,
      String who) {
    TensorData all = Rows.get(got, gotName);
    double seen = 0;
    for (int row = 0; row < alone.size(); row++) {
      TensorData want = Rows.get(alone.get(row), name);
      boolean hasRow =
          all.shape().rank() > rows.axis() && all.shape().dim(rows.axis()) == alone.size();
      Closeness.Result result =
          hasRow
              ? closeness.compare(want, Tensors.slice(all, rows.axis(), row, row + 1L), score)
              : Closeness.Result.failed(
                  "has shape %s for %d candidates".formatted(all.shape(), alone.size()));
      if (!result.isNear()) {
        throw failed(each, name, who + "row " + row + " " + result.problem());
      }
      seen = Math.max(seen, result.largest());
    }
    return seen;
  }

  private SplitRefusal failed(Case each, String output, String what) {
    String first =
        new Divergence(split, whole, runners).first(rows.feeds(each.request()), each.trimmed());
    return new SplitRefusal(
        SplitRefusal.Code.VERIFY_FAILED,
        whole.graph().producers().get(output),
        -1,
        "output \"%s\", %s (%s); %s".formatted(output, what, each.what(), first),
        "this is a defect of the splitter: serve the model whole and report it");
  }

  private Model shown(Model model, Function<Logits, String> name) {
    Graph graph = model.graph();
    var values = new LinkedHashMap<String, ValueInfo>();
    for (Logits each : logits) {
      String value = name.apply(each);
      values.put(value, new ValueInfo(value, each.output.dtype(), null));
    }
    graph.outputs().forEach(output -> values.remove(output.name()));
    return values.isEmpty() ? model : model.withGraph(showing(graph, List.copyOf(values.values())));
  }

  /** Returns the graph with more of its values as outputs. */
  static Graph showing(Graph graph, List<ValueInfo> values) {
    var outputs = new ArrayList<>(graph.outputs());
    outputs.addAll(values);
    return new Graph(graph.name(), graph.inputs(), outputs, graph.initializers(), graph.nodes());
  }
}

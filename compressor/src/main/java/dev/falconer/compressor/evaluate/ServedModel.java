package dev.falconer.compressor.evaluate;

import dev.falconer.bundle.ManifestFile;
import dev.falconer.compressor.data.Inputs;
import dev.falconer.compressor.onnx.DType;
import dev.falconer.compressor.onnx.NumericTensor;
import dev.falconer.compressor.onnx.Runner;
import dev.falconer.compressor.onnx.Shape;
import dev.falconer.compressor.onnx.TensorData;
import dev.falconer.v1.ColumnSpec;
import dev.falconer.v1.Manifest;
import dev.falconer.v1.Role;
import dev.falconer.v1.StateTensor;
import dev.falconer.v1.Variant;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * A bundle run as the server runs it: per request the user graph on the unpadded history, then the
 * candidate graph on micro-batches of candidates over that state. Takes the whole graph's batches
 * and gives its score output.
 */
public final class ServedModel implements Runner {
  private final Manifest manifest;
  private final List<OrtRunner> graphs;
  private final boolean isSplit;

  private ServedModel(Manifest manifest, List<OrtRunner> graphs, boolean isSplit) {
    this.manifest = manifest;
    this.graphs = List.copyOf(graphs);
    this.isSplit = isSplit;
  }

  /**
   * Opens a variant of a bundle.
   *
   * @param folder version folder
   * @param variant name of the candidate graph, such as plain or int8; empty for the served one.
   *     Not read where the bundle has no user graph
   */
  public static ServedModel open(Path folder, String variant) {
    Manifest manifest = ManifestFile.read(folder);
    if (manifest.getGraphs().getUser().isEmpty()) {
      var whole = OrtRunner.open(folder.resolve(manifest.getGraphs().getWhole()), 1);
      return new ServedModel(manifest, List.of(whole), false);
    }
    Variant served = variant(manifest, variant);
    OrtRunner user = OrtRunner.open(folder.resolve(user(manifest, served)), 1);
    OrtRunner candidate = OrtRunner.open(folder.resolve(served.getFile()), 1);
    return new ServedModel(manifest, List.of(user, candidate), true);
  }

  /** Returns the file of the user graph that gives a variant's state. */
  public static String user(Manifest manifest, Variant variant) {
    return variant.getUser().isEmpty() ? manifest.getGraphs().getUser() : variant.getUser();
  }

  private static Variant variant(Manifest manifest, String variant) {
    String wanted = variant.isEmpty() ? manifest.getGraphs().getServed() : variant;
    List<Variant> all = manifest.getGraphs().getCandidateList();
    return all.stream()
        .filter(each -> each.getName().equals(wanted))
        .findFirst()
        .orElseThrow(() ->
            new IllegalArgumentException(
                "no variant \"%s\" in the bundle; it has %s"
                    .formatted(wanted, all.stream().map(Variant::getName).toList())));
  }

  /** Returns what the bundle says of itself. */
  public Manifest manifest() {
    return manifest;
  }

  @Override
  public Map<String, TensorData> run(Map<String, TensorData> feeds) {
    TensorData candidates = feeds.get(Inputs.CANDIDATE_ITEM);
    if (candidates == null) {
      throw new IllegalArgumentException("no input " + Inputs.CANDIDATE_ITEM);
    }
    int users = (int) candidates.shape().dim(0);
    int slate = (int) candidates.shape().dim(1);
    var parts = new ArrayList<NumericTensor>();
    for (int user = 0; user < users; user++) {
      parts.addAll(isSplit ? amortised(feeds, user, slate) : List.of(whole(feeds, user, slate)));
    }
    int tasks = manifest.getTasksCount();
    NumericTensor scores = NumericTensor.allocate(DType.FLOAT32, Shape.of(users, slate, tasks));
    long at = 0;
    for (NumericTensor part : parts) {
      scores.bytes().asSlice(at, part.bytes().byteSize()).copyFrom(part.bytes());
      at += part.bytes().byteSize();
    }
    return Map.of(manifest.getScoreOutput(), scores);
  }

  private List<NumericTensor> amortised(Map<String, TensorData> feeds, int user, int slate) {
    Map<String, TensorData> state = graphs.getFirst().run(userFeeds(feeds, user));
    int step = Math.max(1, manifest.getMicroBatch());
    var parts = new ArrayList<NumericTensor>();
    for (int from = 0; from < slate; from += step) {
      Map<String, TensorData> candidate = new HashMap<>(state);
      int rows = Math.min(step, slate - from);
      put(candidate, Role.CANDIDATE, feeds, user, from, rows);
      put(candidate, Role.CONTEXT, feeds, user, 0, 1);
      parts.add(scores(graphs.getLast().run(candidate)));
    }
    return parts;
  }

  private NumericTensor whole(Map<String, TensorData> feeds, int user, int slate) {
    var request = new HashMap<String, TensorData>();
    int events = events(feeds, user);
    put(request, Role.USER, feeds, user, 0, events);
    put(request, Role.CANDIDATE, feeds, user, 0, slate);
    put(request, Role.CONTEXT, feeds, user, 0, 1);
    put(request, Role.LENGTH, feeds, user, 0, 1);
    return scores(graphs.getFirst().run(request));
  }

  private Map<String, TensorData> userFeeds(Map<String, TensorData> feeds, int user) {
    var known = new HashMap<String, TensorData>();
    put(known, Role.USER, feeds, user, 0, events(feeds, user));
    put(known, Role.LENGTH, feeds, user, 0, 1);
    for (int i = 0; i < manifest.getGrowth().getPastInputsCount(); i++) {
      StateTensor state = manifest.getState(i);
      long[] dims = state.getShapeList().stream().mapToLong(dim -> Math.max(0, dim)).toArray();
      known.put(
          manifest.getGrowth().getPastInputs(i),
          NumericTensor.allocate(DType.valueOf(state.getDtype().name()), Shape.of(dims)));
    }
    return known;
  }

  private static int events(Map<String, TensorData> feeds, int user) {
    return feeds.get(Inputs.HISTORY_LENGTH) instanceof NumericTensor lengths
        ? (int) lengths.longAt(user)
        : 0;
  }

  /** Puts one user's rows of all columns of a role, in the shape that a graph of one user takes. */
  private void put(
      Map<String, TensorData> into,
      Role role,
      Map<String, TensorData> feeds,
      int user,
      int from,
      int rows) {
    for (ColumnSpec column : manifest.getColumnsList()) {
      if (column.getRole() == role) {
        TensorData tensor = feeds.get(column.getName());
        if (tensor == null) {
          throw new IllegalArgumentException(
              "the bundle reads a column \"%s\" that the log doesn't give"
                  .formatted(column.getName()));
        }
        boolean isOneRow = role == Role.USER && !column.getHistory();
        into.put(
            column.getName(),
            OneUser.rows(tensor, column, user, isOneRow ? 0 : from, isOneRow ? 1 : rows));
      }
    }
  }

  private NumericTensor scores(Map<String, TensorData> outputs) {
    if (outputs.get(manifest.getScoreOutput()) instanceof NumericTensor scores) {
      return scores;
    }
    throw new IllegalArgumentException(
        "the graph has no output \"" + manifest.getScoreOutput() + "\"");
  }

  @Override
  public void close() {
    graphs.forEach(OrtRunner::close);
  }
}

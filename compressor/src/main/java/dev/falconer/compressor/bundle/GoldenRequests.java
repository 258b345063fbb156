package dev.falconer.compressor.bundle;

import com.google.protobuf.ByteString;
import dev.falconer.bundle.Columns;
import dev.falconer.compressor.onnx.NumericTensor;
import dev.falconer.compressor.onnx.Runner;
import dev.falconer.compressor.onnx.Shape;
import dev.falconer.compressor.onnx.StringTensor;
import dev.falconer.compressor.onnx.TensorData;
import dev.falconer.v1.Column;
import dev.falconer.v1.ColumnSpec;
import dev.falconer.v1.Golden;
import dev.falconer.v1.RankRequest;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.UnaryOperator;

/** Turns feeds of the whole graph, one user each, into requests with the scores it gives them. */
public final class GoldenRequests {
  private final List<ColumnSpec> specs;
  private final String scoreOutput;

  /**
   * Takes a manifest's columns.
   *
   * @param scoreOutput output of the graphs that holds the scores
   */
  public GoldenRequests(List<ColumnSpec> specs, String scoreOutput) {
    this.specs = specs;
    this.scoreOutput = scoreOutput;
  }

  /**
   * Returns a golden request per feed, in order. Padding behind the history's length is cut off.
   *
   * @param wholeFeeds turns a feed into what the whole graph reads
   */
  List<Golden> of(
      String model,
      List<Map<String, TensorData>> feeds,
      Runner whole,
      UnaryOperator<Map<String, TensorData>> wholeFeeds) {
    var golden = new ArrayList<Golden>();
    for (Map<String, TensorData> feed : feeds) {
      var request = RankRequest.newBuilder().setModel(model).setUserKey("golden-" + golden.size());
      Map<String, TensorData> cut = cut(feed);
      for (ColumnSpec spec : specs) {
        TensorData kept = Objects.requireNonNull(cut.get(spec.getName()));
        switch (spec.getRole()) {
          case USER -> request.addHistory(column(spec, kept));
          case CANDIDATE -> request.addCandidate(column(spec, kept));
          case CONTEXT -> request.addRequest(column(spec, kept));
          case LENGTH, ROLE_UNSPECIFIED, UNRECOGNIZED -> {}
        }
      }
      NumericTensor scores = scores(whole.run(wholeFeeds.apply(cut)));
      golden.add(
          Golden.newBuilder()
              .setRequest(request)
              .setScores(ByteString.copyFrom(scores.bytes().asByteBuffer()))
              .build());
    }
    return golden;
  }

  /** Returns the scores among a graph's outputs. */
  NumericTensor scores(Map<String, TensorData> outputs) {
    if (outputs.get(scoreOutput) instanceof NumericTensor scores) {
      return scores;
    }
    throw new IllegalArgumentException(
        "no numeric output \"" + scoreOutput + "\" among " + outputs.keySet());
  }

  /** Returns the columns of a feed without padding behind the history's length. */
  Map<String, TensorData> cut(Map<String, TensorData> feed) {
    var cut = new HashMap<String, TensorData>();
    long events = events(feed);
    for (ColumnSpec spec : specs) {
      TensorData tensor = feed.get(spec.getName());
      if (tensor == null) {
        throw new IllegalArgumentException("the feed lacks \"" + spec.getName() + "\"");
      }
      cut.put(
          spec.getName(),
          spec.getHistory() ? Rows.first(tensor, spec.getLeading(), events) : tensor);
    }
    return cut;
  }

  /** Returns the feeds of the whole graph for a golden request: B = 1. */
  public Map<String, TensorData> feeds(RankRequest request) {
    var columns = new HashMap<String, Column>();
    for (var list :
        List.of(request.getHistoryList(), request.getCandidateList(), request.getRequestList())) {
      list.forEach(column -> columns.put(column.getName(), column));
    }
    var feeds = new HashMap<String, TensorData>();
    long events = 0;
    for (ColumnSpec spec : specs) {
      Column column = columns.get(spec.getName());
      if (column != null) {
        TensorData tensor = Rows.tensor(spec, column);
        feeds.put(spec.getName(), tensor);
        events = spec.getHistory() ? tensor.shape().dim(spec.getLeading()) : events;
      }
    }
    for (ColumnSpec spec : specs) {
      if (spec.getRole() == dev.falconer.v1.Role.LENGTH) {
        feeds.put(spec.getName(), TensorData.vector(events));
      }
    }
    return feeds;
  }

  private long events(Map<String, TensorData> feed) {
    for (ColumnSpec spec : specs) {
      if (spec.getRole() == dev.falconer.v1.Role.LENGTH
          && feed.get(spec.getName()) instanceof NumericTensor length) {
        return length.longAt(0);
      }
    }
    for (ColumnSpec spec : specs) {
      TensorData tensor = feed.get(spec.getName());
      if (spec.getHistory() && tensor != null) {
        return tensor.shape().dim(spec.getLeading());
      }
    }
    return 0;
  }

  private static Column column(ColumnSpec spec, TensorData tensor) {
    long[] row = spec.getRowShapeList().stream().mapToLong(Long::longValue).toArray();
    return switch (tensor) {
      case StringTensor strings -> Columns.strings(spec.getName(), strings.values(), row);
      case NumericTensor numbers ->
          Columns.column(
              spec.getName(),
              spec.getDtype(),
              ByteString.copyFrom(numbers.bytes().asByteBuffer()),
              row);
    };
  }

  /** Rows of tensors of one user. */
  private static final class Rows {
    private Rows() {}

    /** Returns the first rows of a tensor [1, rows, ...] or [rows, ...]. */
    static TensorData first(TensorData tensor, int axis, long rows) {
      long[] dims = tensor.shape().dims();
      long perRow = tensor.shape().size() / Math.max(1, dims[axis]);
      dims[axis] = rows;
      Shape shape = Shape.of(dims);
      return switch (tensor) {
        case StringTensor strings ->
            new StringTensor(shape, strings.values().subList(0, Math.toIntExact(rows * perRow)));
        case NumericTensor numbers ->
            NumericTensor.copied(
                numbers.dtype(),
                shape,
                numbers.bytes().asSlice(0, rows * perRow * numbers.dtype().bytes()));
      };
    }

    static TensorData tensor(ColumnSpec spec, Column column) {
      long perRow = spec.getRowShapeList().stream().reduce(1L, (x, y) -> x * y);
      List<String> strings =
          column.getDtype() == dev.falconer.v1.DataType.STRING
              ? Columns.toStrings(column.getData())
              : List.of();
      int bytes = Columns.elementBytes(column.getDtype());
      long elements = bytes == 0 ? strings.size() : column.getData().size() / bytes;
      var dims = new long[spec.getLeading() + 1 + spec.getRowShapeCount()];
      java.util.Arrays.fill(dims, 1);
      dims[spec.getLeading()] = elements / perRow;
      for (int i = 0; i < spec.getRowShapeCount(); i++) {
        dims[spec.getLeading() + 1 + i] = spec.getRowShape(i);
      }
      Shape shape = Shape.of(dims);
      return bytes == 0
          ? TensorData.strings(shape, strings)
          : NumericTensor.copied(
              dev.falconer.compressor.onnx.DType.valueOf(column.getDtype().name()),
              shape,
              java.lang.foreign.MemorySegment.ofBuffer(column.getData().asReadOnlyByteBuffer()));
    }
  }
}

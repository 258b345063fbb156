package dev.falconer.loadtest.bare;

import ai.onnxruntime.OnnxJavaType;
import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OnnxTensorLike;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import dev.falconer.bundle.BundleException;
import dev.falconer.bundle.Columns;
import dev.falconer.v1.Column;
import dev.falconer.v1.ColumnSpec;
import dev.falconer.v1.DataType;
import dev.falconer.v1.Manifest;
import dev.falconer.v1.RankRequest;
import dev.falconer.v1.StateTensor;
import dev.falconer.v1.Variant;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * A bundle's user graph and served candidate graph for one request, on ONNX Runtime alone: one
 * thread, no spinning, inputs made once. The floor that a server is held against.
 */
public final class BareModel implements AutoCloseable {
  private final OrtEnvironment environment = OrtEnvironment.getEnvironment();
  private final Manifest manifest;
  private final Path bundle;
  private final RankRequest request;
  private final List<AutoCloseable> opened = new ArrayList<>();
  private final Map<String, OnnxTensorLike> userInputs = new HashMap<>();
  private final Map<String, OnnxTensorLike> candidateInputs = new HashMap<>();
  private final OrtSession user;
  private final OrtSession candidate;
  private final Set<String> stateNames;

  /** Opens the graphs and makes the inputs of one request, its state among them. */
  public BareModel(Path bundle, Manifest manifest, RankRequest request) {
    this.bundle = bundle;
    this.manifest = manifest;
    this.request = request;
    if (manifest.getGraphs().getUser().isEmpty()) {
      throw new BundleException(
          bundle + ": the model is served whole; there is no candidate graph to measure");
    }
    try {
      this.user = open(manifest.getGraphs().getUser());
      this.candidate = open(served(manifest));
      this.stateNames =
          Set.copyOf(manifest.getStateList().stream().map(StateTensor::getName).toList());
      feed(user, userInputs, request.getHistoryList());
      for (int i = 0; i < manifest.getGrowth().getPastInputsCount(); i++) {
        userInputs.put(manifest.getGrowth().getPastInputs(i), noPast(manifest.getState(i)));
      }
      feed(candidate, candidateInputs, request.getCandidateList());
      feed(candidate, candidateInputs, request.getRequestList());
      // Owned until the end: the state that the candidate graph reads.
      var state = user.run(userInputs, stateNames);
      opened.add(state);
      state.forEach(each -> candidateInputs.put(each.getKey(), (OnnxTensor) each.getValue()));
    } catch (OrtException e) {
      throw failed(e);
    }
  }

  /** Scores the candidates against the state and returns them [m x tasks]. */
  public float[] score() {
    try (var result = candidate.run(candidateInputs, Set.of(manifest.getScoreOutput()))) {
      var buffer = ((OnnxTensor) result.get(0)).getFloatBuffer();
      var scores = new float[buffer.remaining()];
      buffer.get(scores);
      return scores;
    } catch (OrtException e) {
      throw failed(e);
    }
  }

  /** Encodes the history and returns how many state tensors came out. */
  public int encode() {
    try (var result = user.run(userInputs, stateNames)) {
      return result.size();
    } catch (OrtException e) {
      throw failed(e);
    }
  }

  @Override
  public void close() {
    for (var each : opened.reversed()) {
      try {
        each.close();
      } catch (Exception e) {
        throw new IllegalStateException("ONNX Runtime could not close " + each, e);
      }
    }
  }

  private static String served(Manifest manifest) {
    return manifest.getGraphs().getCandidateList().stream()
        .filter(variant -> variant.getName().equals(manifest.getGraphs().getServed()))
        .map(Variant::getFile)
        .findFirst()
        .orElseThrow(() ->
            new BundleException(
                "the manifest serves variant '%s' and lists none of that name"
                    .formatted(manifest.getGraphs().getServed())));
  }

  private OrtSession open(String file) throws OrtException {
    try (var options = new OrtSession.SessionOptions()) {
      options.setIntraOpNumThreads(1);
      options.setInterOpNumThreads(1);
      options.setExecutionMode(OrtSession.SessionOptions.ExecutionMode.SEQUENTIAL);
      options.setOptimizationLevel(OrtSession.SessionOptions.OptLevel.ALL_OPT);
      options.addConfigEntry("session.intra_op.allow_spinning", "0");
      var session = environment.createSession(bundle.resolve(file).toString(), options);
      opened.add(session);
      return session;
    }
  }

  private void feed(OrtSession session, Map<String, OnnxTensorLike> inputs, List<Column> columns)
      throws OrtException {
    for (var column : columns) {
      if (session.getInputNames().contains(column.getName())) {
        inputs.put(column.getName(), tensor(column));
      }
    }
  }

  private OnnxTensor tensor(Column column) throws OrtException {
    var spec =
        manifest.getColumnsList().stream()
            .filter(each -> each.getName().equals(column.getName()))
            .findFirst()
            .orElseThrow(() -> new BundleException("no column " + column.getName()));
    if (spec.getDtype() == DataType.STRING) {
      var values = Columns.toStrings(column.getData());
      return keep(
          OnnxTensor.createTensor(
              environment, values.toArray(String[]::new), shape(spec, values.size())));
    }
    var data = direct(column.getData().size());
    column.getData().copyTo(data);
    long elements = column.getData().size() / Columns.elementBytes(spec.getDtype());
    return keep(
        OnnxTensor.createTensor(
            environment, data.flip(), shape(spec, elements), javaType(spec.getDtype())));
  }

  /** Shape [leading 1s, rows, row shape]. */
  private static long[] shape(ColumnSpec spec, long elements) {
    var shape = new long[spec.getLeading() + 1 + spec.getRowShapeCount()];
    long width = 1;
    for (int i = 0; i < spec.getRowShapeCount(); i++) {
      width *= spec.getRowShape(i);
      shape[spec.getLeading() + 1 + i] = spec.getRowShape(i);
    }
    java.util.Arrays.fill(shape, 0, spec.getLeading(), 1);
    shape[spec.getLeading()] = elements / width;
    return shape;
  }

  private OnnxTensor noPast(StateTensor state) throws OrtException {
    var shape = state.getShapeList().stream().mapToLong(axis -> Math.max(axis, 0)).toArray();
    return keep(OnnxTensor.createTensor(environment, direct(0), shape, javaType(state.getDtype())));
  }

  private OnnxTensor keep(OnnxTensor tensor) {
    opened.add(tensor);
    return tensor;
  }

  private static ByteBuffer direct(int bytes) {
    return ByteBuffer.allocateDirect(bytes).order(ByteOrder.nativeOrder());
  }

  private static OnnxJavaType javaType(DataType dtype) {
    return switch (dtype) {
      case FLOAT32 -> OnnxJavaType.FLOAT;
      case FLOAT64 -> OnnxJavaType.DOUBLE;
      case INT8 -> OnnxJavaType.INT8;
      case UINT8 -> OnnxJavaType.UINT8;
      case INT16 -> OnnxJavaType.INT16;
      case INT32 -> OnnxJavaType.INT32;
      case INT64 -> OnnxJavaType.INT64;
      case BOOL -> OnnxJavaType.BOOL;
      case STRING, DATA_TYPE_UNSPECIFIED, UNRECOGNIZED ->
          throw new IllegalArgumentException("no fixed-size ONNX type for " + dtype);
    };
  }

  private BundleException failed(OrtException e) {
    return new BundleException(
        "%s, history of %d columns: ONNX Runtime says: %s"
            .formatted(bundle, request.getHistoryCount(), e.getMessage()),
        e);
  }
}

package dev.falconer.server.engine;

import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtLoggingLevel;
import ai.onnxruntime.OrtSession;
import java.nio.file.Path;

/**
 * Opens graphs. Each session computes on the thread that calls it: one intra-op and one inter-op
 * thread and no spinning, since parallelism comes from requests and micro-batches.
 */
public final class OrtEngine {
  private final OrtEnvironment environment = OrtEnvironment.getEnvironment();

  /** Creates an engine on the process's one ONNX Runtime environment. */
  public OrtEngine() {}

  /**
   * Returns the opened graph; by its path, since weights may lie beside it.
   *
   * @throws GraphException naming the file, when ONNX Runtime refuses it
   */
  Session open(Path file) {
    try (var options = new OrtSession.SessionOptions()) {
      options.setIntraOpNumThreads(1);
      options.setInterOpNumThreads(1);
      options.setExecutionMode(OrtSession.SessionOptions.ExecutionMode.SEQUENTIAL);
      options.addConfigEntry("session.intra_op.allow_spinning", "0");
      options.addConfigEntry("session.inter_op.allow_spinning", "0");
      // Its warnings are about how a graph was written, for whoever wrote it.
      options.setSessionLogLevel(OrtLoggingLevel.ORT_LOGGING_LEVEL_ERROR);
      // A pattern is kept for each combination of shapes, of which histories make thousands.
      options.setMemoryPatternOptimization(false);
      return new Session(file, environment, environment.createSession(file.toString(), options));
    } catch (OrtException e) {
      throw new GraphException(file + ": " + e.getMessage(), e);
    }
  }
}

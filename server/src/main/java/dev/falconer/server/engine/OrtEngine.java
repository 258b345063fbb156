package dev.falconer.server.engine;

import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtLoggingLevel;
import ai.onnxruntime.OrtSession;
import dev.falconer.kernel.Isa;
import dev.falconer.server.domain.ExecutedBy;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * Opens graphs. Each session computes on the thread that calls it: one intra-op and one inter-op
 * thread and no spinning, since parallelism comes from requests and micro-batches.
 */
public final class OrtEngine {
  private static final System.Logger log = System.getLogger(OrtEngine.class.getName());

  private final OrtEnvironment environment = OrtEnvironment.getEnvironment();
  private final Isa most;
  private @Nullable Executions executions;

  /**
   * Creates an engine on the process's one ONNX Runtime environment.
   *
   * @param most of the instruction sets that the operators of domain dev.falconer may use
   */
  public OrtEngine(Isa most) {
    this.most = most;
  }

  /** Returns what computes the operators of domain dev.falconer; made for the first who asks. */
  public synchronized Executions executions() {
    if (executions == null) {
      executions = new Executions(most);
      log.log(System.Logger.Level.INFO, "operators of domain dev.falconer: {0}", executions);
      executions.notices().forEach(notice -> log.log(System.Logger.Level.INFO, notice));
    }
    return executions;
  }

  /**
   * Returns the opened graph; by its path, since weights may lie beside it.
   *
   * @throws GraphException naming the file, when ONNX Runtime refuses it, or it has operators of
   *     domain dev.falconer that can't be computed so
   */
  Session open(Path file, ExecutedBy by) {
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
      if (by != ExecutedBy.ONNX_RUNTIME) {
        // What can't be computed is thrown, and often is no more than a contender that is out.
        options.setSessionLogLevel(OrtLoggingLevel.ORT_LOGGING_LEVEL_FATAL);
        executions().addTo(options, by);
      }
      return new Session(file, environment, environment.createSession(file.toString(), options));
    } catch (OrtException e) {
      throw new GraphException(file + ": " + e.getMessage(), e);
    }
  }
}

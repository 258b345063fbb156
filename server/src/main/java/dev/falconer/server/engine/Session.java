package dev.falconer.server.engine;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import ai.onnxruntime.TensorInfo;
import java.nio.file.Path;
import java.util.Map;
import java.util.Set;

/**
 * One opened graph. Any number of threads may run it at once; whoever closes it makes sure that
 * none does, since ONNX Runtime crashes otherwise.
 */
final class Session implements AutoCloseable {
  private final Path file;
  private final OrtEnvironment environment;
  private final OrtSession session;

  Session(Path file, OrtEnvironment environment, OrtSession session) {
    this.file = file;
    this.environment = environment;
    this.session = session;
  }

  Path file() {
    return file;
  }

  Set<String> inputNames() {
    return session.getInputNames();
  }

  /** Returns the number of axes of an output. */
  int outputRank(String name) {
    try {
      var info = session.getOutputInfo().get(name);
      if (info == null) {
        throw new GraphException(
            file + ": no output '" + name + "'; it has " + session.getOutputNames());
      }
      if (!(info.getInfo() instanceof TensorInfo tensor)) {
        throw new GraphException(file + ": output '" + name + "' is no tensor");
      }
      return tensor.getShape().length;
    } catch (OrtException e) {
      throw new GraphException(file + ": " + e.getMessage(), e);
    }
  }

  Tensors tensors() {
    return new Tensors(environment);
  }

  /** Runs the graph; writes into the outputs' own memory and computes no other output. */
  void run(Tensors inputs, Tensors outputs) {
    try (var _ = session.run(inputs.byName(), Set.of(), pinned(outputs))) {
      // The outputs are in their memory.
    } catch (OrtException e) {
      throw new GraphException(file + ": " + e.getMessage(), e);
    }
  }

  private static Map<String, OnnxTensor> pinned(Tensors outputs) {
    return outputs.byName();
  }

  @Override
  public void close() {
    try {
      session.close();
    } catch (OrtException e) {
      throw new GraphException(file + ": " + e.getMessage(), e);
    }
  }
}

package dev.falconer.server.engine;

import ai.onnxruntime.OrtSession;
import dev.falconer.kernel.CandidateOperators;
import dev.falconer.kernel.Execution;
import dev.falconer.kernel.Isa;
import dev.falconer.kernel.NativeKernels;
import dev.falconer.kernel.Operators;
import dev.falconer.kernel.VectorKernels;
import dev.falconer.server.domain.ExecutedBy;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What computes the operators of domain dev.falconer on this machine. Each is made once and kept:
 * ONNX Runtime holds it until the process ends.
 */
public final class Executions {
  /** The name that a manifest gives these operators. */
  public static final String OPERATORS = Operators.SET;

  private final Map<ExecutedBy, Execution> executions = new EnumMap<>(ExecutedBy.class);
  private final Map<ExecutedBy, Operators> operators = new EnumMap<>(ExecutedBy.class);
  private final Map<ExecutedBy, String> notices = new EnumMap<>(ExecutedBy.class);

  /** Loads the native kernels and looks for vectors in Java. */
  Executions(Isa most) {
    var vectors = VectorKernels.of(most);
    add(ExecutedBy.JAVA, vectors.execution(), vectors.notice());
    var library = NativeKernels.load(most);
    add(ExecutedBy.NATIVE, library.execution(), library.notice());
  }

  private void add(ExecutedBy by, Optional<Execution> execution, String notice) {
    if (execution.isPresent()) {
      executions.put(by, execution.get());
      operators.put(by, new Operators(CandidateOperators.by(execution.get())));
    } else {
      notices.put(by, notice);
    }
  }

  /** Returns what there is: of {@link ExecutedBy#JAVA} and {@link ExecutedBy#NATIVE}. */
  public List<ExecutedBy> available() {
    return List.copyOf(operators.keySet());
  }

  /** Returns one line on each that there isn't, and why. */
  public List<String> notices() {
    return List.copyOf(notices.values());
  }

  /** Lets graphs have the operators. Throws {@link GraphException} where they can't be computed. */
  void addTo(OrtSession.SessionOptions options, ExecutedBy by) {
    var found = operators.get(by);
    if (found == null) {
      throw new GraphException("operators of domain dev.falconer: " + notices.get(by));
    }
    found.addTo(options);
  }

  /** Returns what there is, with its instruction set. */
  @Override
  public String toString() {
    return executions.isEmpty() ? "none" : String.join("; ", names());
  }

  private List<String> names() {
    return executions.values().stream().map(Execution::toString).toList();
  }
}

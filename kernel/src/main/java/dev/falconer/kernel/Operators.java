package dev.falconer.kernel;

import static java.lang.foreign.ValueLayout.JAVA_LONG;

import ai.onnxruntime.OrtBridge;
import ai.onnxruntime.OrtSession;
import java.lang.foreign.Arena;
import java.util.List;

/**
 * Operators of domain dev.falconer as ONNX Runtime calls them. What ONNX Runtime holds of them
 * stays in memory until the process ends: a session may be closed by another thread.
 */
public final class Operators {
  /** The domain. */
  public static final String DOMAIN = "dev.falconer";

  /** Name of these operators in a bundle's manifest. */
  public static final String SET = DOMAIN + "/1";

  private final long domain;

  /** Makes the domain. */
  public Operators(List<Operator> operators) {
    Arena arena = Arena.global();
    domain = OrtApi.createDomain(arena.allocateFrom(DOMAIN), arena.allocate(JAVA_LONG));
    for (Operator operator : operators) {
      OrtApi.addToDomain(domain, new OperatorStubs(operator, arena).struct());
    }
  }

  /** Lets the graphs opened with some options use the operators. */
  public void addTo(OrtSession.SessionOptions options) {
    OrtApi.addDomain(OrtBridge.handle(options), domain);
  }
}

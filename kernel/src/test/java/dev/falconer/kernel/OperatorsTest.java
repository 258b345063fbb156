package dev.falconer.kernel;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import com.sun.management.ThreadMXBean;
import java.lang.foreign.MemorySegment;
import java.lang.management.ManagementFactory;
import java.nio.FloatBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/** Operators written in Java, in graphs that ONNX Runtime runs. */
class OperatorsTest {
  private static final OrtEnvironment ENVIRONMENT = OrtEnvironment.getEnvironment();
  private static final AtomicInteger LIVE = new AtomicInteger();
  private static final List<Operator.Input> FLOATS =
      List.of(
          new Operator.Input(ElementType.FLOAT32, false),
          new Operator.Input(ElementType.FLOAT32, true));

  /** y = x times by plus the second input, if there is one; a negative x is refused. */
  private static final Operator SCALE =
      new Operator("Scale", FLOATS, List.of(ElementType.FLOAT32), OperatorsTest::scale);

  private static final Operator ENDLESS =
      new Operator(
          "Endless",
          FLOATS,
          List.of(ElementType.FLOAT32),
          _ ->
              call -> {
                throw new StackOverflowError();
              });

  /** Asks for its inputs and its output, and leaves what it finds there. */
  private static final Operator LEAVE =
      new Operator(
          "Leave",
          FLOATS,
          List.of(ElementType.FLOAT32),
          _ -> call -> call.outputLike(0, call.input(0), call.has(1) ? 1 : 2));

  private static final Operators OPERATORS = new Operators(List.of(SCALE, ENDLESS, LEAVE));

  private static Kernel scale(NodeInfo attributes) {
    float by = attributes.real("by") * attributes.integer("times");
    if (attributes.text("mode").equals("wrong")) {
      throw new IllegalArgumentException("mode \"wrong\" is no mode");
    }
    LIVE.incrementAndGet();
    return call -> {
      TensorView x = call.input(0);
      MemorySegment from = floats(x.address(), x.size());
      MemorySegment to = floats(call.outputLike(0, x, x.dim(-1)), x.size());
      float plus = call.has(1) ? floats(call.input(1).address(), 1).get(JAVA_FLOAT, 0) : 0;
      for (long i = 0; i < x.size(); i++) {
        float value = from.getAtIndex(JAVA_FLOAT, i);
        if (value < 0) {
          throw new IllegalArgumentException("x[%d] is %s".formatted(i, value));
        }
        to.setAtIndex(JAVA_FLOAT, i, by * value + plus);
      }
    };
  }

  @SuppressWarnings("restricted")
  private static MemorySegment floats(long address, long size) {
    return MemorySegment.ofAddress(address).reinterpret(size * Float.BYTES);
  }

  private static byte[] model(String mode) {
    return OneNode.model(
        OneNode.node("Scale", "x")
            .addAttribute(OneNode.real("by", 1.5f))
            .addAttribute(OneNode.integer("times", 2))
            .addAttribute(OneNode.text("mode", mode))
            .build(),
        List.of(),
        2,
        2);
  }

  private static OrtSession open(byte[] model) throws OrtException {
    try (var options = new OrtSession.SessionOptions()) {
      options.setIntraOpNumThreads(1);
      OPERATORS.addTo(options);
      return ENVIRONMENT.createSession(model, options);
    }
  }

  private static float[] run(OrtSession session, float... x) throws OrtException {
    try (OnnxTensor input =
            OnnxTensor.createTensor(
                ENVIRONMENT, FloatBuffer.wrap(x), new long[] {x.length / 2, 2});
        OrtSession.Result result = session.run(Map.of("x", input))) {
      FloatBuffer y = ((OnnxTensor) result.get(0)).getFloatBuffer();
      var values = new float[y.remaining()];
      y.get(values);
      return values;
    }
  }

  @Test
  void aNodeIsComputedWithItsAttributes() throws OrtException {
    try (OrtSession session = open(model("plain"))) {
      assertArrayEquals(new float[] {3, 6, 0, 1.5f}, run(session, 1, 2, 0, .5f));
      assertArrayEquals(new float[] {3, 6}, run(session, 1, 2), "another number of rows");
    }
  }

  @Test
  void whatIsThrownFailsTheRunAndNotTheSession() throws OrtException {
    try (OrtSession session = open(model("plain"))) {
      var error = assertThrows(OrtException.class, () -> run(session, 1, -2));
      assertTrue(error.getMessage().contains("x[1] is -2.0"), error.getMessage());
      assertArrayEquals(new float[] {3, 6}, run(session, 1, 2));
    }
    byte[] endless = OneNode.model(OneNode.node("Endless", "x").build(), List.of(), 2, 2);
    try (OrtSession session = open(endless)) {
      var error = assertThrows(OrtException.class, () -> run(session, 1, 2));
      assertTrue(error.getMessage().contains("StackOverflowError"), error.getMessage());
    }
  }

  @Test
  void aWrongNodeIsNotOpened() {
    var mode = assertThrows(OrtException.class, () -> open(model("wrong")));
    assertTrue(mode.getMessage().contains("mode \"wrong\" is no mode"), mode.getMessage());
    byte[] bare = OneNode.model(OneNode.node("Scale", "x").build(), List.of(), 2, 2);
    var attribute = assertThrows(OrtException.class, () -> open(bare));
    assertTrue(
        attribute.getMessage().contains("the node has no attribute \"by\""),
        attribute.getMessage());
  }

  @Test
  void aCallAllocatesNothingOnTheHeap() throws OrtException {
    byte[] own = OneNode.model(OneNode.node("Leave", "x").build(), List.of(), 2, 2);
    byte[] builtIn = OneNode.model(OneNode.node("Neg", "x").setDomain("").build(), List.of(), 2, 2);

    double ofBuiltIn = allocated(builtIn);
    double ofOwn = allocated(own);
    assertTrue(ofOwn < ofBuiltIn + 8, ofOwn + " bytes a run, a built-in node's " + ofBuiltIn);
  }

  /** Returns the bytes that a run of a model allocates. */
  private static double allocated(byte[] model) throws OrtException {
    var threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    int runs = 20_000;
    try (OrtSession session = open(model);
        OnnxTensor input =
            OnnxTensor.createTensor(
                ENVIRONMENT, FloatBuffer.wrap(new float[2]), new long[] {1, 2})) {
      Map<String, OnnxTensor> inputs = Map.of("x", input);
      for (int i = 0; i < runs; i++) {
        session.run(inputs).close();
      }
      long before = threads.getCurrentThreadAllocatedBytes();
      for (int i = 0; i < runs; i++) {
        session.run(inputs).close();
      }
      return (double) (threads.getCurrentThreadAllocatedBytes() - before) / runs;
    }
  }

  @Test
  void manyThreadsRunOneSessionWhileOthersComeAndGo() throws Exception {
    int before = LIVE.get();
    try (OrtSession session = open(model("plain"));
        var pool = Executors.newFixedThreadPool(4)) {
      List<Callable<Void>> work = new ArrayList<>();
      for (int thread = 0; thread < 4; thread++) {
        float own = thread + 1;
        work.add(() -> {
          for (int i = 0; i < 500; i++) {
            assertArrayEquals(new float[] {3 * own, 6 * own}, run(session, own, 2 * own));
            if (i % 100 == 0) {
              System.gc();
              open(model("plain")).close();
            }
          }
          return null;
        });
      }
      for (var done : pool.invokeAll(work)) {
        done.get();
      }
    }
    assertEquals(before + 21, LIVE.get(), "kernels made");
  }
}

package dev.falconer.kernel;

import ai.onnx.proto.OnnxMl.TensorProto;
import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import com.google.protobuf.ByteString;
import dev.falconer.packed.Layout;
import dev.falconer.packed.Rounding;
import dev.falconer.packed.WeightPacker;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.FloatBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import javax.management.JMException;
import javax.management.ObjectName;

/**
 * A program that runs graphs of dev.falconer's operators over and over from eight threads, which
 * come and go, while others make garbage. Prints how many results differed from the first of the
 * same graph, and by how many bytes the least memory outside the heap of the last third is above
 * that of the second: Java's compiler takes some for a moment at any time.
 */
final class Endurance {
  private static final int THREADS = 8;
  private static final int WAVES = 9;
  private static final int GARBAGE = 64 << 10;

  private Endurance() {}

  /** A graph, open, with inputs and what they give. */
  @SuppressWarnings("ArrayRecordComponent") // Never compared.
  private record Case(OrtSession session, Map<String, OnnxTensor> inputs, float[] wanted) {
    static Case of(byte[] model, Map<String, OnnxTensor> inputs, Operators operators)
        throws OrtException {
      try (var options = new OrtSession.SessionOptions()) {
        options.setIntraOpNumThreads(1);
        operators.addTo(options);
        OrtSession session = OrtEnvironment.getEnvironment().createSession(model, options);
        try (OrtSession.Result result = session.run(inputs)) {
          return new Case(session, inputs, CandidateGraph.values(result));
        }
      }
    }

    boolean isEqual() throws OrtException {
      try (OrtSession.Result result = session.run(inputs)) {
        return Arrays.equals(wanted, CandidateGraph.values(result));
      }
    }
  }

  /** Takes what computes, java or native, and the number of runs. */
  public static void main(String[] arguments) throws Exception {
    boolean isNative = arguments[0].equals("native");
    Execution execution =
        isNative
            ? NativeKernels.load(Isa.AVX512VNNI).execution().orElseThrow()
            : VectorKernels.of(Isa.JAVA).execution().orElseThrow();
    var operators = new Operators(CandidateOperators.by(execution));
    List<Case> cases = cases(operators, isNative);
    int runs = Integer.parseInt(arguments[1]) / WAVES / THREADS;
    long differing = 0;
    long[] least = {Long.MAX_VALUE, Long.MAX_VALUE, Long.MAX_VALUE};
    for (int wave = 0; wave < WAVES; wave++) {
      differing += wave(cases, runs, wave);
      int third = 3 * wave / WAVES;
      least[third] = Math.min(least[third], anonymousBytes());
    }
    System.out.println(differing);
    System.out.println(least[2] - least[1]);
  }

  private static List<Case> cases(Operators operators, boolean isNative) throws OrtException {
    var cases = new ArrayList<Case>();
    for (int seed = 1; seed <= 4; seed++) {
      boolean isOdd = seed % 2 == 1;
      var layer =
          new PlainLayer(
              5 * seed, 32, 4, 8, 12, 64, isOdd, seed > 2, isOdd, true, Activation.GELU, seed);
      CandidateGraph graph = CandidateOperatorsTest.block(layer, isOdd);
      cases.add(Case.of(graph.model(), graph.inputs(), operators));
    }
    if (isNative) {
      cases.add(int8(operators));
      var layer = new PlainLayer(9, 16, 3, 20, 300, 0, true, true, true, false, Activation.NONE, 8);
      CandidateGraph graph = CandidateOperatorsTest.attention(layer, true, "int8", true);
      cases.add(Case.of(graph.model(), graph.inputs(), operators));
    }
    return cases;
  }

  private static Case int8(Operators operators) throws OrtException {
    int in = 48;
    int out = 40;
    var levels = new byte[out * in];
    var scales = new float[out];
    for (int i = 0; i < levels.length; i++) {
      levels[i] = (byte) (i * 37 % 127 - 63);
      scales[i % out] = 1f / (1 + i % out);
    }
    byte[] packed =
        WeightPacker.levels(Layout.PANEL16X4, out, in, levels, scales, Rounding.plain(63, in));
    var weight =
        TensorProto.newBuilder()
            .setName("w")
            .setDataType(TensorProto.DataType.UINT8_VALUE)
            .addDims(packed.length)
            .setRawData(ByteString.copyFrom(packed))
            .build();
    var node =
        OneNode.node("SparseMatMul", "x", "w")
            .addAttribute(OneNode.text("activation", "relu"))
            .build();
    float[] x =
        new PlainLayer(9, in, 1, 1, 0, 0, true, false, false, false, Activation.NONE, 7).x();
    var input =
        OnnxTensor.createTensor(
            OrtEnvironment.getEnvironment(), FloatBuffer.wrap(x), new long[] {9, in});
    return Case.of(OneNode.model(node, List.of(weight), in, out), Map.of("x", input), operators);
  }

  /** Returns how many results differed. */
  private static long wave(List<Case> cases, int runs, int wave) throws Exception {
    try (var threads = Executors.newFixedThreadPool(THREADS)) {
      List<Callable<Long>> work = new ArrayList<>();
      for (int thread = 0; thread < THREADS; thread++) {
        int first = thread + wave;
        work.add(() -> run(cases, runs, first));
      }
      long differing = 0;
      for (var done : threads.invokeAll(work)) {
        differing += done.get();
      }
      return differing;
    }
  }

  private static long run(List<Case> cases, int runs, int first) throws OrtException {
    var garbage = new byte[16][];
    long differing = 0;
    for (int i = 0; i < runs; i++) {
      garbage[i % garbage.length] = new byte[GARBAGE];
      if (!cases.get((first + i) % cases.size()).isEqual()) {
        differing++;
      }
    }
    return differing;
  }

  /** Resident memory of no file, of which the heap is a fixed part, once all free is given back. */
  private static long anonymousBytes() throws IOException, JMException {
    System.gc(); // also frees what belonged to threads that ended
    ManagementFactory.getPlatformMBeanServer()
        .invoke(
            new ObjectName("com.sun.management:type=DiagnosticCommand"),
            "systemTrimNativeHeap",
            null,
            null);
    return Files.readAllLines(Path.of("/proc/self/status")).stream()
        .filter(line -> line.startsWith("RssAnon:"))
        .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")) << 10)
        .findFirst()
        .orElseThrow();
  }
}

package dev.falconer.compressor.evaluate;

import ai.onnxruntime.OrtException;
import dev.falconer.compressor.onnx.DType;
import dev.falconer.compressor.onnx.GraphBuilder;
import dev.falconer.compressor.onnx.Model;
import dev.falconer.compressor.onnx.Shape;
import dev.falconer.compressor.onnx.TensorData;
import dev.falconer.kernel.bench.Processor;
import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * The processor that figures were measured on.
 *
 * @param name as the system gives it
 * @param features those of avx2, avx512f, avx512_vnni, avx_vnni that it has: what matrix products
 *     use
 */
public record Cpu(String name, List<String> features) {
  /** Copies the features. */
  public Cpu {
    features = List.copyOf(features);
  }

  /** Returns this machine's. */
  public static Cpu here() throws IOException {
    Processor processor = Processor.here();
    return new Cpu(processor.name(), processor.flags());
  }

  /**
   * Returns the rate of the fastest of some large float products on one thread, in GFLOP/s: within
   * a few percent of what the FMA units can do.
   */
  public static double peakGflops() {
    int size = 768;
    var graph = new GraphBuilder("peak");
    String x = graph.input("x", DType.FLOAT32, size, size);
    String w = graph.initializer("w", filled(size));
    graph.named("y", "MatMul", Map.of(), x, w);
    graph.output("y", DType.FLOAT32, size, size);
    var model = new Model(graph.build(), Model.IR_VERSION, Map.of("", 20L), Map.of());
    double best = Double.POSITIVE_INFINITY;
    try (OrtRunner runner = OrtRunner.open(model, 1);
        OrtRunner.Prepared feeds = runner.prepare(Map.of("x", filled(size)))) {
      for (int i = 0; i < 25; i++) {
        long start = System.nanoTime();
        feeds.run(Set.of("y")).close();
        best = Math.min(best, (double) (System.nanoTime() - start));
      }
    } catch (OrtException e) {
      throw new IllegalStateException(e.getMessage(), e);
    }
    return 2.0 * size * size * size / best;
  }

  private static TensorData filled(int size) {
    var values = new float[size * size];
    Arrays.fill(values, .5f);
    return TensorData.floats(Shape.of(size, size), values);
  }
}

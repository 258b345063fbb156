package dev.falconer.compressor.evaluate;

import dev.falconer.compressor.evaluate.ModelBenchmark.Time;
import dev.falconer.compressor.onnx.Model;
import dev.falconer.compressor.onnx.OnnxWriter;
import dev.falconer.compressor.onnx.TensorData;
import dev.falconer.kernel.Isa;
import java.io.DataInputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * A process that times graphs by Java's vectors, and waits between. It is their own: what Java's
 * compiler saw of other kernels, or of their callers, can make it compile these worse. For one
 * thread.
 */
final class VectorProcess implements AutoCloseable {
  private final Path folder;
  private final OrtConnection connection;
  private final String kernels;
  private int opened;
  private int warmed;

  private VectorProcess(Path folder, OrtConnection connection) throws IOException {
    this.folder = folder;
    this.connection = connection;
    kernels = TensorStream.readText(connection.order(VectorChild.START, 0, _ -> {}));
  }

  /**
   * Starts a process.
   *
   * @throws IllegalArgumentException with the reason when Java has no vectors here
   */
  static VectorProcess start() {
    try {
      Path folder = Files.createTempDirectory("falconer-vectors");
      List<String> options = Isa.most(System.getenv()).javaOptions();
      var connection = new OrtConnection(options, VectorChild.class, folder);
      try {
        return new VectorProcess(folder, connection);
      } catch (IllegalArgumentException e) {
        connection.end();
        OrtProcess.delete(folder);
        throw e;
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Returns the number of a model, opened. */
  int open(Model model) {
    byte[] bytes = OnnxWriter.toBytes(model);
    connection.order(
        VectorChild.OPEN,
        0,
        out -> {
          out.writeInt(bytes.length);
          out.write(bytes);
        });
    return opened++;
  }

  /**
   * Returns the number of a call of a model by its number, compiled.
   *
   * @throws IllegalArgumentException when the compiler doesn't get done with it
   */
  int warm(int model, Map<String, TensorData> feeds) {
    connection.order(
        VectorChild.WARM,
        warmed,
        out -> {
          out.writeInt(model);
          TensorStream.write(out, feeds);
        });
    return warmed++;
  }

  /** Returns the times of a turn of a call. */
  List<Time> time(int call) {
    DataInputStream answer = connection.order(VectorChild.TIME, call, _ -> {});
    try {
      var times = new ArrayList<Time>();
      int count = answer.readInt();
      for (int i = 0; i < count; i++) {
        times.add(new Time(answer.readDouble(), answer.readDouble()));
      }
      return times;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Returns what computes the graphs, in words. */
  @Override
  public String toString() {
    return kernels;
  }

  @Override
  public void close() {
    try {
      connection.end();
      OrtProcess.delete(folder);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}

package dev.falconer.compressor.evaluate;

import dev.falconer.compressor.onnx.ExternalWeights;
import dev.falconer.compressor.onnx.Model;
import dev.falconer.compressor.onnx.OnnxWriter;
import dev.falconer.compressor.onnx.Runner;
import dev.falconer.compressor.onnx.TensorData;
import java.io.DataInputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Models in ONNX Runtime in a process of their own, started when the first one is opened and again
 * after it died: on some empty axes the runtime aborts, or divides by zero. Weights go through a
 * file that the runtime maps; they are not packed, so that a model takes its size once.
 *
 * <p>For one thread. Closing ends the process and removes its files.
 */
public final class OrtProcess implements Runner.Factory, AutoCloseable {
  private static final String MODEL = "model.onnx";

  private final Path folder;
  private final int threads;
  private @Nullable OrtConnection connection;
  private int opened;

  private OrtProcess(Path folder, int threads) {
    this.folder = folder;
    this.threads = threads;
  }

  /** Returns a factory whose models use the given number of threads each. */
  public static OrtProcess start(int threads) throws IOException {
    return new OrtProcess(Files.createTempDirectory("falconer-check"), threads);
  }

  @Override
  public boolean survivesDeath() {
    return true;
  }

  @Override
  public Runner open(Model model) {
    try {
      int id = ++opened;
      Path files = Files.createDirectory(folder.resolve("model" + id));
      var weights = new ExternalWeights("weights.bin");
      OnnxWriter.write(model, files.resolve(MODEL), weights);
      weights.write(files);
      OrtConnection to = connected();
      var runner = new Remote(to, id, files);
      try {
        to.order(
            OrtChild.OPEN,
            id,
            out -> {
              TensorStream.writeText(out, files.resolve(MODEL).toString());
              out.writeInt(threads);
            });
      } catch (IllegalArgumentException e) {
        delete(files);
        throw e;
      }
      return runner;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private OrtConnection connected() throws IOException {
    OrtConnection current = connection;
    if (current == null || !current.isAlive()) {
      current = new OrtConnection(List.of("-XX:TieredStopAtLevel=1"), OrtChild.class, folder);
      connection = current;
    }
    return current;
  }

  @Override
  public void close() throws IOException {
    if (connection != null) {
      connection.end();
    }
    delete(folder);
  }

  static void delete(Path folder) throws IOException {
    List<Path> all;
    try (Stream<Path> paths = Files.walk(folder)) {
      all = paths.toList();
    }
    for (Path path : all.reversed()) {
      Files.deleteIfExists(path);
    }
  }

  private record Remote(OrtConnection connection, int id, Path files) implements Runner {
    @Override
    public Map<String, TensorData> run(Map<String, TensorData> feeds) {
      DataInputStream answer =
          connection.order(OrtChild.RUN, id, out -> TensorStream.write(out, feeds));
      try {
        return TensorStream.read(answer);
      } catch (IOException e) {
        throw new Runner.Died("ONNX Runtime's process died while it answered", e);
      }
    }

    @Override
    public void close() {
      try {
        if (connection.isAlive()) {
          connection.order(OrtChild.CLOSE, id, _ -> {});
        }
        delete(files);
      } catch (Runner.Died alreadyGone) {
        // Nothing is left to close.
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }
}

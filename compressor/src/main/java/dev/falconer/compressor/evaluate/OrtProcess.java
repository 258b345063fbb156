package dev.falconer.compressor.evaluate;

import dev.falconer.compressor.onnx.ExternalWeights;
import dev.falconer.compressor.onnx.Model;
import dev.falconer.compressor.onnx.OnnxWriter;
import dev.falconer.compressor.onnx.Runner;
import dev.falconer.compressor.onnx.TensorData;
import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
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
  private static final Pattern SIGNAL = Pattern.compile("\\bSIG[A-Z]{3,}\\b");
  private static final String MODEL = "model.onnx";

  private final Path folder;
  private final int threads;
  private @Nullable Connection connection;
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
      Connection to = connected();
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

  private Connection connected() throws IOException {
    Connection current = connection;
    if (current == null || !current.process.isAlive()) {
      current = new Connection(command(), folder);
      connection = current;
    }
    return current;
  }

  private List<String> command() {
    return List.of(
        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
        "-Xss16m",
        "-XX:TieredStopAtLevel=1",
        "-XX:+UseSerialGC",
        "-XX:-CreateCoredumpOnCrash",
        "-XX:+DisplayVMOutputToStderr",
        "-XX:ErrorFile=death.log",
        "--add-modules=jdk.incubator.vector",
        "--enable-native-access=ALL-UNNAMED",
        OrtChild.class.getName());
  }

  @Override
  public void close() throws IOException {
    if (connection != null) {
      connection.end();
    }
    delete(folder);
  }

  private static void delete(Path folder) throws IOException {
    List<Path> all;
    try (Stream<Path> paths = Files.walk(folder)) {
      all = paths.toList();
    }
    for (Path path : all.reversed()) {
      Files.deleteIfExists(path);
    }
  }

  private interface Body {
    void write(DataOutputStream out) throws IOException;
  }

  /** A running child. */
  private static final class Connection {
    private final Process process;
    private final DataOutputStream out;
    private final DataInputStream in;
    private final Path folder;

    Connection(List<String> command, Path folder) throws IOException {
      this.folder = folder;
      var builder =
          new ProcessBuilder(command)
              .directory(folder.toFile())
              .redirectError(folder.resolve("errors.log").toFile());
      builder.environment().put("CLASSPATH", absolute(System.getProperty("java.class.path")));
      builder.environment().put("ORT_DISABLE_TELEMETRY", "1");
      this.process = builder.start();
      this.out = new DataOutputStream(new BufferedOutputStream(process.getOutputStream()));
      this.in = new DataInputStream(new BufferedInputStream(process.getInputStream()));
    }

    private static String absolute(String classPath) {
      return Stream.of(classPath.split(java.io.File.pathSeparator))
          .map(entry -> Path.of(entry).toAbsolutePath().toString())
          .collect(java.util.stream.Collectors.joining(java.io.File.pathSeparator));
    }

    /** Returns the stream to read the answer from. */
    DataInputStream order(int order, int id, Body body) {
      try {
        out.writeByte(order);
        out.writeInt(id);
        body.write(out);
        out.flush();
        if (in.readByte() == OrtChild.DONE) {
          return in;
        }
        throw new IllegalArgumentException(TensorStream.readText(in));
      } catch (IOException e) {
        throw new Runner.Died("ONNX Runtime's process died: " + cause(), e);
      }
    }

    private String cause() {
      try {
        int status = process.waitFor();
        for (String log : List.of("death.log", "errors.log")) {
          Path file = folder.resolve(log);
          if (Files.exists(file)) {
            Matcher signal = SIGNAL.matcher(Files.readString(file));
            if (signal.find()) {
              return signal.group();
            }
          }
        }
        return switch (status) {
          case 134 -> "SIGABRT";
          case 136 -> "SIGFPE";
          case 137 -> "SIGKILL, perhaps for want of memory";
          case 139 -> "SIGSEGV";
          default -> "status " + status;
        };
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        return "interrupted";
      } catch (IOException e) {
        return e.toString();
      }
    }

    void end() throws IOException {
      try {
        out.close();
        process.waitFor();
      } catch (IOException alreadyDead) {
        process.destroyForcibly();
      } catch (InterruptedException e) {
        process.destroyForcibly();
        Thread.currentThread().interrupt();
      }
      in.close();
    }
  }

  private record Remote(Connection connection, int id, Path files) implements Runner {
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
        if (connection.process.isAlive()) {
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

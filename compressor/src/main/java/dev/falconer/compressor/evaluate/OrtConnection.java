package dev.falconer.compressor.evaluate;

import dev.falconer.compressor.onnx.Runner;
import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** A child of this process in which ONNX Runtime runs, and obeys orders. For one thread. */
final class OrtConnection {
  /** What a child answers first. */
  static final int DONE = 0;

  static final int FAILED = 1;

  private static final Pattern SIGNAL = Pattern.compile("\\bSIG[A-Z]{3,}\\b");
  private static final List<String> OPTIONS =
      List.of(
          "-Xss16m",
          "-XX:+UseSerialGC",
          "-XX:-CreateCoredumpOnCrash",
          "-XX:+DisplayVMOutputToStderr",
          "-XX:ErrorFile=death.log",
          "--add-modules=jdk.incubator.vector",
          "--enable-native-access=ALL-UNNAMED",
          "--sun-misc-unsafe-memory-access=allow");

  private final Process process;
  private final DataOutputStream out;
  private final DataInputStream in;
  private final Path folder;

  /** What follows an order. */
  interface Body {
    void write(DataOutputStream out) throws IOException;
  }

  /**
   * Starts a child.
   *
   * @param options further ones of Java
   * @param folder to put logs into
   */
  OrtConnection(List<String> options, Class<?> main, Path folder) throws IOException {
    this.folder = folder;
    var command = new ArrayList<String>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(OPTIONS);
    command.addAll(options);
    command.add(main.getName());
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
    return Stream.of(classPath.split(File.pathSeparator))
        .map(entry -> Path.of(entry).toAbsolutePath().toString())
        .collect(Collectors.joining(File.pathSeparator));
  }

  boolean isAlive() {
    return process.isAlive();
  }

  /**
   * Returns the stream to read the answer from.
   *
   * @throws IllegalArgumentException with the child's words when it failed
   * @throws Runner.Died when the child did
   */
  DataInputStream order(int order, int id, Body body) {
    try {
      out.writeByte(order);
      out.writeInt(id);
      body.write(out);
      out.flush();
      if (in.readByte() == DONE) {
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
        default -> "status " + status + said();
      };
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return "interrupted";
    } catch (IOException e) {
      return e.toString();
    }
  }

  /** Returns the first line that the child wrote of an exception. */
  private String said() throws IOException {
    return Files.readAllLines(folder.resolve("errors.log")).stream()
        .filter(line -> line.contains("Exception") || line.contains("Error"))
        .findFirst()
        .map(line -> ", " + line)
        .orElse("");
  }

  /** Lets the child end. */
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

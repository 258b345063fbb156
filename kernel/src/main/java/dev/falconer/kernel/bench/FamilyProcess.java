package dev.falconer.kernel.bench;

import dev.falconer.kernel.Isa;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.io.Writer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Measures a family in a process of its own, which waits between shapes. For one thread. */
final class FamilyProcess implements AutoCloseable {
  private static final int SIGNAL = 128;
  private static final int LAST_LINES = 20;

  private final Family family;
  private final Path errors;
  private final Process process;
  private final Writer to;
  private final BufferedReader from;

  /** What a measuring process said before it died. */
  static final class Died extends RuntimeException {
    private static final long serialVersionUID = 1;
    private final int status;

    Died(String message, int status) {
      super(message);
      this.status = status;
    }

    /** Returns whether somebody stopped it, with the program or alone. */
    boolean isInterrupted() {
      return status == SIGNAL + 2 || status == SIGNAL + 15;
    }
  }

  private FamilyProcess(Family family, Path errors, Process process) {
    this.family = family;
    this.errors = errors;
    this.process = process;
    to = process.outputWriter();
    from = process.inputReader();
  }

  Family family() {
    return family;
  }

  /** Starts the process. */
  static FamilyProcess start(Family family, Isa most, int rounds) throws IOException {
    var command = new ArrayList<String>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(
        List.of(
            "-Xss16m",
            "-XX:+UseSerialGC",
            "--add-modules=jdk.incubator.vector",
            "--enable-native-access=ALL-UNNAMED",
            "--sun-misc-unsafe-memory-access=allow",
            "-Djmh.ignoreLock=true")); // of the other families' processes
    command.addAll(most.javaOptions());
    command.addAll(List.of(FamilyMain.class.getName(), family.name(), Integer.toString(rounds)));
    Path errors = Files.createTempFile("falconer-bench", ".log");
    errors.toFile().deleteOnExit();
    ProcessBuilder builder = new ProcessBuilder(command).redirectError(errors.toFile());
    // ONNX Runtime's telemetry does not survive a long command line.
    builder.environment().put("ORT_DISABLE_TELEMETRY", "1");
    builder.environment().put("CLASSPATH", System.getProperty("java.class.path"));
    return new FamilyProcess(family, errors, builder.start());
  }

  /**
   * Waits until its kernels are compiled, so that nobody measures beside the compiler.
   *
   * @throws Died when the process ended instead
   */
  void awaitReady() {
    List<Result> none = answer("its start");
    if (!none.isEmpty()) {
      throw new IllegalStateException(family + " began with " + none);
    }
  }

  /**
   * Measures a shape.
   *
   * @throws Died when the process ended instead
   */
  List<Result> run(Shape shape) {
    try {
      to.write("%d %d %d\n".formatted(shape.m(), shape.k(), shape.n()));
      to.flush();
    } catch (IOException gone) {
      throw died(shape.toString());
    }
    return answer(shape.toString());
  }

  private List<Result> answer(String when) {
    var results = new ArrayList<Result>();
    try {
      for (String line = from.readLine(); line != null; line = from.readLine()) {
        if (line.isEmpty()) {
          return results;
        }
        results.add(Result.parse(line));
      }
    } catch (IOException gone) {
      throw died(when);
    }
    throw died(when);
  }

  private Died died(String when) {
    try {
      int status = process.waitFor();
      String cause =
          status == SIGNAL + 9
              ? "was killed, perhaps for want of memory"
              : status > SIGNAL ? "died of signal " + (status - SIGNAL) : "ended, status " + status;
      List<String> said = Files.readAllLines(errors);
      return new Died(
          "the process that measures %s %s, at %s%n%s"
              .formatted(
                  family,
                  cause,
                  when,
                  String.join(
                      System.lineSeparator(),
                      said.subList(Math.max(0, said.size() - LAST_LINES), said.size()))),
          status);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return new Died(family + ": interrupted at " + when, SIGNAL + 2);
    }
  }

  @Override
  public void close() {
    process.destroy();
  }
}

package dev.falconer.loadtest.process;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/**
 * A command that runs as a process of its own. Its lines go to a listener as they come, and the
 * last ones are kept for an error message. Whoever opens it closes it; a shutdown hook ends it when
 * this program is interrupted.
 */
public final class Child implements AutoCloseable {
  private static final int LINES_KEPT = 20;
  private static final int GRACE_SECONDS = 15;

  private final Process process;
  private final Thread reader;
  private final Thread hook;
  private final Deque<String> last = new ArrayDeque<>();
  private volatile boolean isEnding;

  private Child(Process process, Consumer<String> listener) {
    this.process = process;
    this.reader = Thread.ofVirtual().name("output").start(() -> read(listener));
    this.hook = Thread.ofPlatform().unstarted(this::end);
    Runtime.getRuntime().addShutdownHook(hook);
  }

  /** Starts a command; output and errors are read together. */
  public static Child start(Programs programs, List<String> command, Consumer<String> listener)
      throws IOException {
    var builder = new ProcessBuilder(programs.line(command)).redirectErrorStream(true);
    builder.redirectInput(ProcessBuilder.Redirect.from(new java.io.File("/dev/null")));
    return new Child(builder.start(), listener);
  }

  /** Waits for the end and returns the exit code. */
  public int await() throws InterruptedException {
    int code = process.waitFor();
    reader.join();
    return code;
  }

  /** Returns whether the process runs. */
  public boolean isAlive() {
    return process.isAlive();
  }

  /** Returns the last lines it wrote. */
  public List<String> lastLines() {
    synchronized (last) {
      return new ArrayList<>(last);
    }
  }

  /** Asks the process to end, waits, and kills it when it doesn't. */
  @Override
  public void close() {
    end();
    try {
      Runtime.getRuntime().removeShutdownHook(hook);
    } catch (IllegalStateException _) {
      // The program is ending, and the hook with it.
    }
  }

  private void end() {
    isEnding = true;
    if (!process.isAlive()) {
      return;
    }
    var descendants = process.descendants().toList();
    process.destroy();
    try {
      if (!process.waitFor(GRACE_SECONDS, TimeUnit.SECONDS)) {
        process.destroyForcibly();
      }
    } catch (InterruptedException _) {
      process.destroyForcibly();
      Thread.currentThread().interrupt();
    }
    descendants.forEach(ProcessHandle::destroyForcibly);
  }

  private void read(Consumer<String> listener) {
    try (var lines =
        new BufferedReader(
            new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8))) {
      for (var line = lines.readLine(); line != null; line = lines.readLine()) {
        synchronized (last) {
          last.addLast(line);
          if (last.size() > LINES_KEPT) {
            last.removeFirst();
          }
        }
        listener.accept(line);
      }
    } catch (IOException e) {
      if (process.isAlive() && !isEnding) {
        listener.accept("(output lost: " + e.getMessage() + ")");
      }
    }
  }
}

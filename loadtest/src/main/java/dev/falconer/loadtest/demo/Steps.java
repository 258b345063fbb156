package dev.falconer.loadtest.demo;

import dev.falconer.loadtest.process.Child;
import dev.falconer.loadtest.process.ChildException;
import dev.falconer.loadtest.process.Programs;
import java.io.IOException;
import java.io.PrintStream;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorCompletionService;
import java.util.concurrent.Executors;

/**
 * Runs commands one after another or in lanes side by side: prints each before it starts, streams
 * what it writes under its name, and keeps the seconds it took. The first that fails ends the
 * others.
 */
final class Steps {
  private final Programs programs;
  private final PrintStream out;
  private final Map<String, Double> seconds = new LinkedHashMap<>();
  private final List<Child> running = new ArrayList<>();
  private boolean stopped;

  Steps(Programs programs, PrintStream out) {
    this.programs = programs;
    this.out = out;
  }

  /** Runs a command to its end. Throws ChildException when its code is not 0. */
  void run(String name, List<String> command) throws IOException, InterruptedException {
    announce(name, command);
    long start = System.nanoTime();
    try (var child = start(name, command)) {
      int code = child.await();
      if (code != 0) {
        throw new ChildException(Programs.shown(command), code, child.lastLines());
      }
    }
    took(name, (System.nanoTime() - start) / 1e9);
  }

  /** Runs lanes side by side; the first failure ends all. */
  void lanes(List<Callable<Void>> lanes) throws IOException, InterruptedException {
    try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
      var ends = new ExecutorCompletionService<Void>(threads);
      for (var lane : lanes) {
        var _ = ends.submit(lane);
      }
      for (int i = 0; i < lanes.size(); i++) {
        try {
          ends.take().get();
        } catch (ExecutionException failed) {
          stop();
          switch (failed.getCause()) {
            case ChildException child -> throw child;
            case IOException io -> throw io;
            case null, default -> throw new IllegalStateException("a lane failed", failed);
          }
        }
      }
    }
  }

  /** Prints a command before it runs. */
  synchronized void announce(String name, List<String> command) {
    out.printf("%n[%s] $ %s%n", name, Programs.shown(command));
  }

  /** Prints a line under a step's name. */
  synchronized void say(String name, String line) {
    if (!line.isBlank()) {
      out.printf("[%s] %s%n", name, line);
    }
  }

  /** Keeps how long a step took. */
  synchronized void took(String name, double time) {
    seconds.put(name, time);
    out.printf("[%s] done in %.1f s%n", name, time);
  }

  /** Returns seconds by step, in the order they ended. */
  synchronized Map<String, Double> seconds() {
    return new LinkedHashMap<>(seconds);
  }

  private synchronized Child start(String name, List<String> command) throws IOException {
    if (stopped) {
      throw new IllegalStateException("not started, another step failed");
    }
    var child = Child.start(programs, command, line -> say(name, line));
    running.add(child);
    return child;
  }

  private void stop() {
    List<Child> children;
    synchronized (this) {
      stopped = true;
      children = List.copyOf(running);
    }
    children.forEach(Child::close);
  }
}

package dev.falconer.compressor.evaluate;

import dev.falconer.compressor.onnx.TensorData;
import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.FileDescriptor;
import java.io.FileInputStream;
import java.io.FileOutputStream;
import java.io.IOException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;

/**
 * The process that {@link OrtProcess} starts: opens, runs and closes models as told on standard
 * input, and ends with it.
 */
final class OrtChild {
  static final int OPEN = 'o';
  static final int RUN = 'r';
  static final int CLOSE = 'c';

  private final Map<Integer, OrtRunner> runners = new HashMap<>();
  private final DataInputStream in;
  private final DataOutputStream out;

  private OrtChild(DataInputStream in, DataOutputStream out) {
    this.in = in;
    this.out = out;
  }

  /** Serves until standard input ends. */
  public static void main(String[] arguments) throws IOException {
    var in = new DataInputStream(new BufferedInputStream(new FileInputStream(FileDescriptor.in)));
    var out =
        new DataOutputStream(new BufferedOutputStream(new FileOutputStream(FileDescriptor.out)));
    System.setOut(System.err); // whatever else is printed must not stand among the answers
    var child = new OrtChild(in, out);
    for (int order = in.read(); order >= 0; order = in.read()) {
      child.obey(order);
      out.flush();
    }
  }

  private void obey(int order) throws IOException {
    int id = in.readInt();
    switch (order) {
      case OPEN -> open(id, Path.of(TensorStream.readText(in)), in.readInt());
      case RUN -> run(id, TensorStream.read(in));
      case CLOSE -> {
        OrtRunner runner = runners.remove(id);
        if (runner != null) {
          runner.close();
        }
        out.writeByte(OrtConnection.DONE);
      }
      default -> throw new IOException("no order " + order);
    }
  }

  private void open(int id, Path file, int threads) throws IOException {
    try {
      runners.put(id, OrtRunner.openMapped(file, threads));
      out.writeByte(OrtConnection.DONE);
    } catch (IllegalArgumentException e) {
      fail(e);
    }
  }

  private void run(int id, Map<String, TensorData> feeds) throws IOException {
    Map<String, TensorData> results;
    try {
      OrtRunner runner = runners.get(id);
      if (runner == null) {
        throw new IllegalArgumentException("model " + id + " is not open");
      }
      results = runner.run(feeds);
    } catch (IllegalArgumentException e) {
      fail(e);
      return;
    }
    out.writeByte(OrtConnection.DONE);
    TensorStream.write(out, results);
  }

  private void fail(IllegalArgumentException problem) throws IOException {
    out.writeByte(OrtConnection.FAILED);
    TensorStream.writeText(out, String.valueOf(problem.getMessage()));
  }
}

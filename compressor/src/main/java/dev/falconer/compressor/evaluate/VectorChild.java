package dev.falconer.compressor.evaluate;

import ai.onnxruntime.OrtException;
import com.sun.management.ThreadMXBean;
import dev.falconer.compressor.evaluate.ModelBenchmark.Call;
import dev.falconer.compressor.evaluate.ModelBenchmark.Time;
import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.FileDescriptor;
import java.io.FileInputStream;
import java.io.FileOutputStream;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * The process that {@link VectorProcess} starts: opens graphs whose nodes of domain dev.falconer
 * are computed by Java's vectors, and times them, as told on standard input; ends with it.
 */
final class VectorChild {
  static final int START = 's';
  static final int OPEN = 'o';
  static final int WARM = 'w';
  static final int TIME = 't';

  private static final long LEAST_NANOS = TimeUnit.MILLISECONDS.toNanos(700);
  private static final long PATIENCE_NANOS = TimeUnit.SECONDS.toNanos(60);
  private static final int QUIET_CALLS = 5;

  /** More than a call allocates whose kernels are compiled: before, a vector is an object. */
  private static final long CALL_BYTES = 4096;

  private final List<OrtRunner> runners = new ArrayList<>();
  private final Map<Integer, Call> calls = new HashMap<>();
  private final ThreadMXBean threads = ManagementFactory.getPlatformMXBean(ThreadMXBean.class);
  private @Nullable CandidateDomain domain;
  private final DataInputStream in;
  private final DataOutputStream out;

  private VectorChild(DataInputStream in, DataOutputStream out) {
    this.in = in;
    this.out = out;
  }

  /** Serves until standard input ends. */
  public static void main(String[] arguments) throws IOException {
    var in = new DataInputStream(new BufferedInputStream(new FileInputStream(FileDescriptor.in)));
    var out =
        new DataOutputStream(new BufferedOutputStream(new FileOutputStream(FileDescriptor.out)));
    System.setOut(System.err); // whatever else is printed must not stand among the answers
    var child = new VectorChild(in, out);
    for (int order = in.read(); order >= 0; order = in.read()) {
      try {
        child.obey(order);
      } catch (IllegalArgumentException | OrtException e) {
        fail(out, e);
      }
      out.flush();
    }
  }

  private static void fail(DataOutputStream out, Exception problem) throws IOException {
    out.writeByte(OrtConnection.FAILED);
    TensorStream.writeText(out, String.valueOf(problem.getMessage()));
    out.flush();
  }

  private void obey(int order) throws IOException, OrtException {
    int id = in.readInt();
    switch (order) {
      case START -> {
        CandidateDomain vectors = CandidateDomain.ofVectors();
        domain = vectors;
        out.writeByte(OrtConnection.DONE);
        TensorStream.writeText(out, vectors.toString());
      }
      case OPEN -> {
        runners.add(
            OrtRunner.open(
                in.readNBytes(in.readInt()), 1, Objects.requireNonNull(domain, "not started")));
        out.writeByte(OrtConnection.DONE);
      }
      case WARM -> {
        int runner = in.readInt();
        Call call = runners.get(runner).prepare(TensorStream.read(in))::runAll;
        warm(call);
        calls.put(id, call);
        out.writeByte(OrtConnection.DONE);
      }
      case TIME -> time(id);
      default -> throw new IOException("no order " + order);
    }
  }

  private void time(int id) throws IOException {
    Call call = calls.get(id);
    if (call == null) {
      throw new IllegalArgumentException("nothing is warm by number " + id);
    }
    List<Time> times = Turns.timed(call);
    out.writeByte(OrtConnection.DONE);
    out.writeInt(times.size());
    for (Time time : times) {
      out.writeDouble(time.wallMillis());
      out.writeDouble(time.cpuMillis());
    }
  }

  /** Calls until Java's compiler is done, and then as long as other forms are warmed up. */
  private void warm(Call call) throws OrtException {
    long start = System.nanoTime();
    long compiled = start;
    for (int quiet = 0; quiet < QUIET_CALLS || System.nanoTime() - compiled < LEAST_NANOS; ) {
      long before = threads.getCurrentThreadAllocatedBytes();
      call.run();
      long bytes = threads.getCurrentThreadAllocatedBytes() - before;
      quiet = bytes < CALL_BYTES ? quiet + 1 : 0;
      if (quiet == 0) {
        compiled = System.nanoTime();
        if (compiled - start > PATIENCE_NANOS) {
          throw new IllegalArgumentException(
              "Java's vectors are not compiled after %d s, a call allocates %d bytes; is the machine busy?"
                  .formatted(TimeUnit.NANOSECONDS.toSeconds(PATIENCE_NANOS), bytes));
        }
      }
    }
  }
}

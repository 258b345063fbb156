package dev.falconer.compressor.evaluate;

import ai.onnxruntime.NodeInfo;
import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtLoggingLevel;
import ai.onnxruntime.OrtSession;
import ai.onnxruntime.TensorInfo;
import dev.falconer.compressor.onnx.Model;
import dev.falconer.compressor.onnx.OnnxWriter;
import dev.falconer.compressor.onnx.Runner;
import dev.falconer.compressor.onnx.TensorData;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.locks.ReentrantReadWriteLock;

/**
 * A model in ONNX Runtime, on the CPU; it may hold nodes of domain dev.falconer. Feeds are read
 * where they lie, outputs are copied. May be run by many threads at once; {@link #close()} waits
 * for them, since freeing a session that runs kills the JVM.
 */
public final class OrtRunner implements Runner {
  private final OrtEnvironment environment = OrtEnvironment.getEnvironment();
  private final OrtSession session;
  private final Set<String> inputs;
  private final ReentrantReadWriteLock lock = new ReentrantReadWriteLock();
  private boolean closed;

  private OrtRunner(OrtSession session) {
    this.session = session;
    this.inputs = Collections.unmodifiableSet(new TreeSet<>(session.getInputNames()));
  }

  /**
   * Returns a factory of runners that use the given number of threads each, none of them spinning.
   */
  public static Runner.Factory factory(int threads) {
    return model -> open(model, threads);
  }

  /**
   * Returns a runner of the model.
   *
   * @throws IllegalArgumentException with the runtime's message when it refuses the model
   */
  public static OrtRunner open(Model model, int threads) {
    return open(OnnxWriter.toBytes(model), threads);
  }

  /** Returns a runner of a serialised model, which holds its weights itself. */
  public static OrtRunner open(byte[] model, int threads) {
    return open(model, threads, CandidateDomain.ofProcess());
  }

  /** Returns a runner whose nodes of domain dev.falconer are computed as one says. */
  static OrtRunner open(byte[] model, int threads, CandidateDomain domain) {
    return open("model", threads, domain, (env, options) -> env.createSession(model, options));
  }

  /** Returns a runner of a file; external data are looked for beside it. */
  public static OrtRunner open(Path file, int threads) {
    if (!Files.isRegularFile(file)) {
      throw new IllegalArgumentException("no model at " + file);
    }
    return open(
        file.toString(),
        threads,
        CandidateDomain.ofProcess(),
        (env, options) -> env.createSession(file.toString(), options));
  }

  /** Returns a runner of a file whose external data stay mapped: none are copied into a packing. */
  public static OrtRunner openMapped(Path file, int threads) {
    return open(
        file.toString(),
        threads,
        CandidateDomain.ofProcess(),
        (env, options) -> {
          options.addConfigEntry("session.disable_prepacking", "1");
          return env.createSession(file.toString(), options);
        });
  }

  /** Returns what computes nodes of domain dev.falconer here, in words. */
  public static String kernels() {
    return CandidateDomain.ofProcess().toString();
  }

  /** Returns whether native code does. */
  public static boolean isNative() {
    return CandidateDomain.isNative();
  }

  /** Returns one line on the native kernels, or why there are none. */
  public static String nativeKernels() {
    return CandidateDomain.notice();
  }

  /** Returns the outputs' names in the model's order. */
  public Set<String> outputNames() {
    return session.getOutputNames();
  }

  /** Returns the inputs' names, sorted. */
  public Set<String> inputNames() {
    return inputs;
  }

  /** Feeds that the model doesn't read are left out: a log may hold more than a model uses. */
  @Override
  public Map<String, TensorData> run(Map<String, TensorData> feeds) {
    return run(feeds, session.getOutputNames());
  }

  /** Returns only the named outputs; the runtime doesn't copy out the others. */
  public Map<String, TensorData> run(Map<String, TensorData> feeds, Set<String> outputs) {
    try (var prepared = prepare(feeds);
        var result = prepared.run(outputs)) {
      var values = new LinkedHashMap<String, TensorData>();
      for (var output : result) {
        values.put(output.getKey(), OrtTensors.copyOf(output.getKey(), output.getValue()));
      }
      return values;
    } catch (OrtException e) {
      throw new IllegalArgumentException(e.getMessage(), e);
    }
  }

  /**
   * Returns the feeds wrapped once, for several runs. The tensors must stay alive until it closes.
   */
  Prepared prepare(Map<String, TensorData> feeds) throws OrtException {
    if (!feeds.keySet().containsAll(inputs)) {
      throw new IllegalArgumentException(
          "the model reads %s, got %s".formatted(inputs, new TreeSet<>(feeds.keySet())));
    }
    return prepareSome(feeds);
  }

  /** Returns the feeds that the model reads wrapped, which may lack some of its inputs. */
  Prepared prepareSome(Map<String, TensorData> feeds) throws OrtException {
    var values = new LinkedHashMap<String, OnnxTensor>();
    try {
      for (var feed : feeds.entrySet()) {
        if (inputs.contains(feed.getKey())) {
          values.put(feed.getKey(), OrtTensors.wrap(environment, feed.getKey(), feed.getValue()));
        }
      }
      return new Prepared(values, true);
    } catch (OrtException | RuntimeException e) {
      values.values().forEach(OnnxTensor::close);
      throw e;
    }
  }

  /** Returns an input's declared lengths; -1 where they may vary. */
  long[] declared(String input) {
    try {
      NodeInfo info = session.getInputInfo().get(input);
      if (info != null && info.getInfo() instanceof TensorInfo tensor) {
        return tensor.getShape();
      }
      throw new IllegalArgumentException("no input \"" + input + "\" among " + inputs);
    } catch (OrtException e) {
      throw new IllegalStateException(e.getMessage(), e);
    }
  }

  /** Returns values of another run as feeds, owned by the caller. */
  Prepared borrow(Map<String, OnnxTensor> values) {
    return new Prepared(values, false);
  }

  /** Inputs that lie ready in the runtime's form. */
  final class Prepared implements AutoCloseable {
    private final Map<String, OnnxTensor> values;
    private final boolean owned;

    private Prepared(Map<String, OnnxTensor> values, boolean owned) {
      this.values = values;
      this.owned = owned;
    }

    /** Runs, lets go of all outputs, and returns these. */
    Prepared runAll() throws OrtException {
      run(session.getOutputNames()).close();
      return this;
    }

    /** Returns the named outputs, to be closed by the caller. */
    OrtSession.Result run(Set<String> outputs) throws OrtException {
      lock.readLock().lock();
      try {
        if (closed) {
          throw new IllegalStateException("the runner is closed");
        }
        return session.run(values, outputs);
      } finally {
        lock.readLock().unlock();
      }
    }

    Map<String, OnnxTensor> values() {
      return values;
    }

    @Override
    public void close() {
      if (owned) {
        values.values().forEach(OnnxTensor::close);
      }
    }
  }

  @Override
  public void close() {
    lock.writeLock().lock();
    try {
      if (!closed) {
        closed = true;
        session.close();
      }
    } catch (OrtException e) {
      throw new IllegalStateException(e.getMessage(), e);
    } finally {
      lock.writeLock().unlock();
    }
  }

  private interface Opener {
    OrtSession open(OrtEnvironment environment, OrtSession.SessionOptions options)
        throws OrtException;
  }

  private static OrtRunner open(String what, int threads, CandidateDomain domain, Opener opener) {
    try (var options = new OrtSession.SessionOptions()) {
      options.setIntraOpNumThreads(threads);
      options.setInterOpNumThreads(1);
      options.addConfigEntry("session.intra_op.allow_spinning", "0");
      options.setSessionLogLevel(OrtLoggingLevel.ORT_LOGGING_LEVEL_ERROR);
      domain.addTo(options);
      return new OrtRunner(opener.open(OrtEnvironment.getEnvironment(), options));
    } catch (OrtException e) {
      throw new IllegalArgumentException(
          "ONNX Runtime refuses %s: %s".formatted(what, e.getMessage()), e);
    }
  }
}

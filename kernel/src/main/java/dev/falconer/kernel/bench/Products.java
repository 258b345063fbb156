package dev.falconer.kernel.bench;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import dev.falconer.kernel.Operators;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;

/** Opened models that multiply the same rows, on the thread that calls. */
final class Products implements AutoCloseable {
  /** Rows that a check looks at. */
  private static final int CHECKED = 4;

  private final OrtEnvironment environment = OrtEnvironment.getEnvironment();
  private final Shape shape;
  private final List<OrtSession> sessions = new ArrayList<>();
  private final float[] rows;
  private final OnnxTensor x;
  private final OnnxTensor y;
  private final FloatBuffer results;

  Products(Shape shape, Random random) throws OrtException {
    this.shape = shape;
    rows = new float[shape.m() * shape.k()];
    for (int i = 0; i < rows.length; i++) {
      rows[i] = (float) random.nextGaussian();
    }
    FloatBuffer from = direct(rows.length).put(rows).rewind();
    results = direct(shape.m() * shape.n());
    x = OnnxTensor.createTensor(environment, from, new long[] {shape.m(), shape.k()});
    y = OnnxTensor.createTensor(environment, results, new long[] {shape.m(), shape.n()});
  }

  private static FloatBuffer direct(int length) {
    return ByteBuffer.allocateDirect(Float.BYTES * length)
        .order(ByteOrder.nativeOrder())
        .asFloatBuffer();
  }

  /** Returns the largest magnitude of the rows. */
  float most() {
    float most = 0;
    for (float value : rows) {
      most = Math.max(most, Math.abs(value));
    }
    return most;
  }

  /** Opens a model and returns what runs it. */
  Call open(byte[] model, Optional<Operators> operators) throws OrtException {
    try (var options = new OrtSession.SessionOptions()) {
      options.setIntraOpNumThreads(1);
      options.setInterOpNumThreads(1);
      operators.ifPresent(own -> own.addTo(options));
      OrtSession session = environment.createSession(model, options);
      sessions.add(session);
      return () -> session.run(Map.of("x", x), Map.of("y", y)).close();
    }
  }

  /** Returns the relative error of a call's results against a product in double precision. */
  double error(Call call, float[] weight) throws OrtException {
    call.run();
    int k = shape.k();
    double error = 0;
    double all = 0;
    for (int r = 0; r < shape.m(); r += 1 + shape.m() / CHECKED) {
      for (int o = 0; o < shape.n(); o++) {
        double sum = 0;
        for (int i = 0; i < k; i++) {
          sum += (double) rows[r * k + i] * weight[o * k + i];
        }
        error += Math.pow(sum - results.get(r * shape.n() + o), 2);
        all += sum * sum;
      }
    }
    return Math.sqrt(error / all);
  }

  @Override
  public void close() throws OrtException {
    for (OrtSession session : sessions) {
      session.close();
    }
    x.close();
    y.close();
  }
}

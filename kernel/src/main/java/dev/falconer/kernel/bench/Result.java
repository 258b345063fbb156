package dev.falconer.kernel.bench;

import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Struct;
import com.google.protobuf.util.JsonFormat;
import java.util.Locale;

/**
 * A form's time on a shape.
 *
 * @param form type, layout and density
 * @param by what computed it
 * @param kept share of the weights that are not 0
 * @param micros median CPU time of a call
 * @param baseMicros that of ONNX Runtime's dense float32 product in the same process
 * @param peak of its type in the same process, operations a nanosecond; 0 if unknown
 * @param waited share of the time in which the measuring thread had no core: how busy others were
 */
record Result(
    Shape shape,
    String form,
    String by,
    double kept,
    double micros,
    double baseMicros,
    double peak,
    double waited) {
  /** What ONNX Runtime's own products are by. */
  static final String RUNTIME = "ONNX Runtime";

  /** The form that speed-ups are over, by ONNX Runtime. */
  static final String BASE = "float32 dense";

  /** The same in int8. */
  static final String INT8_BASE = "int8 dense";

  /** Returns how many times faster than the base it is. */
  double speedup() {
    return baseMicros / micros;
  }

  /** Returns the share of the peak that the kept weights' work is; NaN if it is unknown. */
  double share() {
    double operations = 2. * shape.m() * shape.k() * shape.n() * kept;
    return peak == 0 ? Double.NaN : operations / (micros * 1e3) / peak;
  }

  /** Returns whether it was computed in int8. */
  boolean isInt8() {
    return form.startsWith("int8");
  }

  /** Returns an object of JSON, one line. */
  String json() {
    return String.format(
        Locale.ROOT,
        "{\"m\": %d, \"k\": %d, \"n\": %d, \"form\": \"%s\", \"by\": \"%s\", \"kept\": %.4f,"
            + " \"micros\": %.3f, \"base_micros\": %.3f, \"speedup\": %.3f, \"peak\": %.2f,"
            + " \"share\": %s,"
            + " \"waited\": %.3f}",
        shape.m(),
        shape.k(),
        shape.n(),
        form,
        by,
        kept,
        micros,
        baseMicros,
        speedup(),
        peak,
        peak == 0 ? "null" : String.format(Locale.ROOT, "%.4f", share()),
        waited);
  }

  /**
   * Reads what {@link #json} wrote.
   *
   * @throws IllegalArgumentException when it is something else
   */
  static Result parse(String line) {
    var object = Struct.newBuilder();
    try {
      JsonFormat.parser().merge(line, object);
    } catch (InvalidProtocolBufferException e) {
      throw new IllegalArgumentException("want a result in JSON, got " + line, e);
    }
    return new Result(
        new Shape((int) number(object, "m"), (int) number(object, "k"), (int) number(object, "n")),
        object.getFieldsOrThrow("form").getStringValue(),
        object.getFieldsOrThrow("by").getStringValue(),
        number(object, "kept"),
        number(object, "micros"),
        number(object, "base_micros"),
        number(object, "peak"),
        number(object, "waited"));
  }

  private static double number(Struct.Builder object, String name) {
    return object.getFieldsOrThrow(name).getNumberValue();
  }
}

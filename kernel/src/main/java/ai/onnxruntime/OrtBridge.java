package ai.onnxruntime;

/**
 * The package-private members of ONNX Runtime's Java API that registering operators takes. Checked
 * against version 1.29.
 */
public final class OrtBridge {
  private OrtBridge() {}

  /** Returns the address of the C API's table of functions; the library is loaded if need be. */
  public static long api() {
    OrtEnvironment.getEnvironment();
    return OnnxRuntime.ortApiHandle;
  }

  /** Returns the address of the C API's options of a session; valid until they are closed. */
  public static long handle(OrtSession.SessionOptions options) {
    return options.getNativeHandle();
  }
}

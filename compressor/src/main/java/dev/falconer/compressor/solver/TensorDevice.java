package dev.falconer.compressor.solver;

import java.util.regex.Pattern;
import org.bytedeco.pytorch.Device;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/**
 * Where tensors lie and their products are computed: the processor, or a GPU where libtorch is a
 * build for one. Java's loops stay on the processor; what they read and write is copied.
 *
 * @param name "cpu", "cuda" or "cuda:1"
 */
public record TensorDevice(String name) {
  /** The processor. */
  public static final TensorDevice CPU = new TensorDevice("cpu");

  private static final ScopedValue<TensorDevice> CURRENT = ScopedValue.newInstance();
  private static final Pattern CUDA = Pattern.compile("cuda(:[0-9]{1,3})?");

  /**
   * Returns the device of a name.
   *
   * @throws IllegalArgumentException when there is none such, or this libtorch doesn't see it
   */
  public static TensorDevice parse(String name) {
    if (name.equals(CPU.name)) {
      return CPU;
    }
    if (!CUDA.matcher(name).matches()) {
      throw new IllegalArgumentException(
          "device \"" + name + "\", want cpu, cuda or cuda:1 and so on");
    }
    int number = name.contains(":") ? Integer.parseInt(name.substring(name.indexOf(':') + 1)) : 0;
    int there = torch.cuda_is_available() ? (int) torch.cuda_device_count() : 0;
    if (number >= there) {
      throw new IllegalArgumentException(
          ("device %s: libtorch sees %d GPUs; it takes one, and bytedeco's pytorch and cuda jars"
                  + " for it (classifier linux-x86_64-gpu) on the class path")
              .formatted(name, there));
    }
    return new TensorDevice(name);
  }

  /** Returns the device that the current work is done on. */
  public static TensorDevice current() {
    return CURRENT.orElse(CPU);
  }

  /** Does work on this device. */
  public <T, X extends Throwable> T call(ScopedValue.CallableOp<T, X> work) throws X {
    return ScopedValue.where(CURRENT, this).call(work);
  }

  /** Returns a tensor of the processor's memory, on this device: itself on the processor. */
  public Tensor take(Tensor tensor) {
    return isRemote() ? tensor.to(new Device(name), tensor.scalar_type()) : tensor;
  }

  /** Returns whether tensors lie in other memory than Java's arrays. */
  boolean isRemote() {
    return !equals(CPU);
  }
}

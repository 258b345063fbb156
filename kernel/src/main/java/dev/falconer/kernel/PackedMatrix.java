package dev.falconer.kernel;

import dev.falconer.packed.PackedHeader;
import java.lang.foreign.MemorySegment;

/**
 * A packed weight [out, in] in native memory, checked.
 *
 * @param header of the weight
 * @param address of the header
 */
public record PackedMatrix(PackedHeader header, long address) {
  /**
   * Returns the weight at an address.
   *
   * @throws IllegalArgumentException when it is none, or a step reads beyond the inputs
   */
  @SuppressWarnings("restricted") // ONNX Runtime tells where its tensors lie.
  public static PackedMatrix at(long address, long bytes) {
    MemorySegment packed = MemorySegment.ofAddress(address).reinterpret(bytes);
    PackedHeader header = PackedHeader.read(packed);
    PackedChecks.check(header, packed);
    return new PackedMatrix(header, address);
  }

  /** Returns the address of the values. */
  long values() {
    return address + header.values();
  }

  /** Returns the address of the panels' first steps. */
  long starts() {
    return address + header.starts();
  }

  /** Returns the address of the steps' inputs. */
  long inputs() {
    return address + header.inputs();
  }

  /** Returns the address of the scales. */
  long scales() {
    return address + header.scales();
  }

  /** Returns the address of the sums. */
  long sums() {
    return address + header.sums();
  }

  /** Returns the address of the inputs' centres. */
  long centres() {
    return address + header.centres();
  }

  /** Returns the address of the inputs' factors. */
  long factors() {
    return address + header.factors();
  }
}

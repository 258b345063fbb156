package dev.falconer.kernel;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT_UNALIGNED;

import dev.falconer.packed.Layout;
import dev.falconer.packed.PackedHeader;
import java.lang.foreign.MemorySegment;

/**
 * Makes sure that a kernel which follows a packed weight's numbers stays within its inputs, and
 * that products of its levels fit where the header says they do.
 */
final class PackedChecks {
  private PackedChecks() {}

  static void check(PackedHeader header, MemorySegment packed) {
    switch (header.layout()) {
      case DENSE -> {
        int each = Math.ceilDiv(header.in(), header.inputsOfStep());
        if (header.steps() != (long) each * header.panels()) {
          throw wrong(header, header.steps() + " steps");
        }
      }
      case PERMUTE16 -> permuted(header, packed);
      case PANEL16 -> panels(header, packed, header.in(), header.inputsOfStep());
      case PANEL16X4 -> panels(header, packed, Math.ceilDiv(header.in(), Layout.QUAD), 1);
    }
    if (header.isInt8()) {
      levels(header, packed);
    }
  }

  private static void levels(PackedHeader header, MemorySegment packed) {
    long step = header.layout() == Layout.PERMUTE16 ? 2 * PackedHeader.BYTES : PackedHeader.BYTES;
    for (long at = header.values(); at < header.scales(); at += step) {
      for (int k = 0; k < PackedHeader.BYTES; k++) {
        int level = packed.get(JAVA_BYTE, at + k);
        if (Math.abs(level) > header.largest()) {
          throw wrong(header, "a level is " + level);
        }
      }
    }
  }

  private static void panels(PackedHeader header, MemorySegment packed, int inputs, int each) {
    int before = 0;
    for (int panel = 0; panel <= header.panels(); panel++) {
      int start = packed.get(JAVA_INT_UNALIGNED, header.starts() + 4L * panel);
      if (start < before || (panel == 0 && start != 0)) {
        throw wrong(header, "panel " + panel + " begins at step " + start);
      }
      before = start;
    }
    if (before != header.steps()) {
      throw wrong(header, "panels end at step " + before);
    }
    for (long i = 0; i < (long) header.steps() * each; i++) {
      int input = packed.get(JAVA_INT_UNALIGNED, header.inputs() + 4 * i);
      if (input < 0 || input >= inputs) {
        throw wrong(header, "input " + input + " of " + inputs);
      }
    }
  }

  private static void permuted(PackedHeader header, MemorySegment packed) {
    long slots = (long) header.steps() * header.panels() * header.groups();
    int bytes = header.isInt8() ? 1 : 4;
    for (long slot = 0; slot < slots; slot++) {
      long at = header.values() + (2 * slot + 1) * PackedHeader.BYTES;
      for (int k = 0; k < PackedHeader.BYTES; k += bytes) {
        int input =
            bytes == 1 ? packed.get(JAVA_BYTE, at + k) : packed.get(JAVA_INT_UNALIGNED, at + k);
        if (input < 0 || input >= Layout.WIDTH) {
          throw wrong(header, "input " + input + " of a group of 16");
        }
      }
    }
  }

  private static IllegalArgumentException wrong(PackedHeader header, String what) {
    return new IllegalArgumentException("packed weight " + header + ": " + what);
  }
}

package dev.falconer.kernel;

import dev.falconer.packed.Layout;
import java.util.Arrays;

/**
 * Row blocks of one layout and vector width, the largest first, the last of one row. The largest
 * fills the registers, 32 of 512 bits or 16 of 256, with its sums and, permuted, its inputs.
 */
final class RowBlocks {
  private final int[] rows;
  private final RowBlock[] blocks;

  RowBlocks(Layout layout, int bits) {
    boolean isPermuted = layout == Layout.PERMUTE16;
    rows =
        bits == 512
            ? isPermuted ? new int[] {12, 4, 2, 1} : new int[] {16, 8, 4, 2, 1}
            : isPermuted ? new int[] {2, 1} : new int[] {6, 4, 2, 1};
    blocks =
        Arrays.stream(rows).mapToObj(each -> define(layout, bits, each)).toArray(RowBlock[]::new);
  }

  int count() {
    return rows.length;
  }

  int rows(int index) {
    return rows[index];
  }

  RowBlock get(int index) {
    return blocks[index];
  }

  private static RowBlock define(Layout layout, int bits, int rows) {
    return GeneratedClass.of(
        RowBlock.class,
        "%sBlock%dOf%d".formatted(layout, bits, rows),
        code -> new RowBlockCode(code, layout, bits, rows).write());
  }
}

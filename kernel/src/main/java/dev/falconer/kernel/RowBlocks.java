package dev.falconer.kernel;

import static java.lang.constant.ConstantDescs.CD_Object;
import static java.lang.constant.ConstantDescs.INIT_NAME;
import static java.lang.constant.ConstantDescs.MTD_void;

import dev.falconer.packed.Layout;
import java.lang.classfile.ClassBuilder;
import java.lang.classfile.ClassFile;
import java.lang.constant.ClassDesc;
import java.lang.invoke.MethodHandles;
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
    String name = "%sBlock%dOf%d".formatted(layout, bits, rows);
    byte[] bytes =
        ClassFile.of()
            .build(
                ClassDesc.of(RowBlocks.class.getPackageName(), name),
                made -> write(made, layout, bits, rows));
    try {
      return (RowBlock)
          MethodHandles.lookup()
              .defineHiddenClass(bytes, true)
              .lookupClass()
              .getDeclaredConstructor()
              .newInstance();
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException(name, e);
    }
  }

  private static void write(ClassBuilder made, Layout layout, int bits, int rows) {
    made.withInterfaceSymbols(ClassDesc.of(RowBlock.class.getName()))
        .withMethodBody(
            INIT_NAME,
            MTD_void,
            ClassFile.ACC_PUBLIC,
            code -> code.aload(0).invokespecial(CD_Object, INIT_NAME, MTD_void).return_())
        .withMethodBody(
            "run",
            RowBlockCode.TYPE,
            ClassFile.ACC_PUBLIC,
            code -> new RowBlockCode(code, layout, bits, rows).write());
  }
}

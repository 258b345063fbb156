package dev.falconer.kernel.bench;

import dev.falconer.kernel.MatMul;
import dev.falconer.kernel.NativeKernels;
import dev.falconer.kernel.VectorMatMul;
import dev.falconer.packed.Layout;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Forms that are measured in one process. Java's kernels have one for each layout, as in a server
 * of one model: what the compiler saw in others has made them slower.
 */
enum Family {
  /** All forms by the native kernels. */
  NATIVE("native", null),
  /** Dense weights by Java. */
  DENSE("java-dense", Layout.DENSE),
  /** Panels by Java. */
  PANEL16("java-panel16", Layout.PANEL16),
  /** N:16 by Java. */
  PERMUTE16("java-n16", Layout.PERMUTE16);

  private final String title;
  private final @Nullable Layout layout;

  Family(String title, @Nullable Layout layout) {
    this.title = title;
    this.layout = layout;
  }

  /** Returns what computes its forms, if this machine has it. */
  Optional<? extends MatMul> execution(NativeKernels kernels) {
    return layout == null ? kernels.matMul() : VectorMatMul.widest();
  }

  /** Returns its forms. */
  List<Form> forms() {
    return Form.all().stream()
        .filter(form -> layout == null || (form.weights().layout() == layout && !form.isInt8()))
        .toList();
  }

  /** Returns the name on the command line. */
  @Override
  public String toString() {
    return title;
  }
}

package dev.falconer.kernel.bench;

import dev.falconer.packed.Layout;
import java.util.ArrayList;
import java.util.List;

/**
 * What a packed weight is compared in.
 *
 * @param name type, layout and density
 */
record Form(String name, Weights weights, boolean isInt8) {
  /** Largest level of an activation in int8, as in bundles, which any processor may run. */
  private static final int LEVELS = 63;

  /** Returns all forms. */
  static List<Form> all() {
    var forms = new ArrayList<Form>();
    forms.add(new Form("float32 dense", Weights.dense(), false));
    for (double density : new double[] {.5, .25, .125}) {
      String name = "float32 panel16 " + density;
      forms.add(new Form(name, new Weights(Layout.PANEL16, density), false));
    }
    for (int kept : new int[] {8, 4, 2}) {
      String name = "float32 " + kept + ":16";
      forms.add(new Form(name, new Weights(Layout.PERMUTE16, kept / 16.), false));
    }
    forms.add(new Form("int8 dense", Weights.dense(), true));
    forms.add(new Form("int8 panel16 0.25", new Weights(Layout.PANEL16, .25), true));
    forms.add(new Form("int8 panel16x4 0.25", new Weights(Layout.PANEL16X4, .25), true));
    forms.add(new Form("int8 4:16", new Weights(Layout.PERMUTE16, .25), true));
    return forms;
  }

  /** Returns a weight [n, k] packed. */
  byte[] packed(int k, int n, float[] weight) {
    return isInt8 ? weights.levels(k, n, weight, LEVELS) : weights.floats(k, n, weight);
  }
}

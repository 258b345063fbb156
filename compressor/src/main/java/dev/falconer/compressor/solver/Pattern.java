package dev.falconer.compressor.solver;

import java.util.Locale;
import java.util.regex.Matcher;

/**
 * Which weights [out, in] may stay.
 *
 * <pre>
 * 2:4            of every 4 consecutive inputs of an output, 2 stay
 * 70%            70 % of all weights are zero; 70%row in every output, 70%layer of the layer
 * 8:16t          8:16 along the inputs and along the outputs: the transpose has the pattern too
 * panel16@0.25   16 consecutive outputs share any quarter of the inputs
 * panel16x4@0.25 the same of groups of 4 inputs, which stay or go together
 * block4x8@0.25  a quarter of the blocks of 4 outputs x 8 inputs stays
 * </pre>
 */
public sealed interface Pattern {
  /** What a fraction of zeros is counted over. */
  enum Scope {
    /** The layer's weights together. */
    LAYER,
    /** Every output by itself. */
    ROW,
    /** The layer, but every output for Wanda, as published. */
    DEFAULT
  }

  /**
   * N:M sparsity along the input axis: of every {@code group} consecutive inputs of an output,
   * {@code kept} weights stay.
   *
   * <p>Note that N counts the weights <em>kept</em>; some published code counts those removed. When
   * the input length is no multiple of M, the last group of r inputs keeps ceil(N r / M): the layer
   * is never sparser than asked for.
   *
   * @param kept N, at least 1
   * @param group M, more than N
   */
  record NofM(int kept, int group) implements Pattern {
    /** Checks 1 <= N < M. */
    public NofM {
      checkShare(kept, group, "");
    }

    /** Returns the number of weights kept of a group of {@code length} <= M inputs. */
    public int keptOf(int length) {
      return Math.ceilDiv(kept * length, group);
    }

    @Override
    public String toString() {
      return kept + ":" + group;
    }
  }

  /**
   * Zeros anywhere.
   *
   * @param sparsity fraction of zeros, 0 to below 1
   * @param scope of the fraction
   */
  record Unstructured(double sparsity, Scope scope) implements Pattern {
    /** Checks 0 <= sparsity < 1. */
    public Unstructured {
      if (!(sparsity >= 0 && sparsity < 1)) {
        throw new IllegalArgumentException(
            "pattern %s%%: 0 to below 100 %% of the weights can be zero"
                .formatted(percent(sparsity)));
      }
    }

    /** Returns the number of weights that stay of {@code count} counted together, rounded. */
    long keptOf(long count) {
      return Math.round((1 - sparsity) * count);
    }

    /** Returns the number of weights that stay of an output's {@code in}: zeros rounded down. */
    int keptOfRow(int in) {
      return in - (int) Math.floor(in * sparsity + 1e-9); // .57 * 100 is 56.99..
    }

    @Override
    public String toString() {
      return percent(sparsity)
          + "%"
          + switch (scope) {
            case LAYER -> "layer";
            case ROW -> "row";
            case DEFAULT -> "";
          };
    }
  }

  /**
   * N:M along the inputs and along the outputs: every block of M outputs x M inputs keeps N weights
   * in each of its rows and columns. M divides both lengths.
   *
   * @param kept N, at least 1
   * @param group M, more than N, at most 64
   */
  record Transposable(int kept, int group) implements Pattern {
    /** Largest M. */
    static final int MAX_GROUP = 64;

    /** Checks 1 <= N < M <= 64. */
    public Transposable {
      checkShare(kept, group, "t");
      if (group > MAX_GROUP) {
        throw new IllegalArgumentException(
            "pattern %d:%dt: M is at most %d".formatted(kept, group, MAX_GROUP));
      }
    }

    @Override
    public String toString() {
      return kept + ":" + group + "t";
    }
  }

  /**
   * Every {@code width} consecutive outputs share their inputs, any {@code density} of them,
   * rounded, at least one. The last panel may have fewer outputs.
   *
   * <p>Groups of four cost 2.8, 2.1 and 1.9 times the error of single inputs at densities of 1/2,
   * 1/4 and 1/8 on a layer of 512 x 512, 1.2 to 1.9 times in most layers of two trained rankers,
   * and up to 29 times where a few live inputs stand among many that are nearly always 0.
   *
   * @param width outputs of a panel; the kernels take 16
   * @param group inputs, from a multiple of this on, that stay or go together: 1 for any, 4 for the
   *     int8 kernels' fastest layout; the last group may have fewer
   * @param density fraction of the groups kept, above 0 to 1
   */
  record Panel(int width, int group, double density) implements Pattern {
    /** Checks the ranges. */
    public Panel {
      if (width < 1 || group < 1) {
        throw new IllegalArgumentException(
            "pattern panel%dx%d: a panel has outputs, a group inputs".formatted(width, group));
      }
      checkDensity(density);
    }

    /** A panel that keeps any inputs. */
    public Panel(int width, double density) {
      this(width, 1, density);
    }

    /** Returns the number of groups kept of {@code in} inputs. */
    int keptOf(int in) {
      return (int) Math.max(1, Math.round(density * Math.ceilDiv(in, group)));
    }

    @Override
    public String toString() {
      return "panel" + width + (group == 1 ? "" : "x" + group) + "@" + number(density);
    }
  }

  /**
   * Blocks of weights stay or go together, any {@code density} of the layer's blocks, rounded, at
   * least one. The block's sides divide the layer's.
   *
   * @param rows outputs of a block
   * @param columns inputs of a block
   * @param density fraction of blocks kept, above 0 to 1
   */
  record Block(int rows, int columns, double density) implements Pattern {
    /** Checks the ranges. */
    public Block {
      if (rows < 1 || columns < 1) {
        throw new IllegalArgumentException(
            "pattern block%dx%d: a block has rows and columns".formatted(rows, columns));
      }
      checkDensity(density);
    }

    /** Returns the number of blocks kept of {@code blocks}. */
    int keptOf(int blocks) {
      return (int) Math.max(1, Math.round(density * blocks));
    }

    @Override
    public String toString() {
      return "block" + rows + "x" + columns + "@" + number(density);
    }
  }

  /** Returns whether weights of several outputs stay together, so that none of them may go. */
  default boolean spansOutputs() {
    return switch (this) {
      case NofM _, Unstructured _ -> false;
      case Transposable _, Panel _, Block _ -> true;
    };
  }

  /** Returns the pattern of a text such as "2:4", "70%", "70%row", "8:16t", "panel16@0.25". */
  static Pattern parse(String text) {
    try {
      Matcher form = Forms.SHARE.matcher(text);
      if (form.matches()) {
        int kept = Integer.parseInt(form.group(1));
        int group = Integer.parseInt(form.group(2));
        return form.group(3).isEmpty() ? new NofM(kept, group) : new Transposable(kept, group);
      }
      form = Forms.PERCENT.matcher(text);
      if (form.matches()) {
        Scope scope =
            form.group(2).isEmpty()
                ? Scope.DEFAULT
                : Scope.valueOf(form.group(2).toUpperCase(Locale.ROOT));
        return new Unstructured(Double.parseDouble(form.group(1)) / 100, scope);
      }
      form = Forms.PANEL.matcher(text);
      if (form.matches()) {
        String group = form.group(2);
        return new Panel(
            Integer.parseInt(form.group(1)),
            group == null ? 1 : Integer.parseInt(group),
            Double.parseDouble(form.group(3)));
      }
      form = Forms.BLOCK.matcher(text);
      if (form.matches()) {
        return new Block(
            Integer.parseInt(form.group(1)),
            Integer.parseInt(form.group(2)),
            Double.parseDouble(form.group(3)));
      }
    } catch (NumberFormatException e) {
      throw new IllegalArgumentException("pattern \"" + text + "\" holds a number too large", e);
    }
    throw new IllegalArgumentException(
        "pattern \""
            + text
            + "\" is none of 2:4, 70%, 70%row, 70%layer, 8:16t, panel16@0.25, panel16x4@0.25,"
            + " block4x8@0.25");
  }

  /**
   * Checks that a layer can have the pattern.
   *
   * @throws IllegalArgumentException when M or a block's side does not divide the layer's
   */
  default void checkFits(int out, int in) {
    switch (this) {
      case Transposable(int _, int group) -> {
        checkDivides(this, group, "outputs", out);
        checkDivides(this, group, "inputs", in);
      }
      case Block(int rows, int columns, double _) -> {
        checkDivides(this, rows, "outputs", out);
        checkDivides(this, columns, "inputs", in);
      }
      case NofM _, Unstructured _, Panel _ -> {}
    }
  }

  /**
   * Checks that a layer has no short last group or panel: {@link #checkFits}, and that M divides
   * the inputs of N:M.
   *
   * @throws IllegalArgumentException naming what does not divide what
   */
  default void checkFitsWhole(int out, int in) {
    checkFits(out, in);
    if (this instanceof NofM(int _, int group)) {
      checkDivides(this, group, "inputs", in);
    }
  }

  private static void checkDivides(Pattern pattern, int part, String name, int length) {
    if (length % part != 0) {
      throw new IllegalArgumentException(
          "pattern %s needs a multiple of %d %s, got %d".formatted(pattern, part, name, length));
    }
  }

  private static void checkShare(int kept, int group, String suffix) {
    if (kept < 1 || group <= kept) {
      throw new IllegalArgumentException(
          "pattern %d:%d%s: N:M keeps N of M, 1 <= N < M".formatted(kept, group, suffix));
    }
  }

  private static void checkDensity(double density) {
    if (!(density > 0 && density <= 1)) {
      throw new IllegalArgumentException(
          "density " + number(density) + ": a fraction above 0 to 1 can stay");
    }
  }

  private static String percent(double fraction) {
    return number(Math.rint(fraction * 1e10) / 1e8); // .7 * 100 is 70.00..01
  }

  private static String number(double value) {
    return value == Math.rint(value) ? String.valueOf((long) value) : String.valueOf(value);
  }
}

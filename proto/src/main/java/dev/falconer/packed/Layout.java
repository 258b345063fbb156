package dev.falconer.packed;

import java.util.Arrays;
import java.util.Optional;

/**
 * Which weights of a matrix [out, in] are stored, and in which order. Outputs stand in panels of 16
 * consecutive ones, as many as a vector has lanes; the last is filled up with zeros.
 *
 * <pre>
 *            inputs                      a panel of 16 outputs keeps
 * DENSE      ████████████████            every input
 * PERMUTE16  █·█··█······█···            N inputs of every 16, each output its own
 *            ·██····█·█······
 * PANEL16    ·█··██·····█····            any inputs, all 16 outputs the same
 *            ·█··██·····█····
 * PANEL16X4  ████········████            any of the groups of 4 inputs that start at a multiple of
 *            ████········████            4, all 16 outputs the same
 * </pre>
 *
 * <p>Values of a step, which is one input in float32 and a group of up to four in int8:
 *
 * <pre>
 * float32  DENSE, PANEL16    w[o0] w[o1] .. w[o15]                       64 bytes an input
 *          PERMUTE16         w[o0] .. w[o15], then k[o0] .. k[o15]       128 bytes a slot; k, int32,
 *                            which of the group's 16 inputs it multiplies
 * int8     DENSE, PANEL16,   w[o0][0..3] w[o1][0..3] .. w[o15][0..3]     64 bytes for four inputs
 *          PANEL16X4
 *          PERMUTE16         w[o0][0..3] .. w[o15][0..3], then k likewise   128 bytes for four slots
 * </pre>
 */
public enum Layout {
  /** Every weight. */
  DENSE(0),
  /** N of every 16 consecutive inputs, each output its own. */
  PERMUTE16(1),
  /** Any inputs, shared by 16 outputs. */
  PANEL16(2),
  /** Any aligned groups of four inputs, shared by 16 outputs; int8 alone. */
  PANEL16X4(3);

  /** Outputs of a panel, and inputs of a group of {@link #PERMUTE16}. */
  public static final int WIDTH = 16;

  /** Inputs of a step in int8. */
  public static final int QUAD = 4;

  private final int code;

  Layout(int code) {
    this.code = code;
  }

  /** Returns the layout's number in a packed weight's header. */
  public int code() {
    return code;
  }

  /** Returns the layout of a number, if there is one. */
  static Optional<Layout> of(int code) {
    return Arrays.stream(values()).filter(layout -> layout.code == code).findFirst();
  }

  /** Returns whether panels tell which inputs they keep. */
  public boolean isPanel() {
    return this == PANEL16 || this == PANEL16X4;
  }
}

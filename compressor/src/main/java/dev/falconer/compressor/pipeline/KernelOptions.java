package dev.falconer.compressor.pipeline;

/** The plan of those who want a model fast and say no more. */
public final class KernelOptions {
  /** What every layer can get, in the order of rising zeros. */
  private static final String TEXT =
      """
      layers:
      - match: "*"
        options:
        - {keep: dense}
        - {activations: int8}
        - {pattern: "8:16", solver: alps+exchange}
        - {pattern: "4:16", solver: alps+exchange}
        - {pattern: "2:16", solver: alps+exchange}
        - {pattern: "panel16@0.5"}
        - {pattern: "panel16@0.25"}
        - {pattern: "panel16@0.125"}
        - {pattern: "panel16@0.5", activations: int8}
        - {pattern: "panel16@0.25", activations: int8}
        - {pattern: "panel16@0.125", activations: int8}
        - {pattern: "panel16x4@0.25", activations: int8}
        - {pattern: "panel16x4@0.125", activations: int8}
      """;

  private KernelOptions() {}

  /** Returns the plan's text. */
  public static String text() {
    return TEXT;
  }
}

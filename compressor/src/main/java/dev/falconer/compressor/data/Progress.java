package dev.falconer.compressor.data;

/** Told how far a load is, on the loading thread. */
public interface Progress {
  /** Ignores everything. */
  Progress NONE =
      new Progress() {
        @Override
        public void step(String what, long done, long total) {}

        @Override
        public void note(String message) {}
      };

  /**
   * Some of a step is done.
   *
   * @param what the step, to be shown
   * @param total units of the step; 0 when not known
   */
  void step(String what, long done, long total);

  /** Something the user should know, such as bad rows that were left out. */
  void note(String message);
}

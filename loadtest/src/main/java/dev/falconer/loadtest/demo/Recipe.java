package dev.falconer.loadtest.demo;

import java.util.List;

/**
 * What the demo trains, and how long. The values of {@link #quick} and {@link #ratings} were
 * measured: same data, one thread, two seeds.
 *
 * @param users of the generated log
 * @param items of the generated log
 * @param requests of the generated log
 * @param split shares of time for training, validation and test
 * @param teacher the model to learn from
 * @param student the model that is served
 * @param fineTune what follows pruning
 * @param append history attention that can be amortised
 * @param concat history attention with the candidate glued to each event, which can't
 * @param none a model without history
 */
record Recipe(
    int users,
    int items,
    int requests,
    Split split,
    Training teacher,
    Training student,
    FineTune fineTune,
    Training append,
    Training concat,
    Training none) {

  /**
   * One model and its training.
   *
   * @param width of a token
   * @param layers transformer layers
   * @param heads of each
   * @param history n_max in events
   * @param head widths of the MLP
   * @param candidates of each request used in training; 0 for all
   * @param batch requests per step
   * @param epochs at most
   * @param rate Adam's highest learning rate
   */
  record Training(
      int width,
      int layers,
      int heads,
      int history,
      List<Integer> head,
      int candidates,
      int batch,
      int epochs,
      double rate) {
    Training {
      head = List.copyOf(head);
    }

    Training withEpochs(int other) {
      return new Training(width, layers, heads, history, head, candidates, batch, other, rate);
    }
  }

  /** Shares of the requests by time, percent. */
  record Split(int train, int validation, int test) {
    /** Returns the shares as the commands take them. */
    String text() {
      return "%d/%d/%d".formatted(train, validation, test);
    }
  }

  /**
   * Training under the mask.
   *
   * @param epochs passes over the data
   * @param rate Adam's highest learning rate: three tenths of the student's
   */
  record FineTune(int epochs, double rate) {}

  private static final int BATCH = 64;
  private static final double STUDENT_RATE = 5e-3;

  /** Returns the recipe that learns in about 170 CPU seconds. */
  static Recipe quick() {
    var comparison = new Training(32, 1, 2, 32, List.of(64, 32), 4, BATCH, 4, STUDENT_RATE);
    return new Recipe(
        3_000,
        2_000,
        42_000,
        new Split(75, 10, 15),
        new Training(64, 2, 4, 64, List.of(128, 64), 0, BATCH, 3, 3e-3),
        new Training(32, 2, 2, 64, List.of(64, 32), 0, BATCH, 2, STUDENT_RATE),
        new FineTune(1, .3 * STUDENT_RATE),
        comparison,
        comparison,
        comparison.withEpochs(2));
  }

  /** Returns the recipe for a larger generated log: three times the requests. */
  static Recipe full() {
    var quick = quick();
    return new Recipe(
        9_000,
        4_000,
        126_000,
        quick.split,
        quick.teacher,
        quick.student.withEpochs(3),
        quick.fineTune,
        quick.append,
        quick.concat,
        quick.none);
  }

  /** Returns the recipe for a log of one's own, measured on MovieLens-100K. */
  static Recipe ratings() {
    var comparison = new Training(32, 1, 2, 50, List.of(64, 32), 0, BATCH, 2, 2e-3);
    return new Recipe(
        0,
        0,
        0,
        new Split(80, 10, 10),
        new Training(64, 2, 4, 50, List.of(128, 64), 0, BATCH, 2, 1e-3),
        new Training(32, 2, 2, 50, List.of(64, 32), 0, BATCH, 2, 2e-3),
        new FineTune(1, .3 * 2e-3),
        comparison,
        comparison,
        comparison);
  }
}

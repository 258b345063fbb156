package dev.falconer.compressor.solver;

/** The rank of the part beside a sparse one. */
public sealed interface RankChoice {
  /**
   * Returns the rank for a layer [out, in].
   *
   * @throws IllegalArgumentException when a budget leaves none, or the layer has no such rank
   */
  int of(Pattern pattern, int out, int in);

  /**
   * A number.
   *
   * @param rank at least 1
   */
  record Fixed(int rank) implements RankChoice {
    /** Checks the range. */
    public Fixed {
      if (rank < 1) {
        throw new IllegalArgumentException("rank: " + rank + ", want at least 1");
      }
    }

    @Override
    public int of(Pattern pattern, int out, int in) {
      if (rank > Math.min(out, in)) {
        throw new IllegalArgumentException(
            "rank %d is above that of [%d, %d]".formatted(rank, out, in));
      }
      return rank;
    }

    @Override
    public String toString() {
      return "rank " + rank;
    }
  }

  /**
   * As large as leaves a share of the layer's numbers saved, zeros not counted.
   *
   * @param budget of all that is not 0
   */
  record Budget(ParameterBudget budget) implements RankChoice {
    @Override
    public int of(Pattern pattern, int out, int in) {
      int rank = budget.rankBeside(pattern, out, in);
      if (rank < 1) {
        throw new IllegalArgumentException(
            "saving %s of [%d, %d] leaves no rank beside %s; save less or keep less"
                .formatted(this, out, in, pattern));
      }
      return rank;
    }

    @Override
    public String toString() {
      return Math.round(1e4 * budget.compression()) / 1e2 + " %";
    }
  }

  /**
   * Returns the choice of a text: "16", or "40%" of the layer's numbers to be saved.
   *
   * @throws IllegalArgumentException when it is neither
   */
  static RankChoice parse(String text) {
    try {
      if (text.endsWith("%")) {
        double percent = Double.parseDouble(text.substring(0, text.length() - 1));
        return new Budget(new ParameterBudget(percent / 100));
      }
      return new Fixed(Integer.parseInt(text));
    } catch (NumberFormatException e) {
      throw new IllegalArgumentException(
          "rank: \"%s\", want a number such as 16, or the share of the layer's numbers to save, such as 40%%"
              .formatted(text),
          e);
    }
  }
}

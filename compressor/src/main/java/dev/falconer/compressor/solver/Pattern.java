package dev.falconer.compressor.solver;

/**
 * N:M sparsity along the input axis: of every {@code group} consecutive inputs of an output, {@code
 * kept} weights stay.
 *
 * <p>Note that N counts the weights <em>kept</em>; some published code counts those removed. When
 * the input length is no multiple of M, the last group of r inputs keeps ceil(N r / M): the layer
 * is never sparser than asked for.
 *
 * @param kept N, at least 1
 * @param group M, more than N
 */
public record Pattern(int kept, int group) {
  /** Checks 1 <= N < M. */
  public Pattern {
    if (kept < 1 || group <= kept) {
      throw new IllegalArgumentException(
          "pattern %d:%d: N:M keeps N of M, 1 <= N < M".formatted(kept, group));
    }
  }

  /** Returns the pattern of a text such as "2:4". */
  public static Pattern parse(String text) {
    String[] parts = text.split(":", -1);
    try {
      if (parts.length == 2) {
        return new Pattern(Integer.parseInt(parts[0]), Integer.parseInt(parts[1]));
      }
    } catch (NumberFormatException e) {
      throw new IllegalArgumentException("pattern \"" + text + "\" is not of the form 2:4", e);
    }
    throw new IllegalArgumentException("pattern \"" + text + "\" is not of the form 2:4");
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

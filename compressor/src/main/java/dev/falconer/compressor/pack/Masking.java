package dev.falconer.compressor.pack;

import dev.falconer.compressor.axes.Poly;
import dev.falconer.compressor.onnx.DType;
import dev.falconer.compressor.onnx.Node;
import java.util.Optional;

/** What hides tokens from all rows and heads alike, and what stands for rows that see none. */
final class Masking {
  private Masking() {}

  /** Returns scores with something added that is the same in all rows and heads. */
  static Optional<Placed> added(Step step) {
    int own = step.in(0).filter(in -> in.term().form() instanceof Form.Scores).isPresent() ? 0 : 1;
    String other = step.node().input(1 - own);
    if (!step.facts().is(other, DType.FLOAT32)) {
      return Optional.empty();
    }
    return masked(step, own, new Mask.Added(other));
  }

  private static Optional<Placed> masked(Step step, int own, Mask mask) {
    Optional<Placed> scores = step.in(own).filter(Attending::endsInTokens);
    Optional<Attention> attention =
        scores
            .flatMap(Attending::attention)
            .filter(found -> found.mask().isEmpty() && found.own().isEmpty())
            .filter(
                found -> isBeside(step, mask.value(), found.tokens(), scores.get().at().rank()));
    return attention.map(
        found -> step.result(scores.orElseThrow().at(), new Form.Scores(found.masked(mask))));
  }

  /** Returns whether a tensor has one element a token and no other axis. */
  static boolean isBeside(Step step, String value, Poly tokens, int rank) {
    return step.facts()
        .lengths(value)
        .filter(lengths -> !lengths.isEmpty() && lengths.size() <= rank)
        .filter(lengths -> lengths.getLast().equals(tokens))
        .filter(
            lengths -> lengths.stream().limit(lengths.size() - 1L).allMatch(length -> length.is(1)))
        .isPresent();
  }

  /** Hides tokens, or puts 0 in the place of NaN. */
  static Optional<Placed> chosen(Step step) {
    Node node = step.node();
    for (int own = 1; own <= 2; own++) {
      Optional<Double> other = step.scalar(3 - own);
      if (step.in(own).isEmpty() || other.isEmpty()) {
        continue;
      }
      Placed in = step.in(own).get();
      if (in.term().form() instanceof Form.Shares shares && in.isTerm()) {
        boolean guards = own == 2 && other.get() == 0 && isNaN(step, node.input(0), node.input(2));
        return guards
            ? Optional.of(
                step.result(in.at(), new Form.Shares(shares.attention(), shares.tokens(), true)))
            : Optional.empty();
      }
      if (other.get() <= Mask.Chosen.LOWEST && step.facts().is(node.input(0), DType.BOOL)) {
        var mask = new Mask.Chosen(node.input(0), other.get().floatValue(), own == 2);
        return masked(step, own, mask);
      }
    }
    return Optional.empty();
  }

  private static boolean isNaN(Step step, String condition, String of) {
    return step.facts().model().graph().nodes().stream()
        .anyMatch(node ->
            node.is("IsNaN") && node.output().equals(condition) && node.input(0).equals(of));
  }
}

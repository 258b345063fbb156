package dev.falconer.compressor.pack;

import dev.falconer.compressor.axes.Poly;
import dev.falconer.compressor.pack.Atom.Kind;
import dev.falconer.compressor.pack.Form.Shares.Tokens;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Attention taken apart: scores, masks, softmax, weighed values.
 *
 * <pre>
 * q [.., heads, rows, width] ─ MatMul ─ Mul ─ Add ─ Concat ─ Softmax ─ Slice ─ MatMul ─ Add ─
 *                keys of all ─┘         mask ─┘       │         values of all ─┘          │
 *                             own score of each row ──┘          own share x own value ───┘
 * </pre>
 */
final class Attending {
  private Attending() {}

  /** Returns what operators other than products and sums make of scores and shares. */
  static Optional<Placed> of(Step step) {
    return switch (step.node().type()) {
      case "Softmax" -> softmax(step);
      case "Where" -> Masking.chosen(step);
      case "Concat" -> concatenated(step);
      case "Slice" -> sliced(step);
      case "ReduceSum" -> OwnToken.summed(step);
      default -> Optional.empty();
    };
  }

  /** Returns the product of queries and keys, or of shares and values. */
  static Optional<Placed> multiplied(Step step) {
    if (step.in(0).isEmpty() || step.in(1).isEmpty()) {
      return Optional.empty();
    }
    Placed a = step.in(0).get();
    Placed b = step.in(1).get();
    if (a.at().rank() < 2 || b.at().rank() < 2) {
      return Optional.empty();
    }
    int rank = Math.max(a.at().rank(), b.at().rank());
    Placed left = a.at(a.at().ranked(rank));
    Placed right = b.at(b.at().ranked(rank));
    return left.term().form() instanceof Form.Shares shares && left.isTerm()
        ? weighed(step, shares, left, right)
        : scores(step, left, right).or(() -> OwnToken.multiplied(step, left, right));
  }

  private static Optional<Placed> scores(Step step, Placed query, Placed keys) {
    Optional<Form.Heads> heads = heads(query.at());
    Optional<Double> scale = query.polynomial().factor();
    if (heads.isEmpty() || scale.isEmpty()) {
      return Optional.empty();
    }
    Optional<List<Atom>> head = shared(query.at(), keys.at(), Attending::isHead);
    if (head.isEmpty() || (heads.get().count() > 1) == head.get().isEmpty()) {
      return Optional.empty();
    }
    List<Atom> width = keys.at().axis(-2);
    List<Atom> token = keys.at().axis(-1);
    if (!Arrangement.length(width).is(heads.get().width())) {
      return Optional.empty();
    }
    return Keys.of(step.node().input(1), keys, head.get(), token, width)
        .map(found -> {
          Poly tokens = Arrangement.length(token);
          var attention =
              new Attention(
                  query.term(),
                  heads.get(),
                  found,
                  scale.get(),
                  tokens,
                  Optional.empty(),
                  Optional.empty());
          Arrangement at = scoresOf(query.at()).with(-1, List.of(new Atom(Kind.TOKEN, 0, tokens)));
          return step.result(at, new Form.Scores(attention));
        });
  }

  /** Returns the heads of a vector whose last axis holds the elements of one. */
  static Optional<Form.Heads> heads(Arrangement at) {
    Optional<Integer> all = at.features();
    List<Atom> elements = at.axis(-1);
    boolean isOne =
        elements.size() == 1
            && elements.getFirst().is(Kind.FEATURE)
            && elements.getFirst().place() == 1
            && elements.getFirst().length().isInteger();
    if (all.isEmpty() || !isOne) {
      return Optional.empty();
    }
    int width = (int) elements.getFirst().length().integer();
    int count = all.get() / width;
    List<Atom> others =
        at.axes().subList(0, at.rank() - 1).stream()
            .flatMap(List::stream)
            .filter(atom -> !atom.is(Kind.ROW))
            .toList();
    boolean isWhole =
        count == 1 ? others.isEmpty() : others.equals(List.of(Atom.feature(width, Poly.of(count))));
    return isWhole ? Optional.of(new Form.Heads(count, width)) : Optional.empty();
  }

  private static boolean isHead(Atom atom) {
    return atom.is(Kind.FEATURE) || atom.is(Kind.HEAD);
  }

  /** Tells the atoms that count heads. */
  private interface Test {
    boolean accepts(Atom atom);
  }

  /**
   * Returns the right side's atoms beside the left's heads in a product's outer axes, where it has
   * no others; none of one head.
   */
  private static Optional<List<Atom>> shared(Arrangement left, Arrangement right, Test isHead) {
    List<Atom> head = List.of();
    for (int i = 0; i < left.rank() - 2; i++) {
      boolean counts = left.axis(i).size() == 1 && isHead.accepts(left.axis(i).getFirst());
      boolean fits =
          counts
              ? right.axis(i).size() == 1
                  && Arrangement.length(right.axis(i)).equals(Arrangement.length(left.axis(i)))
              : right.isOne(i);
      if (!fits) {
        return Optional.empty();
      }
      head = counts ? right.axis(i) : head;
    }
    boolean isRows = left.axis(-2).stream().allMatch(atom -> atom.is(Kind.ROW));
    return isRows ? Optional.of(head) : Optional.empty();
  }

  /** Returns a query's axes with its heads as those of scores. */
  static Arrangement scoresOf(Arrangement query) {
    var axes = new ArrayList<List<Atom>>();
    for (List<Atom> axis : query.axes()) {
      axes.add(
          axis.stream()
              .map(atom -> atom.is(Kind.FEATURE) ? new Atom(Kind.HEAD, 0, atom.length()) : atom)
              .toList());
    }
    return new Arrangement(axes);
  }

  /** Returns the attention of scores with what they were multiplied by since. */
  static Optional<Attention> attention(Placed scores) {
    if (!(scores.term().form() instanceof Form.Scores(Attention attention))) {
      return Optional.empty();
    }
    return scores
        .polynomial()
        .factor()
        .filter(factor -> factor == 1 || (attention.mask().isEmpty() && attention.own().isEmpty()))
        .map(attention::scaled);
  }

  static boolean endsInTokens(Placed placed) {
    return placed.at().rank() > 0
        && placed.at().axis(-1).size() == 1
        && placed.at().axis(-1).getFirst().is(Kind.TOKEN);
  }

  private static Optional<Placed> softmax(Step step) {
    boolean isOld = step.facts().model().opset() < 13;
    return step.in(0)
        .filter(Attending::endsInTokens)
        .filter(in ->
            in.at().counted(step.node().intAttribute("axis", isOld ? 1 : -1)) == in.at().rank() - 1)
        .flatMap(in ->
            attention(in)
                .map(attention ->
                    step.result(in.at(), new Form.Shares(attention, Tokens.ALL, false))));
  }

  /** Puts a row's own score beside the others'. */
  private static Optional<Placed> concatenated(Step step) {
    if (step.node().inputs().size() != 2) {
      return Optional.empty();
    }
    int shared = step.in(0).filter(Attending::endsInTokens).isPresent() ? 0 : 1;
    Optional<Placed> scores = step.in(shared).filter(Attending::endsInTokens);
    Optional<Placed> own = step.in(1 - shared);
    Optional<Double> factor = own.flatMap(score -> score.polynomial().factor());
    if (scores.isEmpty()
        || factor.isEmpty()
        || !(own.get().term().form() instanceof Form.OwnScores score)) {
      return Optional.empty();
    }
    Arrangement at = scores.get().at();
    return attention(scores.get())
        .filter(found -> found.own().isEmpty())
        .filter(found -> at.counted(step.node().intAttribute("axis", 0)) == at.rank() - 1)
        .filter(_ -> own.get().at().equals(at.with(-1, List.of())))
        .flatMap(found -> OwnToken.key(found, score, factor.get(), shared == 1).map(found::with))
        .map(all -> {
          Arrangement axes = at.with(-1, List.of(new Atom(Kind.TOKEN, 0, all.all())));
          return step.result(axes, new Form.Scores(all));
        });
  }

  /** Takes the shares of the tokens of all rows, or that of the row's own. */
  private static Optional<Placed> sliced(Step step) {
    Optional<Placed> in = step.in(0).filter(Attending::endsInTokens).filter(Placed::isTerm);
    Optional<Range> range = Range.of(step).filter(found -> !found.isAll());
    if (in.isEmpty()
        || range.isEmpty()
        || !(in.get().term().form() instanceof Form.Shares shares)
        || shares.tokens() != Tokens.ALL
        || shares.attention().own().isEmpty()
        || range.get().axis() != in.get().at().rank() - 1) {
      return Optional.empty();
    }
    return OwnToken.part(shares.attention(), range.get().from(), range.get().to())
        .map(tokens -> {
          Poly length = shares.attention().tokens();
          List<Atom> axis =
              tokens == Tokens.OWN ? List.of() : List.of(new Atom(Kind.TOKEN, 0, length));
          return step.result(
              in.get().at().with(-1, axis),
              new Form.Shares(shares.attention(), tokens, shares.isGuarded()));
        });
  }

  private static Optional<Placed> weighed(
      Step step, Form.Shares shares, Placed left, Placed values) {
    Attention attention = shares.attention();
    if (shares.tokens() == Tokens.OWN) {
      return OwnToken.weighed(step, shares, left, values);
    }
    Optional<List<Atom>> head = shared(left.at(), values.at(), atom -> atom.is(Kind.HEAD));
    boolean fits =
        head.isPresent()
            && endsInTokens(left)
            && attention.own().isEmpty() == (shares.tokens() == Tokens.ALL)
            && Arrangement.length(values.at().axis(-2)).equals(attention.tokens())
            && Arrangement.length(values.at().axis(-1)).is(attention.heads().width());
    if (!fits) {
      return Optional.empty();
    }
    return Keys.of(
            step.node().input(1), values, head.get(), values.at().axis(-2), values.at().axis(-1))
        .map(found ->
            step.result(
                vectors(left.at(), attention.heads()),
                new Form.Weighed(
                    attention, Optional.of(found), Optional.empty(), shares.isGuarded())));
  }

  /** Returns shares' axes with those of weighed values: heads and elements of a vector. */
  static Arrangement vectors(Arrangement shares, Form.Heads heads) {
    var axes = new ArrayList<List<Atom>>();
    for (List<Atom> axis : shares.axes().subList(0, shares.rank() - 1)) {
      axes.add(
          axis.stream()
              .map(atom -> atom.is(Kind.HEAD) ? Atom.feature(heads.width(), atom.length()) : atom)
              .toList());
    }
    axes.add(heads.width() == 1 ? List.of() : List.of(Atom.feature(1, Poly.of(heads.width()))));
    return new Arrangement(axes);
  }

  /** Returns a sum of what the shared tokens and a row's own give. */
  static Optional<Placed> joined(Step step, Placed left, Placed right) {
    boolean isSum = step.node().is("Add") || step.node().is("Sum");
    if (step.node().is("Mul")) {
      return OwnToken.gated(step, left, right).or(() -> OwnToken.gated(step, right, left));
    }
    if (!isSum
        || !left.isTerm()
        || !right.isTerm()
        || !left.at().equals(right.at())
        || !(left.term().form() instanceof Form.Weighed a)
        || !(right.term().form() instanceof Form.Weighed b)) {
      return Optional.empty();
    }
    return OwnToken.whole(a, b)
        .or(() -> OwnToken.whole(b, a))
        .map(whole -> step.result(left.at(), whole));
  }
}

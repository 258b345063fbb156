package dev.falconer.compressor.pack;

import dev.falconer.compressor.axes.Poly;
import dev.falconer.compressor.pack.Form.Shares.Tokens;
import java.util.List;
import java.util.Optional;

/** A row's own key and value among the tokens. */
final class OwnToken {
  private OwnToken() {}

  /** Returns the sum over elements of query times own key. */
  static Optional<Placed> summed(Step step) {
    Optional<Placed> in = step.in(0);
    if (in.isEmpty()
        || !(in.get().term().form() instanceof Form.Binary(String type, Placed a, Placed b))
        || !type.equals("Mul")
        || step.node().intAttribute("keepdims", 1) != 1) {
      return Optional.empty();
    }
    Arrangement at = in.get().at();
    boolean isLast =
        step.integers("axes", 1)
            .filter(axes -> axes.length == 1 && at.counted(axes[0]) == at.rank() - 1)
            .isPresent();
    return in.get()
        .polynomial()
        .factor()
        .filter(_ -> isLast)
        .flatMap(factor -> scores(step, at, a, b, factor));
  }

  /** Returns the product of every row's query, a matrix of one row, and its key, of one column. */
  static Optional<Placed> multiplied(Step step, Placed query, Placed key) {
    Arrangement left = query.at();
    Arrangement right = key.at();
    boolean isOne = left.isOne(-2) && right.isOne(-1);
    Arrangement turned =
        right.with(-1, right.axis(-2)).with(-2, List.of()); // as the query's, if they are pairs
    return isOne && left.equals(turned)
        ? scores(step, left, query, key.at(turned), 1)
        : Optional.empty();
  }

  private static Optional<Placed> scores(
      Step step, Arrangement at, Placed a, Placed b, double factor) {
    Optional<Form.Heads> heads = Attending.heads(at);
    Optional<Double> left = a.polynomial().factor();
    Optional<Double> right = b.polynomial().factor();
    boolean arePairs = a.at().equals(b.at()) && at.equals(a.at());
    if (heads.isEmpty() || left.isEmpty() || right.isEmpty() || !arePairs) {
      return Optional.empty();
    }
    double scale = factor * left.get() * right.get();
    return Optional.of(
        step.result(
            Attending.scoresOf(at).with(-1, List.of()),
            new Form.OwnScores(a.term(), b.term(), scale, heads.get())));
  }

  /** Returns the key of a factor times own scores, if they are of the same query and heads. */
  static Optional<Attention.Own> key(
      Attention attention, Form.OwnScores own, double factor, boolean isFirst) {
    boolean isKey = own.query().isSame(attention.query());
    boolean belongs =
        (isKey || own.key().isSame(attention.query())) && own.heads().equals(attention.heads());
    return belongs
        ? Optional.of(
            new Attention.Own(isKey ? own.key() : own.query(), own.scale() * factor, isFirst))
        : Optional.empty();
  }

  /** Returns which shares a range holds. */
  static Optional<Tokens> part(Attention attention, Poly from, Poly to) {
    Poly all = attention.all();
    boolean isFirst = attention.own().orElseThrow().isFirst();
    Poly ownFrom = isFirst ? Poly.ZERO : attention.tokens();
    Poly ownTo = isFirst ? Poly.ONE : all;
    if (from.equals(ownFrom) && to.equals(ownTo)) {
      return Optional.of(Tokens.OWN);
    }
    Poly sharedFrom = isFirst ? Poly.ONE : Poly.ZERO;
    Poly sharedTo = isFirst ? all : attention.tokens();
    return from.equals(sharedFrom) && to.equals(sharedTo)
        ? Optional.of(Tokens.SHARED)
        : Optional.empty();
  }

  /** Returns the product of a row's share, a matrix of one element, and its value, of one row. */
  static Optional<Placed> weighed(Step step, Form.Shares own, Placed share, Placed value) {
    return share.at().isOne(-1) && share.at().isOne(-2) && value.at().isOne(-2)
        ? gated(step, share, value).filter(_ -> own.tokens() == Tokens.OWN)
        : Optional.empty();
  }

  /** Returns a row's share times the elements of its value. */
  static Optional<Placed> gated(Step step, Placed share, Placed value) {
    if (!share.isTerm()
        || !value.isTerm()
        || !(share.term().form() instanceof Form.Shares own)
        || own.tokens() != Tokens.OWN
        || share.at().rank() != value.at().rank()) {
      return Optional.empty();
    }
    Form.Heads heads = own.attention().heads();
    Arrangement wanted = Attending.vectors(share.at(), heads);
    return Optional.of(value.at())
        .filter(wanted::equals)
        .map(at ->
            step.result(
                at,
                new Form.Weighed(
                    own.attention(),
                    Optional.empty(),
                    Optional.of(value.term()),
                    own.isGuarded())));
  }

  /** Returns shared and own values together, if they are weighed by one softmax. */
  static Optional<Form> whole(Form.Weighed shared, Form.Weighed own) {
    boolean areParts =
        shared.shared().isPresent()
            && shared.own().isEmpty()
            && own.shared().isEmpty()
            && own.own().isPresent()
            && shared.isGuarded() == own.isGuarded()
            && shared.attention().equals(own.attention());
    return areParts
        ? Optional.of(
            new Form.Weighed(shared.attention(), shared.shared(), own.own(), shared.isGuarded()))
        : Optional.empty();
  }
}

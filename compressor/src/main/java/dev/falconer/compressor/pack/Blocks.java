package dev.falconer.compressor.pack;

import java.util.List;
import java.util.Optional;

/**
 * Finds transformer layers from their last sum or norm.
 *
 * <pre>
 * pre    u = x + out(attend(norm(x)));    y = u + second(act(first(norm(u))))
 * post   u = norm(x + out(attend(x)));    y = norm(u + second(act(first(u))))
 * </pre>
 */
record Blocks(Facts facts) {
  /** Widest head that operators compute. */
  static final int WIDEST = 256;

  /** Returns the layer whose result a term is: with its second half, or else the first alone. */
  Optional<Piece> of(Term y) {
    return whole(y).or(() -> half(y, y, Optional.empty()));
  }

  private Optional<Piece> whole(Term y) {
    return switch (y.form()) {
      case Form.Binary sum when isSum(sum) ->
          second(y, sum.left(), sum.right(), true)
              .or(() -> second(y, sum.right(), sum.left(), true));
      case Form.Normed(Term inner, _, _, _)
          when inner.form() instanceof Form.Binary sum && isSum(sum) ->
          second(y, sum.left(), sum.right(), false)
              .or(() -> second(y, sum.right(), sum.left(), false));
      default -> Optional.empty();
    };
  }

  private static boolean isSum(Form.Binary binary) {
    return binary.operator().equals("Add") && binary.left().isTerm() && binary.right().isTerm();
  }

  /** Returns the layer whose second half adds to u. */
  private Optional<Piece> second(Term y, Placed u, Placed added, boolean isPre) {
    Optional<Dense> second = Dense.of(facts, added.term());
    if (second.isEmpty()) {
      return Optional.empty();
    }
    Term hidden = second.get().in();
    boolean isActive = hidden.form() instanceof Form.Active;
    String activation = hidden.form() instanceof Form.Active(String name, _) ? name : "none";
    Term sum = hidden.form() instanceof Form.Active(_, Term of) ? of : hidden;
    Optional<Dense> first = Dense.of(facts, isActive ? sum : hidden);
    Optional<Form.Normed> norm =
        isPre
            ? first.flatMap(dense -> normed(dense.in(), u.term()))
            : Optional.of(y.form())
                .filter(Form.Normed.class::isInstance)
                .map(Form.Normed.class::cast)
                .filter(_ -> first.filter(dense -> dense.in().isSame(u.term())).isPresent());
    return norm.flatMap(found ->
        half(
            u.term(),
            y,
            Optional.of(
                new Piece.FeedForward(found, first.orElseThrow(), activation, second.get()))));
  }

  /** Returns a term's norm, if that is what a value is. */
  private static Optional<Form.Normed> normed(Term value, Term of) {
    return value.form() instanceof Form.Normed normed && normed.of().isSame(of)
        ? Optional.of(normed)
        : Optional.empty();
  }

  /** Returns the layer whose first half is u. */
  private Optional<Piece> half(Term u, Term y, Optional<Piece.FeedForward> feedForward) {
    boolean wantsPost = feedForward.isPresent() && y.form() instanceof Form.Normed;
    return switch (u.form()) {
      case Form.Binary sum when isSum(sum) && !wantsPost ->
          first(y, sum.left(), sum.right(), Optional.empty(), feedForward)
              .or(() -> first(y, sum.right(), sum.left(), Optional.empty(), feedForward));
      case Form.Normed normed
          when normed.of().form() instanceof Form.Binary sum
              && isSum(sum)
              && (feedForward.isEmpty() || wantsPost) ->
          first(y, sum.left(), sum.right(), Optional.of(normed), feedForward)
              .or(() -> first(y, sum.right(), sum.left(), Optional.of(normed), feedForward));
      default -> Optional.empty();
    };
  }

  /** Returns the layer whose first half adds to x. */
  private Optional<Piece> first(
      Term y,
      Placed x,
      Placed added,
      Optional<Form.Normed> post,
      Optional<Piece.FeedForward> feedForward) {
    Optional<Dense> out = Dense.of(facts, added.term()).or(() -> unprojected(added.term()));
    if (out.isEmpty() || !(out.get().in().form() instanceof Form.Weighed attended)) {
      return Optional.empty();
    }
    Optional<Dense> query = Dense.of(facts, attended.attention().query());
    Optional<Form.Normed> norm =
        post.isPresent() ? post : query.flatMap(dense -> normed(dense.in(), x.term()));
    Optional<List<Dense>> own = own(attended);
    Optional<Exit> exit = Exit.of(x.term().at(), y.at());
    if (query.isEmpty() || norm.isEmpty() || own.isEmpty() || exit.isEmpty()) {
      return Optional.empty();
    }
    Term from = query.get().in();
    boolean isOfX = post.isEmpty() || from.isSame(x.term());
    boolean isOfOne = own.get().stream().allMatch(dense -> dense.in().isSame(from));
    var block =
        new Piece.Block(
            y.value(),
            x.term(),
            post.isEmpty(),
            norm.get(),
            attended,
            query.get(),
            own.get(),
            out.get(),
            feedForward,
            exit.get());
    return isOfX && isOfOne && fits(block) ? Optional.of(block) : Optional.empty();
  }

  /** Attention that is added without a product. */
  private static Optional<Dense> unprojected(Term term) {
    return term.form() instanceof Form.Weighed weighed
        ? Optional.of(Dense.identity(term, weighed.attention().heads().all()))
        : Optional.empty();
  }

  /** Returns the products of own keys and values; nothing where they are something else. */
  private Optional<List<Dense>> own(Form.Weighed attended) {
    if (attended.attention().own().isEmpty()) {
      return Optional.of(List.of());
    }
    Optional<Dense> key = Dense.of(facts, attended.attention().own().get().key());
    return attended
        .own()
        .flatMap(value -> Dense.of(facts, value))
        .flatMap(value -> key.map(first -> List.of(first, value)));
  }

  private static boolean fits(Piece.Block block) {
    Form.Heads heads = block.attended().attention().heads();
    int all = heads.all();
    int width = block.query().width();
    boolean isAttention =
        isWhole(block.attended())
            && heads.width() <= WIDEST
            && block.query().count() == all
            && block.own().stream().allMatch(dense -> dense.count() == all)
            && block.out().width() == all
            && block.out().count() == width;
    boolean isFeedForward =
        block
            .feedForward()
            .filter(half ->
                half.first().width() != width
                    || half.second().count() != width
                    || half.second().width() != half.first().count())
            .isEmpty();
    return isAttention && isFeedForward && block.x().at().isFlat() && block.x().at().hasRows();
  }

  /**
   * Returns whether an operator computes an attention by itself: 0 in the place of NaN only where a
   * row's own token, which nothing masks, leaves none.
   */
  private static boolean isWhole(Form.Weighed attended) {
    boolean isNeverEmpty =
        attended.attention().mask().isEmpty() || attended.attention().own().isPresent();
    return attended.isWhole() && (!attended.isGuarded() || isNeverEmpty);
  }
}

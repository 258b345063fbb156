package dev.falconer.compressor.pack;

import dev.falconer.compressor.pack.Atom.Kind;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;

/**
 * Keys or values that all rows share: a tensor of heads, tokens and elements, however it lies.
 *
 * @param value tensor that the product reads: factor times the root, viewed otherwise
 * @param at its axes
 * @param root tensor behind it
 * @param rootAt its axes, of the same atoms
 * @param head what counts the heads; none of one head
 */
record Keys(
    String value,
    Arrangement at,
    String root,
    Arrangement rootAt,
    double factor,
    Optional<Atom> head,
    Atom token,
    Atom width) {
  /** How an operator reads them. */
  enum Order {
    /** [.., heads, tokens, width]. */
    HEADS_FIRST,
    /** [.., tokens, heads, width] or [.., tokens, heads width]. */
    TOKENS_FIRST
  }

  /**
   * A tensor that can be read as it lies.
   *
   * @param factor of the tensor that the keys are
   */
  record Reading(String value, Order order, double factor) {}

  /** Returns the keys of a product's right side, if its axes are heads, tokens and elements. */
  static Optional<Keys> of(
      String value, Placed placed, List<Atom> head, List<Atom> token, List<Atom> width) {
    var all = new ArrayList<>(head);
    all.addAll(token);
    all.addAll(width);
    List<Atom> order = placed.at().order();
    boolean isThem =
        head.size() <= 1
            && token.size() == 1
            && width.size() == 1
            && order.size() == all.size()
            && order.containsAll(all)
            && all.stream().noneMatch(atom -> atom.is(Kind.HEAD) || atom.is(Kind.TOKEN));
    return placed
        .polynomial()
        .factor()
        .filter(_ -> isThem)
        .map(factor ->
            new Keys(
                value,
                placed.at(),
                placed.term().value(),
                placed.term().at(),
                factor,
                head.stream().findFirst(),
                token.getFirst(),
                width.getFirst()));
  }

  /** Returns the tensors that can be read as they lie, the one that saves most first. */
  List<Reading> readings() {
    var readings = new ArrayList<Reading>();
    order(rootAt).ifPresent(order -> readings.add(new Reading(root, order, factor)));
    order(at).ifPresent(order -> readings.add(new Reading(value, order, 1)));
    return readings;
  }

  /** Returns the same keys, whose tensor's axes are these: some of the atoms merged. */
  Keys lying(Arrangement other) {
    return new Keys(value, other, root, rootAt, factor, head, token, width);
  }

  private Optional<Order> order(Arrangement axes) {
    List<List<Atom>> rest = axes.axes().stream().dropWhile(List::isEmpty).toList();
    List<Atom> tokens = List.of(token);
    List<Atom> elements = List.of(width);
    if (head.isEmpty()) {
      return rest.equals(List.of(tokens, elements))
          ? Optional.of(Order.TOKENS_FIRST)
          : Optional.empty();
    }
    List<Atom> heads = List.of(head.get());
    if (rest.equals(List.of(heads, tokens, elements))) {
      return Optional.of(Order.HEADS_FIRST);
    }
    return rest.equals(List.of(tokens, heads, elements))
            || rest.equals(List.of(tokens, merged(head.get())))
        ? Optional.of(Order.TOKENS_FIRST)
        : Optional.empty();
  }

  /** Returns heads and elements as one axis. */
  private List<Atom> merged(Atom outer) {
    return outer.continues(width)
        ? List.of(Atom.feature(width.place(), outer.length().times(width.length())))
        : List.of(outer, width);
  }

  /** Returns the order of {@link #value}'s axes in which {@link #turned} reads it. */
  long[] turn() {
    var wanted = new ArrayList<List<Atom>>();
    head.ifPresent(each -> wanted.add(List.of(each)));
    wanted.add(List.of(token));
    wanted.add(List.of(width));
    return IntStream.concat(
            IntStream.range(0, at.rank()).filter(at::isOne),
            wanted.stream().mapToInt(at.axes()::indexOf))
        .asLongStream()
        .toArray();
  }

  /** Returns how {@link #value} is read with its axes in another order. */
  Order turned() {
    return head.isPresent() ? Order.HEADS_FIRST : Order.TOKENS_FIRST;
  }
}

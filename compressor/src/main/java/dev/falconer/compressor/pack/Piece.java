package dev.falconer.compressor.pack;

import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/** A part of a graph that one operator computes. */
sealed interface Piece {
  /** Returns the tensor computed. */
  String output();

  /** Returns the tensors of rows that are read. */
  List<String> rows();

  /** Returns the products with constant weights. */
  List<Dense> products();

  /** Returns the other tensors read that are no constants. */
  List<String> others();

  /**
   * A transformer layer.
   *
   * @param own products of the rows' own keys and values; both or none
   * @param feedForward what follows the attention
   * @param exit from x to the tensor computed
   */
  record Block(
      String output,
      Term x,
      boolean isPre,
      Form.Normed norm,
      Form.Weighed attended,
      Dense query,
      List<Dense> own,
      Dense out,
      Optional<FeedForward> feedForward,
      Exit exit)
      implements Piece {
    /** Copies the list. */
    public Block {
      own = List.copyOf(own);
    }

    @Override
    public List<String> rows() {
      return List.of(x.value());
    }

    @Override
    public List<Dense> products() {
      return Stream.of(
              Stream.of(query, out),
              own.stream(),
              feedForward.stream().flatMap(half -> Stream.of(half.first, half.second)))
          .flatMap(each -> each)
          .toList();
    }

    @Override
    public List<String> others() {
      return shared(attended);
    }
  }

  /** The second half of a layer. */
  record FeedForward(Form.Normed norm, Dense first, String activation, Dense second) {}

  /**
   * Attention alone.
   *
   * @param exit from queries to the tensor computed
   */
  record Attended(String output, Form.Weighed attended, Exit exit) implements Piece {
    @Override
    public List<String> rows() {
      return Stream.concat(
              Stream.of(attended.attention().query()),
              Stream.concat(
                  attended.attention().own().map(Attention.Own::key).stream(),
                  attended.own().stream()))
          .map(Term::value)
          .toList();
    }

    @Override
    public List<Dense> products() {
      return List.of();
    }

    @Override
    public List<String> others() {
      return shared(attended);
    }
  }

  /** Products one after the other. */
  record Chain(String output, String x, List<Layer> layers, Exit exit) implements Piece {
    /** Copies the list. */
    public Chain {
      layers = List.copyOf(layers);
    }

    @Override
    public List<String> rows() {
      return List.of(x);
    }

    @Override
    public List<Dense> products() {
      return layers.stream().map(Layer::dense).toList();
    }

    @Override
    public List<String> others() {
      return List.of();
    }
  }

  /** A product and what follows it. */
  record Layer(Dense dense, String activation) {}

  private static List<String> shared(Form.Weighed attended) {
    Keys keys = attended.attention().keys();
    Keys values = attended.shared().orElseThrow();
    return Stream.concat(
            Stream.of(keys.value(), values.value()),
            attended.attention().mask().map(Mask::value).stream())
        .toList();
  }
}

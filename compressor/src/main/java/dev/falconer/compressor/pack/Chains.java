package dev.falconer.compressor.pack;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Finds products one after the other from their last activation, sum or product. */
record Chains(Facts facts) {
  /** Most layers of an operator. */
  private static final int LONGEST = 15;

  /** Fewest outputs of a product that is packed by itself: 16 are multiplied at a time. */
  static final int FEWEST = 8;

  /** Returns the chains that end in a term, the longest first. */
  List<Piece> of(Term y) {
    var layers = new ArrayList<Piece.Layer>();
    var chains = new ArrayList<Piece>();
    Optional<Piece.Layer> layer = layer(y);
    while (layer.isPresent() && layers.size() < LONGEST) {
      layers.addFirst(layer.get());
      Form.Rows x = layer.get().dense().read();
      if (x.at().hasRows() && (layers.size() > 1 || isLarge(layer.get()))) {
        List<Piece.Layer> all = List.copyOf(layers);
        int out = all.getLast().dense().count();
        Exit.of(x.at().withFeatures(out), y.at())
            .ifPresent(exit -> chains.addFirst(new Piece.Chain(y.value(), x.value(), all, exit)));
      }
      layer = layer(layer.get().dense().in());
    }
    return chains;
  }

  private static boolean isLarge(Piece.Layer layer) {
    return layer.dense().count() >= FEWEST;
  }

  private Optional<Piece.Layer> layer(Term term) {
    return term.form() instanceof Form.Active(String activation, Term of)
        ? Dense.of(facts, of).map(dense -> new Piece.Layer(dense, activation))
        : Dense.of(facts, term)
            .filter(_ -> !(term.form() instanceof Form.Part))
            .map(dense -> new Piece.Layer(dense, "none"));
  }
}

package dev.falconer.compressor.pack;

import dev.falconer.compressor.onnx.Node;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/** Finds the pieces of a graph: layers first, then attention, then products. */
final class Finder {
  private final Reading reading;
  private final Coverage coverage;
  private final List<Piece> pieces = new ArrayList<>();

  /**
   * What was found.
   *
   * @param taken values that the pieces compute inside, and their results
   */
  record Found(List<Piece> pieces, Set<String> taken) {}

  private Finder(Facts facts) {
    this.reading = Reading.of(facts);
    this.coverage = new Coverage(facts.model().graph());
  }

  static Found find(Facts facts) {
    var finder = new Finder(facts);
    var blocks = new Blocks(facts);
    var chains = new Chains(facts);
    finder.eachTerm(term -> blocks.of(term).stream());
    finder.eachTerm(finder::attention);
    finder.eachTerm(term -> chains.of(term).stream());
    return new Found(List.copyOf(finder.pieces), finder.coverage.taken());
  }

  /** Makes pieces of a term, the best first. */
  private interface Maker {
    Stream<Piece> of(Term term);
  }

  /** Takes of every term that no piece holds yet the first piece that can be taken, last first. */
  private void eachTerm(Maker maker) {
    for (Node node : reading.facts().model().graph().nodes().reversed()) {
      Placed placed = reading.placed().get(node.output());
      if (placed == null || !coverage.isFree(node.output())) {
        continue;
      }
      Term term = Step.term(node.output(), placed);
      if (term.value().equals(node.output())) {
        maker.of(term).filter(coverage::take).findFirst().ifPresent(pieces::add);
      }
    }
  }

  /** Returns attention that ends in the first tensor which holds its result flat. */
  private Stream<Piece> attention(Term term) {
    if (!(term.form() instanceof Form.Weighed attended)) {
      return Stream.empty();
    }
    Arrangement query = attended.attention().query().at();
    boolean fits =
        attended.isWhole()
            && attended.attention().heads().width() <= Blocks.WIDEST
            && query.isFlat()
            && query.hasRows()
            && isBeside(attended.attention().own().map(Attention.Own::key), query)
            && isBeside(attended.own(), query);
    return fits
        ? reading.facts().model().graph().nodes().stream()
            .map(Node::output)
            .flatMap(value ->
                exit(value, term, query)
                    .map(exit -> (Piece) new Piece.Attended(value, attended, exit))
                    .stream())
            .limit(1)
        : Stream.empty();
  }

  private static boolean isBeside(Optional<Term> own, Arrangement query) {
    return own.filter(term -> !term.at().equals(query)).isEmpty();
  }

  private Optional<Exit> exit(String value, Term term, Arrangement query) {
    Placed placed = reading.placed().get(value);
    return placed != null && placed.isTerm() && placed.term().isSame(term) && placed.at().isFlat()
        ? Exit.of(query, placed.at())
        : Optional.empty();
  }
}

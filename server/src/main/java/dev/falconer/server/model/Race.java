package dev.falconer.server.model;

import dev.falconer.bundle.BundleException;
import dev.falconer.server.choice.Choice;
import dev.falconer.server.choice.Measured;
import dev.falconer.server.domain.VariantKey;
import dev.falconer.server.engine.GraphException;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalDouble;

/**
 * Holds variants against the golden requests and times them beside the plain one, one after the
 * other. At most three are open: the plain one, the best so far, and the one that is timed.
 */
final class Race {
  private static final System.Logger log = System.getLogger(Race.class.getName());

  private final VariantTrials trials;
  private final Contender reference;
  private final Graphs plain;
  private final List<Measured> measured = new ArrayList<>();
  private Graphs best;
  private final List<Contender> uncompiled = new ArrayList<>();

  /** Opens the plain variant. Throws what {@link VariantTrials#prove} does, of that one. */
  Race(VariantTrials trials, Contender reference) {
    this.trials = trials;
    this.reference = reference;
    plain = trials.open(reference);
    trials.prove(reference, plain);
    best = plain;
  }

  /** Times a variant; one that can't be computed or breaks its promise is out, with a notice. */
  void enter(Contender contender) {
    Graphs graphs;
    try {
      graphs = trials.open(contender);
    } catch (GraphException e) {
      out(System.Logger.Level.INFO, contender, String.valueOf(e.getMessage()));
      return;
    }
    OptionalDouble difference = difference(contender, graphs);
    if (difference.isEmpty()) {
      trials.close(graphs);
      return;
    }
    var times = trials.time(graphs, plain, difference.getAsDouble());
    log.log(System.Logger.Level.INFO, "{0}, {1}", trials.title(), times);
    measured.add(times);
    boolean isBest = choice().key().equals(contender.key());
    var loser = isBest ? best : graphs;
    best = isBest ? graphs : best;
    if (!loser.equals(plain)) {
      trials.close(loser);
    }
  }

  /** Returns the difference of a variant's scores that may be served; empty when it may not. */
  private OptionalDouble difference(Contender contender, Graphs graphs) {
    try {
      double difference = trials.prove(contender, graphs);
      if (trials.compile(graphs, plain)) {
        return OptionalDouble.of(difference);
      }
      uncompiled.add(contender);
      out(System.Logger.Level.WARNING, contender, "Java's compiler is busy, or off");
    } catch (GraphException | BundleException e) {
      out(System.Logger.Level.WARNING, contender, String.valueOf(e.getMessage()));
    }
    return OptionalDouble.empty();
  }

  private void out(System.Logger.Level level, Contender contender, String why) {
    log.log(level, "{0}, {1} is not served: {2}", trials.title(), contender.key(), why);
  }

  /** Returns the choice among those that entered. */
  Choice choice() {
    return Choice.fastest(reference.key(), measured);
  }

  /** Returns the graphs with the variant of the choice. */
  Graphs winner() {
    return best;
  }

  /** Returns what wasn't compiled in time, of the variants that nothing else computed. */
  List<VariantKey> uncompiled() {
    var names = measured.stream().map(each -> each.key().variant()).toList();
    return uncompiled.stream()
        .map(Contender::key)
        .filter(key -> !names.contains(key.variant()))
        .toList();
  }
}

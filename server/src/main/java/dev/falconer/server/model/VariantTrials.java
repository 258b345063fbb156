package dev.falconer.server.model;

import dev.falconer.bundle.BundleException;
import dev.falconer.server.choice.ChoiceRules;
import dev.falconer.server.choice.Measured;
import dev.falconer.server.domain.ExecutedBy;
import dev.falconer.server.engine.GraphException;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/**
 * Opens variants, holds them against the golden requests and times them beside a reference of
 * ONNX's own operators. Closing it leaves open what was opened: that closes with the rest, or
 * before.
 */
final class VariantTrials implements AutoCloseable {
  private final ChoiceRules rules;
  private final VersionFolder version;
  private final GoldenCheck golden;
  private final Opened opened;
  private final Graphs graphs;
  private @Nullable Trial trial;

  /** Creates trials beside the graphs that all variants share. */
  VariantTrials(
      ChoiceRules rules, VersionFolder version, GoldenCheck golden, Opened opened, Graphs graphs) {
    this.rules = rules;
    this.version = version;
    this.golden = golden;
    this.opened = opened;
    this.graphs = graphs;
  }

  /** Returns the model's name and version. */
  String title() {
    return version.spec().title();
  }

  /** Opens a contender's graphs. Throws {@link GraphException} when they can't be computed so. */
  Graphs open(Contender contender) {
    return version.open(contender.variant(), contender.by(), graphs, opened);
  }

  /** Closes what {@link #open} opened. */
  void close(Graphs contender) {
    opened.close(contender.scorer().graph());
    if (contender.user() != null && !contender.user().equals(graphs.user())) {
      opened.close(contender.user());
    }
  }

  /**
   * Runs a contender once at each size, and returns its largest difference to a golden score.
   *
   * @throws GraphException when it can't be run
   * @throws BundleException when its scores are others than was promised
   */
  double prove(Contender contender, Graphs opened) {
    WarmUp.run(opened);
    return golden.check(opened, contender.variant().getMaxDifference());
  }

  /**
   * Warms a contender and the reference, each alone. Returns whether Java's compiler got done with
   * the contender's operators in time.
   */
  boolean compile(Graphs contender, Graphs reference) {
    boolean hasOwn = contender.scorer().key().by() != ExecutedBy.ONNX_RUNTIME;
    long plain = warm(reference, Long.MAX_VALUE).orElse(Long.MAX_VALUE);
    boolean isCompiled = warm(contender, hasOwn ? plain : Long.MAX_VALUE).isPresent();
    return isCompiled || !hasOwn;
  }

  private OptionalLong warm(Graphs contender, long allowed) {
    return rules.warmLoop().run(trial().scorer(contender), trial().sizes(), allowed);
  }

  /**
   * Returns a contender's times beside the reference's; both are warm.
   *
   * @param difference for the record
   */
  Measured time(Graphs contender, Graphs reference, double difference) {
    return rules
        .timer()
        .time(
            contender.scorer().key(),
            trial().scorer(reference),
            trial().scorer(contender),
            trial().sizes(),
            difference);
  }

  private Trial trial() {
    if (trial == null) {
      trial = new Trial(graphs.spec(), golden);
    }
    return trial;
  }

  @Override
  public void close() {
    if (trial != null) {
      trial.close();
    }
  }
}

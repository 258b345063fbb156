package dev.falconer.server.model;

import dev.falconer.bundle.BundleException;
import dev.falconer.bundle.Variants;
import dev.falconer.server.choice.Choice;
import dev.falconer.server.choice.ChoiceFile;
import dev.falconer.server.choice.ChoiceRules;
import dev.falconer.server.choice.Wanted;
import dev.falconer.server.domain.ExecutedBy;
import dev.falconer.server.domain.VariantKey;
import dev.falconer.server.engine.GraphException;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Finds the variant that scores a model's candidates: the one that the operator named, or the
 * fastest. To find the fastest, each that this machine can compute is opened, held against the
 * golden requests, called until it is compiled, and timed beside the plain one; on the thread that
 * loads, one at a time. Requests to an earlier version that is served meanwhile disturb both sides
 * of each pair alike: the ratios stay fair, the milliseconds don't.
 */
final class VariantFinder {
  private static final System.Logger log = System.getLogger(VariantFinder.class.getName());

  private final ChoiceRules rules;
  private final VersionFolder version;
  private final VariantTrials trials;
  private final List<Contender> contenders;

  VariantFinder(ChoiceRules rules, VersionFolder version, VariantTrials trials) {
    this.rules = rules;
    this.version = version;
    this.trials = trials;
    this.contenders = Contender.of(version.variants(), version.engine()::executions);
  }

  /** Graphs with the variant that is served, warm and proven. */
  record Found(Graphs graphs, Choice choice) {}

  /** Returns the graphs; others may be open still. Throws {@link BundleException}. */
  Found find() {
    return switch (rules.wanted()) {
      case Wanted.Named wanted -> named(wanted);
      case Wanted.Fastest _ -> fastest();
    };
  }

  private Found named(Wanted.Named wanted) {
    // Where the operator leaves it open native code is tried before Java.
    var those =
        contenders.stream()
            .filter(each -> each.variant().getName().equals(wanted.variant()))
            .filter(each -> wanted.by().isEmpty() || wanted.by().get() == each.by())
            .sorted(Comparator.comparing(Contender::by).reversed())
            .toList();
    if (those.isEmpty()) {
      throw new BundleException(
          "manifest.json: no variant '%s' of %s; %s (--variant)"
              .formatted(wanted, version.spec().name(), available()));
    }
    for (var contender : those.subList(0, those.size() - 1)) {
      try {
        return untimed(contender, Choice.of(contender.key(), Choice.Reason.WANTED));
      } catch (GraphException | BundleException e) {
        warn(contender, "is not served: " + e.getMessage());
      }
    }
    var last = those.getLast();
    return untimed(last, Choice.of(last.key(), Choice.Reason.WANTED));
  }

  private Found fastest() {
    var reference = reference();
    if (reference.isEmpty()) {
      throw new BundleException(
          "manifest.json: no variant of %s to hold the others against: one of ONNX's operators; %s (--variant)"
              .formatted(version.spec().name(), available()));
    }
    if (contenders.size() == 1) {
      return untimed(reference.get(), Choice.of(reference.get().key(), Choice.Reason.ONLY));
    }
    var file = file();
    return file.read().flatMap(this::kept).orElseGet(() -> timed(reference.get(), file));
  }

  private Optional<Found> kept(Choice choice) {
    for (var contender : contenders) {
      if (contender.key().equals(choice.key())) {
        try {
          return Optional.of(untimed(contender, choice));
        } catch (GraphException | BundleException e) {
          warn(contender, "is measured again: " + e.getMessage());
        }
      }
    }
    return Optional.empty();
  }

  private Found untimed(Contender contender, Choice choice) {
    var graphs = trials.open(contender);
    trials.prove(contender, graphs);
    if (contender.by() != ExecutedBy.ONNX_RUNTIME) {
      reference()
          .ifPresent(reference -> {
            var plain = trials.open(reference);
            if (!trials.compile(graphs, plain)) {
              warn(contender, "is slow at first: Java's compiler is busy, or off");
            }
            trials.close(plain);
          });
    }
    return new Found(graphs, choice);
  }

  private Found timed(Contender reference, ChoiceFile file) {
    var race = new Race(trials, reference);
    contenders.stream()
        .filter(each -> !each.equals(reference))
        .filter(this::isClose)
        .forEach(race::enter);
    file.write(race.choice(), race.uncompiled());
    return new Found(race.winner(), race.choice());
  }

  private boolean isClose(Contender contender) {
    double promised = contender.variant().getMaxDifference();
    boolean isClose = promised <= Variants.MOST_DIFFERENCE_UNASKED;
    if (!isClose) {
      log.log(
          System.Logger.Level.INFO,
          "{0}, {1} is not served unasked: its scores differ by up to {2}",
          version.spec().title(),
          contender.key(),
          promised);
    }
    return isClose;
  }

  /** The plain variant, or where a manifest has none of that name the one that it serves. */
  private Optional<Contender> reference() {
    return Stream.of(VariantKey.PLAIN, version.manifest().getGraphs().getServed())
        .flatMap(name ->
            contenders.stream()
                .filter(each -> each.by() == ExecutedBy.ONNX_RUNTIME)
                .filter(each -> each.variant().getName().equals(name)))
        .findFirst();
  }

  private ChoiceFile file() {
    var key = new TreeMap<>(rules.key());
    key.put("manifest", version.spec().digest());
    key.put("micro_batch", Integer.toString(version.spec().microBatch()));
    key.put("operators", hasOperators() ? version.engine().executions().toString() : "none");
    return new ChoiceFile(
        rules.cacheFolder(),
        version.spec().name(),
        version.spec().version(),
        key,
        notice -> log.log(System.Logger.Level.INFO, notice));
  }

  private boolean hasOperators() {
    return version.variants().stream().anyMatch(each -> !each.getOperators().isEmpty());
  }

  /** Returns "there is [plain, packed:java]; no native kernels: ..". */
  private String available() {
    String known = "there is " + contenders.stream().map(Contender::key).toList();
    return hasOperators()
        ? Stream.concat(Stream.of(known), version.engine().executions().notices().stream())
            .collect(Collectors.joining("; "))
        : known;
  }

  private void warn(Contender contender, String what) {
    log.log(
        System.Logger.Level.WARNING, "{0}, {1} {2}", version.spec().title(), contender.key(), what);
  }
}

package dev.falconer.server.model;

import dev.falconer.server.domain.ExecutedBy;
import dev.falconer.server.domain.VariantKey;
import dev.falconer.server.engine.Executions;
import dev.falconer.v1.Variant;
import java.util.List;
import java.util.function.Supplier;
import java.util.stream.Stream;

/** A variant of a manifest and what would compute it on this machine. */
record Contender(Variant variant, ExecutedBy by) {
  /** Returns the contender's name. */
  VariantKey key() {
    return new VariantKey(variant.getName(), by);
  }

  /** Returns the variants by what there is for each; none of operators that this program lacks. */
  static List<Contender> of(List<Variant> variants, Supplier<Executions> executions) {
    return variants.stream()
        .flatMap(variant -> by(variant, executions).map(by -> new Contender(variant, by)))
        .toList();
  }

  private static Stream<ExecutedBy> by(Variant variant, Supplier<Executions> executions) {
    return switch (variant.getOperators()) {
      case "" -> Stream.of(ExecutedBy.ONNX_RUNTIME);
      case Executions.OPERATORS -> executions.get().available().stream();
      default -> Stream.of();
    };
  }
}

package dev.falconer.compressor.pipeline;

import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What each layer of a model gets.
 *
 * <pre>
 * targets: asymmetric        # or symmetric, as published
 * layers:                    # the first rule that matches a layer holds
 *   - match: "head.*"        # of the weight's or the node's name; * stands for any text
 *     keep: dense
 *   - match: "*.ffn.*"
 *     pattern: "2:4"         # zeros, by solver: alps; the kernels multiply 8:16, 4:16, 2:16,
 *                            # panel16@0.25 and, in int8, panel16x4@0.25
 *     rank: 16               # and a matrix of rank 16 beside them, by hassle-free-alps; "40%":
 *                            # the rank that saves so much of the layer's numbers
 *   - match: "*"
 *     bits: 4                # int4 weights, by quantiser: gptq+cd on grid: mse
 *     group: 32              # inputs that share a scale
 *   - match: "mlp.*"
 *     activations: int8      # integer arithmetic: static scales by range: mse, or 99.99%
 *     bits: 7                # of the weights; 8 where every CPU has VNNI
 *   - match: "*"
 *     options:               # for each layer one of these, by a target for the whole model
 *       - {keep: dense}
 *       - {bits: 4}
 *   - match: "*.attention.output"
 *     remove: "25%"          # of the heads, neurons or channels that it reads, with what gives them
 * embeddings: fp16           # tables that are only looked up
 * </pre>
 *
 * @param rules in the order tried
 * @param targets what a layer is fitted to
 * @param halfTables whether tables that are only looked up are stored in float16
 */
public record CompressionPlan(List<Rule> rules, Targets targets, boolean halfTables) {
  /** What a layer's outputs should be on the inputs that the compressed network gives it. */
  public enum Targets {
    /**
     * Those of the dense network on its own inputs: later layers make up for earlier ones. 1.3 to
     * 4.4 times lower error of the network's output.
     */
    ASYMMETRIC,
    /** Those of the dense layer on the same inputs, as ALPS, SparseGPT and Wanda do. */
    SYMMETRIC
  }

  /** Copies the list. */
  public CompressionPlan {
    rules = List.copyOf(rules);
    if (rules.isEmpty()) {
      throw new IllegalArgumentException("a plan has at least one rule under layers");
    }
    boolean removes =
        rules.stream().flatMap(rule -> rule.choices().stream()).anyMatch(c -> c.removed() > 0);
    if (removes && rules.stream().anyMatch(Rule::isOpen)) {
      throw new IllegalArgumentException(
          "remove goes with no options in the same plan: what it takes from other layers is not"
              + " measured; choose first, then remove by a plan of its own");
    }
  }

  /** Returns whether a rule leaves several choices. */
  public boolean isOpen() {
    return rules.stream().anyMatch(Rule::isOpen);
  }

  /** Returns the rule of a layer with one of these names; none where no rule matches. */
  Optional<Rule> of(List<String> names) {
    return rules.stream().filter(rule -> names.stream().anyMatch(rule::matches)).findFirst();
  }

  /**
   * What the layers of some names get.
   *
   * @param match name with * for any text, ? for a character
   * @param choices what they can get; one where nothing is to be chosen
   */
  public record Rule(String match, List<Choice> choices) {
    /** Copies the list. */
    public Rule {
      choices = List.copyOf(choices);
    }

    /** Returns whether one of several choices is to be made. */
    boolean isOpen() {
      return choices.size() > 1;
    }

    boolean matches(String name) {
      return name.matches(
          java.util.regex.Pattern.quote(match).replace("*", "\\E.*\\Q").replace("?", "\\E.\\Q"));
    }
  }

  /**
   * Something that a layer can get.
   *
   * @param treatment none to keep the layer dense
   * @param removed share of the groups of the layer's inputs to remove, below 1, where a layer's
   *     graph is to say what the groups are; 0 where it has been asked, or nothing is removed
   * @param keys as a plan says it, such as pattern: 2:4
   */
  public record Choice(Optional<Treatment> treatment, double removed, Map<String, Object> keys) {
    /** A choice that leaves nothing to the layer's graph. */
    public Choice(Optional<Treatment> treatment, Map<String, Object> keys) {
      this(treatment, 0, keys);
    }

    /** Keeps the keys' order. */
    public Choice {
      if (!(removed >= 0 && removed < 1) || (removed > 0 && treatment.isPresent())) {
        throw new IllegalArgumentException(
            "a share of %s removed, and %s".formatted(removed, treatment));
      }
      keys = java.util.Collections.unmodifiableMap(new java.util.LinkedHashMap<>(keys));
    }

    @Override
    public String toString() {
      return removed > 0
          ? 100 * removed + "% removed"
          : treatment.map(Treatment::toString).orElse("dense");
    }
  }
}

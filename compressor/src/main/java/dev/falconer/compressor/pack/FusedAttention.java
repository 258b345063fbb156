package dev.falconer.compressor.pack;

import dev.falconer.compressor.axes.Poly;
import dev.falconer.compressor.onnx.DType;
import dev.falconer.compressor.onnx.Node;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;

/** com.microsoft's MultiHeadAttention and ONNX's Attention, of queries, keys and values apart. */
final class FusedAttention {
  private static final int MICROSOFT_BIAS = 5;
  private static final int OWN_MASK = 3;

  private FusedAttention() {}

  static Optional<Placed> of(Step step) {
    Node node = step.node();
    boolean isAlone = node.outputs().stream().skip(1).allMatch(String::isEmpty);
    if (step.in(0).isEmpty() || !isAlone) {
      return Optional.empty();
    }
    if (node.domain().equals("com.microsoft") && node.type().equals("MultiHeadAttention")) {
      return hasOnly(step, MICROSOFT_BIAS) && node.intAttribute("unidirectional", 0) == 0
          ? attended(step, node.intAttribute("num_heads", 0), mask(step, MICROSOFT_BIAS))
          : Optional.empty();
    }
    boolean isPlain =
        node.is("Attention")
            && hasOnly(step, OWN_MASK)
            && node.intAttribute("is_causal", 0) == 0
            && node.floatAttribute("softcap", 0) == 0
            && node.intAttribute("q_num_heads", 0) == node.intAttribute("kv_num_heads", 0);
    return isPlain
        ? attended(step, node.intAttribute("q_num_heads", 0), mask(step, OWN_MASK))
        : Optional.empty();
  }

  /** Returns whether there are no inputs but queries, keys, values and one more. */
  private static boolean hasOnly(Step step, int index) {
    return step.has(1)
        && step.has(2)
        && IntStream.range(3, step.node().inputs().size())
            .noneMatch(i -> i != index && step.has(i));
  }

  private static Optional<Mask> mask(Step step, int index) {
    if (!step.has(index)) {
      return Optional.empty();
    }
    String value = step.node().input(index);
    return Optional.of(
        step.facts().is(value, DType.BOOL)
            ? new Mask.Chosen(value, Float.NEGATIVE_INFINITY, false)
            : new Mask.Added(value));
  }

  private static Optional<Placed> attended(Step step, long given, Optional<Mask> mask) {
    Placed query = step.in(0).orElseThrow();
    boolean isSplit = query.at().rank() == 4;
    Optional<Form.Heads> heads = isSplit ? Attending.heads(query.at()) : heads(query.at(), given);
    Optional<Keys> keys = heads.flatMap(found -> keys(step, 1, found));
    Optional<Keys> values = heads.flatMap(found -> keys(step, 2, found));
    Optional<Double> factor = query.polynomial().factor();
    if (keys.isEmpty()
        || values.isEmpty()
        || factor.isEmpty()
        || !query.at().isOne(0)
        || !keys.get().token().length().equals(values.get().token().length())) {
      return Optional.empty();
    }
    Poly tokens = keys.get().token().length();
    if (mask.filter(each -> !Masking.isBeside(step, each.value(), tokens, 4)).isPresent()) {
      return Optional.empty();
    }
    float scale = step.node().floatAttribute("scale", 0);
    double usual = 1 / Math.sqrt(heads.get().width());
    var attention =
        new Attention(
            query.term(),
            heads.get(),
            keys.get(),
            factor.get() * (scale == 0 ? usual : scale),
            tokens,
            mask,
            Optional.empty());
    return Optional.of(
        step.result(query.at(), new Form.Weighed(attention, values, Optional.empty(), false)));
  }

  private static Optional<Form.Heads> heads(Arrangement at, long given) {
    return at.features()
        .filter(_ -> at.isFlat() && at.rank() == 3)
        .filter(all -> given > 0 && all % given == 0)
        .map(all -> new Form.Heads((int) given, (int) (all / given)));
  }

  /** Returns keys [1, tokens, heads width] or [1, heads, tokens, width]. */
  private static Optional<Keys> keys(Step step, int index, Form.Heads heads) {
    Optional<Placed> in = step.in(index);
    String value = step.node().input(index);
    if (in.isEmpty() || !in.get().at().isOne(0)) {
      return Optional.empty();
    }
    Arrangement at = in.get().at();
    if (at.rank() == 4) {
      return Keys.of(value, in.get(), at.axis(1), at.axis(2), at.axis(3))
          .filter(found -> Arrangement.length(at.axis(1)).is(heads.count()))
          .filter(found -> found.width().length().is(heads.width()));
    }
    List<Poly> lengths = new ArrayList<>(at.lengths().subList(0, at.rank() - 1));
    lengths.add(Poly.of(heads.count()));
    lengths.add(Poly.of(heads.width()));
    return at.regrouped(lengths)
        .filter(_ -> at.rank() == 3)
        .flatMap(apart ->
            Keys.of(value, in.get().at(apart), apart.axis(2), apart.axis(1), apart.axis(3)))
        .map(found -> found.lying(at));
  }
}

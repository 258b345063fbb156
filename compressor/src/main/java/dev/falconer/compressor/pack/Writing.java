package dev.falconer.compressor.pack;

import dev.falconer.compressor.onnx.Attribute;
import dev.falconer.compressor.onnx.Attribute.FloatAttr;
import dev.falconer.compressor.onnx.Graph;
import dev.falconer.compressor.onnx.Node;
import dev.falconer.compressor.onnx.TensorData;
import dev.falconer.compressor.pack.PackOptions.Precision;
import dev.falconer.compressor.pack.PackReport.PackedNode;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Collectors;

/** Writes pieces as nodes. */
final class Writing {
  private final Facts facts;
  private final PackOptions options;
  private final Calibration calibration;
  private final Graph graph;
  private final Draft draft;
  private final WrittenWeights weights;
  private final WrittenTokens tokens;
  private final List<PackedNode> report = new ArrayList<>();

  Writing(Facts facts, PackOptions options, Calibration calibration) {
    this.facts = facts;
    this.options = options;
    this.calibration = calibration;
    this.graph = facts.model().graph();
    this.draft = new Draft(graph);
    this.weights = new WrittenWeights(facts, options, calibration, draft);
    this.tokens = new WrittenTokens(facts, draft);
  }

  /** Returns the graph in which pieces stand in the place of the nodes that write their results. */
  Graph written(List<Piece> pieces) {
    Map<String, Piece> byOutput =
        pieces.stream().collect(Collectors.toMap(Piece::output, Function.identity()));
    for (Node node : graph.nodes()) {
      Piece piece = byOutput.get(node.output());
      if (piece == null) {
        draft.keep(node);
      } else {
        write(node, piece);
      }
    }
    return draft.done();
  }

  List<PackedNode> report() {
    return report;
  }

  private void write(Node last, Piece piece) {
    switch (piece) {
      case Piece.Block block -> block(last, block);
      case Piece.Attended attended -> attention(last, attended);
      case Piece.Chain chain when chain.layers().size() == 1 -> product(last, chain);
      case Piece.Chain chain -> chain(last, chain);
    }
  }

  private void product(Node last, Piece.Chain chain) {
    Piece.Layer layer = chain.layers().getFirst();
    var inputs = new ArrayList<>(List.of(chain.x()));
    weights.add(List.of(layer.dense()), List.of(1.0), inputs);
    Map<String, Attribute> attributes = Map.of("activation", Attribute.of(layer.activation()));
    write(last, "SparseMatMul", attributes, inputs, chain.exit(), "");
  }

  private void chain(Node last, Piece.Chain chain) {
    var inputs = new ArrayList<>(List.of(chain.x()));
    chain.layers().forEach(layer -> weights.add(List.of(layer.dense()), List.of(1.0), inputs));
    String activations =
        chain.layers().stream().map(Piece.Layer::activation).collect(Collectors.joining(","));
    Map<String, Attribute> attributes = Map.of("activations", Attribute.of(activations));
    write(last, "CandidateMlp", attributes, inputs, chain.exit(), "");
  }

  private void attention(Node last, Piece.Attended piece) {
    Form.Weighed attended = piece.attended();
    WrittenTokens.Read read = tokens.read(last.name(), attended);
    var inputs = new ArrayList<>(List.of(attended.attention().query().value()));
    inputs.addAll(read.inputs());
    attended
        .attention()
        .own()
        .ifPresent(own -> {
          inputs.add(tokens.scaled(own.key().value(), own.scale() / read.scale()));
          inputs.add(attended.own().orElseThrow().value());
        });
    Map<String, Attribute> attributes = attending(attended, read);
    attributes.put("width", Attribute.of(attended.attention().heads().width()));
    String what = what(attended);
    if (!attended.isGuarded() || attended.attention().mask().isEmpty()) {
      write(last, "CandidateAttention", attributes, inputs, piece.exit(), what);
      return;
    }
    // Where every token is masked: 0, not NaN.
    String bare = draft.fresh(last.output() + "#unguarded");
    write(
        last.withOutputs(List.of(bare)),
        "CandidateAttention",
        attributes,
        inputs,
        piece.exit(),
        what);
    String isNaN = draft.add(last.name() + "#masked", "IsNaN", Map.of(), bare);
    String zero = draft.constant("#zero", TensorData.scalar(0f));
    draft.write(
        last.output(),
        draft.fresh(last.name() + "#guarded"),
        "",
        "Where",
        Map.of(),
        List.of(isNaN, zero, bare));
  }

  private void block(Node last, Piece.Block block) {
    Form.Weighed attended = block.attended();
    WrittenTokens.Read read = tokens.read(last.name(), attended);
    Optional<SmoothedTokens> smoothed =
        options.attention() == Precision.INT8
            ? SmoothedTokens.of(facts, calibration, block, read)
            : Optional.empty();
    var inputs = new ArrayList<>(List.of(block.x().value()));
    inputs.addAll(smoothed.map(each -> tokens.smoothed(read, each)).orElse(read.inputs()));
    int width = block.query().width();
    weights.add(block.norm(), width, inputs);
    var projections = new ArrayList<>(List.of(block.query()));
    var factors = new ArrayList<>(List.of(1.0));
    if (!block.own().isEmpty()) {
      projections.addAll(block.own());
      double scale = attended.attention().own().orElseThrow().scale();
      factors.addAll(List.of(WrittenTokens.ratio(scale, read.scale()), 1.0));
    }
    PackOptions around = options.aroundAttention();
    weights.add(
        smoothed.map(each -> each.projections(projections, factors)).orElse(projections),
        factors,
        calibration.of(block.query().read().value()),
        around,
        inputs);
    Optional<Moments> seen = calibration.of(block.out().read().value());
    weights.add(
        List.of(smoothed.map(each -> each.out(block.out(), facts)).orElse(block.out())),
        List.of(1.0),
        smoothed.map(each -> each.attended(seen)).orElse(seen),
        around,
        inputs);
    Map<String, Attribute> attributes = attending(attended, read);
    attributes.put("norm", Attribute.of(block.isPre() ? "pre" : "post"));
    attributes.put("epsilon1", new FloatAttr(block.norm().epsilon()));
    block
        .feedForward()
        .ifPresent(half -> {
          weights.add(half.norm(), width, inputs);
          weights.add(List.of(half.first()), List.of(1.0), inputs);
          weights.add(List.of(half.second()), List.of(1.0), inputs);
          attributes.put("epsilon2", new FloatAttr(half.norm().epsilon()));
          attributes.put("activation", Attribute.of(half.activation()));
        });
    write(last, "CandidateBlock", attributes, inputs, block.exit(), what(attended));
  }

  private Map<String, Attribute> attending(Form.Weighed attended, WrittenTokens.Read read) {
    var attributes = new HashMap<String, Attribute>();
    attributes.put("heads", Attribute.of(attended.attention().heads().count()));
    attributes.put("scale", new FloatAttr((float) read.scale()));
    attributes.put("tokens_first", Attribute.of(read.order() == Keys.Order.TOKENS_FIRST ? 1L : 0L));
    attributes.put("attention", Attribute.of(options.attention().toString()));
    return attributes;
  }

  private String what(Form.Weighed attended) {
    Form.Heads heads = attended.attention().heads();
    return "%d heads of %d in %s%s%s"
        .formatted(
            heads.count(),
            heads.width(),
            options.attention(),
            attended.attention().mask().isPresent() ? ", masked" : "",
            attended.own().isPresent() ? ", own token" : "");
  }

  private void write(
      Node last,
      String operator,
      Map<String, Attribute> attributes,
      List<String> inputs,
      Exit exit,
      String attention) {
    String name = draft.fresh(last.name() + "#" + operator);
    String output =
        exit.shape().isEmpty() ? last.output() : draft.fresh(last.output() + "#" + operator);
    List<String> given = new ArrayList<>(inputs);
    while (given.getLast().isEmpty()) {
      given.removeLast();
    }
    draft.write(output, name, Packing.DOMAIN, operator, attributes, given);
    if (!exit.shape().isEmpty()) {
      long[] shape = exit.shape().stream().mapToLong(Long::longValue).toArray();
      String constant = draft.constant("#shape." + exit.shape(), TensorData.vector(shape));
      draft.write(
          last.output(),
          draft.fresh(last.name() + "#shape"),
          "",
          "Reshape",
          Map.of(),
          List.of(output, constant));
    }
    report.add(new PackedNode(name, operator, attention, weights.reported()));
  }
}

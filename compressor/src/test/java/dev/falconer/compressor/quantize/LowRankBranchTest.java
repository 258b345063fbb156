package dev.falconer.compressor.quantize;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.falconer.compressor.fixture.LinearModels;
import dev.falconer.compressor.fixture.LinearModels.Case;
import dev.falconer.compressor.layer.LinearLayer;
import dev.falconer.compressor.onnx.Model;
import dev.falconer.compressor.solver.LowRank;
import dev.falconer.compressor.solver.Matrix;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class LowRankBranchTest {
  private static final int RANK = 3;

  static Stream<Case> cases() {
    return Stream.concat(LinearModels.products().stream(), LinearModels.convolutions().stream());
  }

  @ParameterizedTest
  @MethodSource("cases")
  void computesTheMergedWeightWithoutMergingIt(Case each) {
    LinearLayer layer = RewriteFixture.layer(each);
    var random = new Random(5);
    Matrix sparse = sparse(random, layer);
    LowRank lowRank = lowRank(random, layer, RANK);
    Matrix merged = sparse.plus(lowRank.product());

    Model got =
        LowRankBranch.apply(each.model(), Map.of(layer, new LowRankBranch.Parts(sparse, lowRank)));

    Model wanted = RewriteFixture.written(each, layer, merged);
    double error =
        RewriteFixture.relativeError(
            RewriteFixture.run(wanted, each.feeds()), RewriteFixture.run(got, each.feeds()));
    assertTrue(error < RewriteFixture.storedError(each), "relative error " + error);
    long zeros = zeros(sparse);
    assertTrue(zeros > 0);
    assertEquals(zeros, zeros(layer.read(got.graph())), "S keeps its zeros");
    assertEquals(
        (long) RANK * (layer.out() + layer.in()),
        got.graph().parameters() - each.graph().parameters() - betas(got));
  }

  @Test
  void aRankOfZeroAddsNoNodes() {
    Case each = LinearModels.products().getFirst();
    LinearLayer layer = RewriteFixture.layer(each);
    Matrix sparse = sparse(new Random(6), layer);

    Model got =
        LowRankBranch.apply(
            each.model(),
            Map.of(layer, new LowRankBranch.Parts(sparse, lowRank(new Random(6), layer, 0))));

    assertEquals(RewriteFixture.written(each, layer, sparse).graph(), got.graph());
  }

  @Test
  void whatCannotBeSplitIsRefusedByName() {
    Case attention = LinearModels.attentions().getFirst();
    LinearLayer layer = RewriteFixture.layer(attention);
    assertNotEquals(Optional.empty(), LowRankBranch.reasonAgainst(attention.graph(), layer));
    var parts =
        new LowRankBranch.Parts(layer.read(attention.graph()), lowRank(new Random(7), layer, RANK));
    var error =
        assertThrows(
            IllegalArgumentException.class,
            () -> LowRankBranch.apply(attention.model(), Map.of(layer, parts)));
    assertEquals(
        "weight \"w\" takes no low-rank branch: Attention holds it inside", error.getMessage());

    Case product = LinearModels.products().getFirst();
    LinearLayer other = RewriteFixture.layer(product);
    var unfit =
        new LowRankBranch.Parts(
            other.read(product.graph()),
            new LowRank(Matrix.of(other.in(), 0), Matrix.of(0, other.out())));
    assertThrows(
        IllegalArgumentException.class,
        () -> LowRankBranch.apply(product.model(), Map.of(other, unfit)));
  }

  private static long betas(Model model) {
    return model.graph().initializers().keySet().stream()
        .filter(name -> name.endsWith(".beta"))
        .count();
  }

  private static Matrix sparse(Random random, LinearLayer layer) {
    double[] values = RewriteFixture.gaussian(random, layer.out(), layer.in()).toArray();
    for (int i = 0; i < values.length; i++) {
      values[i] = i % 4 < 2 ? values[i] : 0;
    }
    return Matrix.over(layer.out(), layer.in(), values);
  }

  private static LowRank lowRank(Random random, LinearLayer layer, int rank) {
    return new LowRank(
        RewriteFixture.gaussian(random, layer.out(), rank),
        RewriteFixture.gaussian(random, rank, layer.in()));
  }

  private static long zeros(Matrix matrix) {
    return java.util.Arrays.stream(matrix.toArray()).filter(value -> value == 0).count();
  }
}

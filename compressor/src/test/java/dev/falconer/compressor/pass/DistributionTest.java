package dev.falconer.compressor.pass;

import static dev.falconer.compressor.pass.PassTester.assertThat;
import static dev.falconer.compressor.pass.PassTester.weight;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.falconer.compressor.onnx.Graph;
import dev.falconer.compressor.onnx.Shape;
import org.junit.jupiter.api.Test;

/** The passes that keep different parties' parts apart. */
class DistributionTest {
  @Test
  void partsOfTwoPartiesAreMultipliedApart() {
    Graph after =
        assertThat(DistributeProducts::new)
            .on(g -> g.matmul(g.concat(1, "c", "u"), weight(g, 4, 3)))
            .gives("Concat", "MatMul", "MatMul", "Add");
    assertEquals(Shape.of(2, 3), after.initializers().get("weight4x3#user").shape());
  }

  @Test
  void partsOfOnePartyShareOneProduct() {
    assertThat(DistributeProducts::new)
        .on(g -> g.matmul(g.concat(1, "c", "u", g.add("Relu", "c")), weight(g, 6, 3)))
        .gives("Relu", "Concat", "MatMul", "Concat", "MatMul", "Add");
    assertThat(DistributeProducts::new)
        .on(g -> g.matmul(g.concat(1, "c", g.add("Relu", "c")), weight(g, 4, 3)))
        .doesNotFire();
  }

  @Test
  void whatIsRepeatedIsMultipliedOnce() {
    assertThat(DistributeProducts::new)
        .on(g -> {
          String wide = g.add("Expand", g.unsqueeze("u", 1), g.vector(1, 5, 1)); // [B, 5, 2]
          String each =
              g.times(
                  g.unsqueeze("c", 1),
                  g.constant(
                      dev.falconer.compressor.onnx.TensorData.floats(
                          Shape.of(5, 1), 1, 2, 3, 4, 5)));
          return g.matmul(g.concat(2, wide, each), weight(g, 4, 3));
        })
        .gives("Unsqueeze", "Expand", "Unsqueeze", "Mul", "Concat", "MatMul", "MatMul", "Add");
  }

  @Test
  void termsOfADifferenceAreMultipliedApart() {
    assertThat(DistributeProducts::new)
        .on(g -> g.matmul(g.concat(1, "c", "u", g.add("Sub", "c", "u")), weight(g, 6, 3)))
        .gives("Sub", "Concat", "MatMul", "MatMul", "Add");
  }

  @Test
  void theUsersTermsAreAddedBeforeTheCandidates() {
    assertThat(GatherTerms::new)
        .on(g -> g.plus(g.plus("c", "u"), g.scalar(5f)))
        .gives("Add", "Add");
    Graph after =
        assertThat(GatherTerms::new)
            .on(g -> g.plus(g.plus(g.plus("c", "x"), "u"), g.scalar(5f)))
            .gives("Add", "Add", "Add");
    assertEquals("u", after.nodes().getFirst().input(1));
    assertThat(GatherTerms::new).on(g -> g.plus(g.plus("u", "x"), "c")).doesNotFire();
  }

  @Test
  void aSumReadTwiceIsNotTakenApart() {
    assertThat(GatherTerms::new)
        .on(g -> {
          String sum = g.plus("c", "u");
          return g.times(sum, g.plus(sum, g.scalar(5f)));
        })
        .doesNotFire();
  }

  @Test
  void partsStayApartThroughElementwiseOperatorsAndSums() {
    assertThat(SinkConcats::new)
        .on(g -> {
          String both = g.concat(1, "u", "c");
          return g.add("ReduceSum", g.times(both, both), g.vector(1));
        })
        .gives("Concat", "Mul", "Mul", "Concat", "ReduceSum", "ReduceSum", "Add");
    assertThat(SinkConcats::new)
        .on(g -> g.add("ReduceSum", g.concat(1, "u", "c"), g.vector(1)))
        .gives("Concat", "ReduceSum", "ReduceSum", "Add");
    assertThat(SinkConcats::new)
        .on(g -> g.times(g.concat(1, "u", "c"), g.concat(1, "c", "u")))
        .doesNotFire();
  }
}

package dev.falconer.compressor.solver;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;

/** Seeded layers for the solvers' tests. */
final class Problems {
  private Problems() {}

  /** A layer's shape; inputs are AR(1) with log-normal scales when correlated, else independent. */
  record Case(int out, int in, String pattern, boolean correlated, long seed) {
    LayerProblem problem() {
      var random = new Random(seed);
      int rows = 4 * in;
      var scale = new double[in];
      for (int i = 0; i < in; i++) {
        scale[i] = correlated ? Math.exp(random.nextGaussian()) : 1;
      }
      var gram = new double[in * in];
      var x = new double[in];
      for (int n = 0; n < rows; n++) {
        double previous = 0;
        for (int i = 0; i < in; i++) {
          double fresh = random.nextGaussian();
          previous = correlated && i > 0 ? .9 * previous + Math.sqrt(.19) * fresh : fresh;
          x[i] = previous * scale[i];
        }
        for (int i = 0; i < in; i++) {
          for (int j = 0; j < in; j++) {
            gram[i * in + j] += x[i] * x[j];
          }
        }
      }
      double[] weight = random.doubles((long) out * in).map(u -> u - .5).toArray();
      return new LayerProblem(
          Matrix.over(out, in, weight), Matrix.over(in, in, gram), Pattern.parse(pattern));
    }
  }

  static Stream<Case> cases() {
    return Stream.of(
        new Case(5, 16, "2:4", true, 1),
        new Case(3, 16, "1:4", false, 2),
        new Case(4, 24, "3:8", true, 3),
        new Case(2, 13, "2:4", true, 4),
        new Case(1, 3, "4:8", false, 5),
        new Case(7, 32, "8:16", true, 6),
        new Case(6, 20, "60%", true, 7),
        new Case(5, 17, "57%row", true, 8),
        new Case(9, 24, "75%layer", false, 9),
        new Case(40, 24, "panel16@0.25", true, 10),
        new Case(40, 26, "panel16x4@0.25", true, 11),
        new Case(8, 16, "block4x2@0.5", true, 12),
        new Case(8, 12, "2:4t", true, 13),
        new Case(16, 32, "5:16t", true, 14));
  }

  static Matrix toFloat(Matrix matrix) {
    double[] values = matrix.toArray();
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) values[i];
    }
    return Matrix.over(matrix.rows(), matrix.columns(), values);
  }

  static Matrix scaled(Matrix matrix, double factor) {
    double[] values = matrix.toArray();
    for (int i = 0; i < values.length; i++) {
      values[i] *= factor;
    }
    return Matrix.over(matrix.rows(), matrix.columns(), values);
  }

  /** The problem in which an input is always 0. */
  static LayerProblem withDeadInput(LayerProblem problem, int input) {
    int in = problem.weight().columns();
    double[] gram = problem.gram().toArray();
    for (int i = 0; i < in; i++) {
      gram[i * in + input] = 0;
      gram[input * in + i] = 0;
    }
    return new LayerProblem(problem.weight(), Matrix.over(in, in, gram), problem.pattern());
  }

  /** An order of the outputs in which those that the pattern ties together stay neighbours. */
  static List<Integer> order(LayerProblem problem, Random random) {
    int tied =
        switch (problem.pattern()) {
          case Pattern.NofM _, Pattern.Unstructured _ -> 1;
          case Pattern.Transposable(int _, int group) -> group;
          case Pattern.Panel(int width, int _, double _) -> width;
          case Pattern.Block(int rows, int _, double _) -> rows;
        };
    int out = problem.weight().rows();
    var units = new ArrayList<Integer>();
    for (int unit = 0; unit < out / tied; unit++) {
      units.add(unit);
    }
    Collections.shuffle(units, random);
    var order = new ArrayList<Integer>();
    for (int unit : units) {
      for (int i = 0; i < tied; i++) {
        order.add(unit * tied + i);
      }
    }
    while (order.size() < out) {
      order.add(order.size());
    }
    return order;
  }

  static Matrix rows(Matrix matrix, List<Integer> order) {
    var values = new double[matrix.rows() * matrix.columns()];
    for (int r = 0; r < matrix.rows(); r++) {
      for (int c = 0; c < matrix.columns(); c++) {
        values[r * matrix.columns() + c] = matrix.at(order.get(r), c);
      }
    }
    return Matrix.over(matrix.rows(), matrix.columns(), values);
  }
}

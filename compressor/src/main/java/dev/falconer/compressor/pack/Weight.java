package dev.falconer.compressor.pack;

import dev.falconer.compressor.layer.LinearLayer;
import dev.falconer.compressor.onnx.Graph;
import dev.falconer.compressor.onnx.NumericTensor;
import dev.falconer.compressor.solver.Matrix;

/** A constant weight [out, in]. */
sealed interface Weight {
  /** Returns the constant's name. */
  String name();

  int out();

  int in();

  /** Returns some rows, row-major. */
  float[] rows(Graph graph, int from, int count);

  /** A constant of floats. */
  record Plain(LinearLayer layer) implements Weight {
    @Override
    public String name() {
      return layer.weight();
    }

    @Override
    public int out() {
      return layer.out();
    }

    @Override
    public int in() {
      return layer.in();
    }

    @Override
    public float[] rows(Graph graph, int from, int count) {
      Matrix all = layer.read(graph);
      var rows = new float[Math.multiplyExact(count, in())];
      for (int o = 0; o < count; o++) {
        for (int i = 0; i < in(); i++) {
          rows[o * in() + i] = (float) all.at(from + o, i);
        }
      }
      return rows;
    }
  }

  /** What changes nothing: outputs are the inputs. */
  record Identity(int width) implements Weight {
    @Override
    public String name() {
      return "#identity." + width;
    }

    @Override
    public int out() {
      return width;
    }

    @Override
    public int in() {
      return width;
    }

    @Override
    public float[] rows(Graph graph, int from, int count) {
      var rows = new float[Math.multiplyExact(count, width)];
      for (int o = 0; o < count; o++) {
        rows[o * width + from + o] = 1;
      }
      return rows;
    }
  }

  /**
   * Rows of another, each times a factor, and its columns.
   *
   * @param first row that the factors begin with
   */
  @SuppressWarnings("ArrayRecordComponent") // Compared as objects: packed anew then.
  record Scaled(Weight of, int first, double[] rowFactors, double[] columnFactors)
      implements Weight {
    @Override
    public String name() {
      return of.name();
    }

    @Override
    public int out() {
      return of.out();
    }

    @Override
    public int in() {
      return of.in();
    }

    @Override
    public float[] rows(Graph graph, int from, int count) {
      float[] rows = of.rows(graph, from, count);
      for (int i = 0; i < rows.length; i++) {
        double factor = rowFactors[from + i / in() - first] * columnFactors[i % in()];
        rows[i] = (float) (rows[i] * factor);
      }
      return rows;
    }
  }

  /**
   * A constant of levels and scales.
   *
   * @param values [out, in] as floats
   */
  record Dequantised(String name, NumericTensor values) implements Weight {
    @Override
    public int out() {
      return Math.toIntExact(values.shape().dim(0));
    }

    @Override
    public int in() {
      return Math.toIntExact(values.shape().dim(1));
    }

    @Override
    public float[] rows(Graph graph, int from, int count) {
      var rows = new float[Math.multiplyExact(count, in())];
      for (int i = 0; i < rows.length; i++) {
        rows[i] = (float) values.at((long) from * in() + i);
      }
      return rows;
    }
  }
}

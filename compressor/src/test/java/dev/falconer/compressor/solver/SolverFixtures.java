package dev.falconer.compressor.solver;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Objects;

/** A layer [16, 32] of 96 rows, and what an independent fp64 reference gets on it. */
final class SolverFixtures {
  private SolverFixtures() {}

  static JsonNode json(String name) {
    try (InputStream in =
        Objects.requireNonNull(SolverFixtures.class.getResourceAsStream("/solver/" + name))) {
      return new ObjectMapper().readTree(in);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  static LayerProblem layer(String pattern) {
    JsonNode json = json("layer.json");
    Matrix x = matrix(json.get("X"));
    return new LayerProblem(
        matrix(json.get("W")), Dense.product(x.transposed(), x), Pattern.parse(pattern));
  }

  static Matrix matrix(JsonNode rows) {
    int columns = rows.get(0).size();
    var values = new double[rows.size() * columns];
    for (int i = 0; i < values.length; i++) {
      values[i] = rows.get(i / columns).get(i % columns).asDouble();
    }
    return Matrix.over(rows.size(), columns, values);
  }
}

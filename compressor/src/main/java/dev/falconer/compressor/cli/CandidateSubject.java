package dev.falconer.compressor.cli;

import dev.falconer.compressor.evaluate.CandidateBench;
import dev.falconer.compressor.evaluate.OrtRunner;
import dev.falconer.compressor.onnx.Model;
import dev.falconer.compressor.onnx.Shape;
import dev.falconer.compressor.onnx.TensorData;
import dev.falconer.compressor.pack.PackOptions;
import dev.falconer.compressor.pack.Packing;
import dev.falconer.compressor.pack.RoundedState;
import dev.falconer.compressor.zoo.CandidateHalf;
import dev.falconer.compressor.zoo.CandidateHalf.Form;
import dev.falconer.compressor.zoo.Thinned;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import java.util.function.Predicate;
import java.util.stream.Stream;

/** A candidate graph to time, and its forms. */
record CandidateSubject(CandidateHalf half) {
  /** How the names of ONNX Runtime's dense float32 forms begin. */
  static final String DENSE = "ONNX Runtime float32";

  private static final long SEED = 11;
  private static final Map<String, String> DEFAULTS = new LinkedHashMap<>();

  static {
    // The shape that the project's speed figures are stated for.
    DEFAULTS.put("L", "512");
    DEFAULTS.put("d", "128");
    DEFAULTS.put("h", "4");
    DEFAULTS.put("layers", "2");
    DEFAULTS.put("ffn", "512");
    DEFAULTS.put("features", "384");
    DEFAULTS.put("head", "512-256");
  }

  /** Returns the subject of "L=512,d=128,..": keys left out keep their defaults. */
  static CandidateSubject parse(String text) {
    var values = new LinkedHashMap<>(DEFAULTS);
    for (String part : text.isBlank() ? new String[0] : text.split(",", -1)) {
      String[] pair = part.split("=", 2);
      if (pair.length != 2 || !values.containsKey(pair[0].strip())) {
        throw new IllegalArgumentException(
            "shape \"%s\": want some of %s, such as L=512,d=128".formatted(text, values.keySet()));
      }
      values.put(pair[0].strip(), pair[1].strip());
    }
    try {
      List<Integer> head =
          Arrays.stream(values.getOrDefault("head", "").split("-", -1))
              .map(Integer::valueOf)
              .toList();
      int[] numbers =
          Stream.of("L", "d", "h", "layers", "ffn", "features")
              .mapToInt(key -> Integer.parseInt(values.getOrDefault(key, "")))
              .toArray();
      return new CandidateSubject(
          new CandidateHalf(
              numbers[0], numbers[1], numbers[2], numbers[3], numbers[4], numbers[5], head));
    } catch (NumberFormatException e) {
      throw new IllegalArgumentException("shape \"" + text + "\": " + e.getMessage(), e);
    }
  }

  /** Returns floating-point operations of a number of candidates, multiplying and adding. */
  double flops(int candidates) {
    double layer =
        2.0 * half.width() * half.width()
            + 2.0 * half.tokens() * half.width()
            + 2.0 * half.width() * half.inner();
    double sum = half.layers() * layer;
    int in = half.width() + half.features();
    for (int out : half.head()) {
      sum += (double) in * out;
      in = out;
    }
    return 2 * candidates * (sum + in);
  }

  /**
   * Returns the forms opened: ONNX Runtime's, the packed ones by native kernels where this machine
   * has them, and those in float32 by Java's vectors, in a process for each layout.
   *
   * @param isWanted which of the packed ones, by name
   */
  CandidateBench bench(Predicate<String> isWanted) {
    var bench = new CandidateBench(this::feeds);
    try {
      for (Form form : Form.values()) {
        bench.add(DENSE + ", " + form.name().toLowerCase(Locale.ROOT), half.model(form, SEED));
      }
      Map<String, Packed> forms = packed(half.model(Form.PLAIN, SEED));
      forms.forEach((name, packed) -> {
        if (OrtRunner.isNative() && isWanted.test(name)) {
          bench.add(name, packed.graph());
        }
      });
      forms.forEach((name, packed) -> {
        String byJava = name + ", Java";
        if (packed.isFloat() && isWanted.test(byJava)) {
          bench.addByVectors(byJava, packed.layout, packed.graph());
        }
      });
      return bench;
    } catch (RuntimeException e) {
      bench.close();
      throw e;
    }
  }

  /**
   * A form of packed weights.
   *
   * @param layout what most of its weights are packed in
   */
  private record Packed(String layout, Model model, PackOptions options) {
    /** Returns the graph that a server runs. */
    Model graph() {
      return RoundedState.of(Packing.of(model, options).model()).candidate();
    }

    boolean isFloat() {
      return options.equals(PackOptions.FLOATS);
    }
  }

  private static Map<String, Packed> packed(Model plain) {
    var float32 = PackOptions.FLOATS;
    var int8 = PackOptions.BYTES_ANYWHERE; // as in bundles
    var forms = new LinkedHashMap<String, Packed>();
    forms.put("float32 dense", new Packed("dense", plain, float32));
    for (double density : new double[] {.5, .25, .125}) {
      Model panels = new Thinned(16, 1, 0, density).of(plain, SEED);
      forms.put("float32 panel16@" + density, new Packed("panel16", panels, float32));
    }
    Model sixteenths = new Thinned(1, 1, 16, .25).of(plain, SEED);
    forms.put("float32 4:16", new Packed("n16", sixteenths, float32));
    forms.put("int8 dense", new Packed("dense", plain, int8));
    Model panels = new Thinned(16, 1, 0, .25).of(plain, SEED);
    forms.put("int8 panel16@0.25", new Packed("panel16", panels, int8));
    Model fours = new Thinned(16, 4, 0, .25).of(plain, SEED);
    forms.put("int8 panel16x4@0.25", new Packed("panel16x4", fours, int8));
    return forms;
  }

  private Map<String, TensorData> feeds(int candidates) {
    var random = new Random(SEED);
    var feeds = new LinkedHashMap<String, TensorData>();
    feeds.put("candidate", gaussian(random, 1, candidates, half.width()));
    feeds.put("features", gaussian(random, 1, candidates, half.features()));
    feeds.putAll(state(random));
    return feeds;
  }

  /** Returns a kept state: keys and values, also rounded. */
  private Map<String, TensorData> state(Random random) {
    var given = new LinkedHashMap<String, TensorData>();
    int each = half.width() / half.heads();
    for (int layer = 0; layer < half.layers(); layer++) {
      given.put("given.key." + layer, gaussian(random, 1, half.heads(), half.tokens(), each));
      given.put("given.value." + layer, gaussian(random, 1, half.heads(), half.tokens(), each));
    }
    Model int8 = Packing.of(half.model(Form.PLAIN, SEED), PackOptions.BYTES).model();
    try (OrtRunner user = OrtRunner.open(RoundedState.of(int8).user(half.user()), 1)) {
      return user.run(given);
    }
  }

  private static TensorData gaussian(Random random, long... shape) {
    var values = new float[Math.toIntExact(Shape.of(shape).size())];
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) random.nextGaussian();
    }
    return TensorData.floats(Shape.of(shape), values);
  }
}

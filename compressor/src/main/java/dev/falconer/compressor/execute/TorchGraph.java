package dev.falconer.compressor.execute;

import dev.falconer.compressor.onnx.DType;
import dev.falconer.compressor.onnx.Graph;
import dev.falconer.compressor.onnx.Model;
import dev.falconer.compressor.onnx.Node;
import dev.falconer.compressor.onnx.NumericTensor;
import dev.falconer.compressor.onnx.Shape;
import dev.falconer.compressor.onnx.TensorData;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;

/**
 * A model on libtorch. Float initialisers of rank one or more are its parameters, leaves of the
 * autograd tape; scalars and integers are constants. Not safe for use by several threads at once.
 *
 * <p>Every run happens inside a PointerScope that its caller opens, one per step: it frees what the
 * run made.
 */
public final class TorchGraph implements AutoCloseable {
  private final Model model;
  private final Call.Settings settings;
  private final boolean fused;
  private final Map<String, Operator> operators;
  private final Map<String, Value> constants = new HashMap<>();
  private final Map<String, Tensor> parameters = new LinkedHashMap<>();
  private final Map<Set<String>, Plan> plans = new HashMap<>();

  private TorchGraph(Model model, TorchOptions options) {
    this.model = model;
    fused = !options.twiceDifferentiable();
    operators = Operators.of(model.graph());
    settings =
        new Call.Settings(
            options.doublePrecision() ? ScalarType.Double : ScalarType.Float,
            rowWise(model.graph(), options.rowWiseFrom()));
    Set<String> trainable = trainable(model.graph());
    try (var _ = new PointerScope()) {
      model.graph().initializers().forEach((name, data) -> add(name, data, trainable));
      for (Node node : model.graph().nodes()) {
        if (node.is("Constant")) {
          constants.put(node.output(), Feeds.constant(Constants.of(node), settings));
        }
      }
    }
  }

  private void add(String name, TensorData data, Set<String> trainable) {
    Value value = Feeds.constant(data, settings);
    constants.put(name, value);
    if (trainable.contains(name) && value instanceof Value.Torch(Tensor tensor)) {
      tensor.set_requires_grad(true);
      parameters.put(name, tensor);
    }
  }

  /** Scales of quantised graphs are calibrated, not trained. */
  private static Set<String> trainable(Graph graph) {
    var names = new LinkedHashSet<String>();
    graph
        .initializers()
        .forEach((name, data) -> {
          boolean real = data.dtype() == DType.FLOAT32 || data.dtype() == DType.FLOAT64;
          if (real && data.shape().rank() > 0) {
            names.add(name);
          }
        });
    for (Node node : graph.nodes()) {
      if (node.is("QuantizeLinear") || node.is("DequantizeLinear")) {
        names.remove(node.input(1));
      }
    }
    return names;
  }

  private static Set<String> rowWise(Graph graph, long from) {
    var tables = new HashSet<String>();
    Map<String, List<Node>> consumers = graph.consumers();
    for (var entry : graph.initializers().entrySet()) {
      String name = entry.getKey();
      Shape shape = entry.getValue().shape();
      boolean big = entry.getValue().dtype().isFloat() && shape.rank() == 2 && shape.dim(0) >= from;
      List<Node> readers = consumers.getOrDefault(name, List.of());
      if (big
          && readers.stream()
              .allMatch(node ->
                  node.is("Gather")
                      && node.input(0).equals(name)
                      && node.intAttribute("axis", 0) == 0)) {
        tables.add(name);
      }
    }
    return tables;
  }

  /**
   * Returns the model ready to run.
   *
   * @throws IllegalArgumentException listing all operators without a counterpart
   */
  public static TorchGraph of(Model model, TorchOptions options) {
    return new TorchGraph(model, options);
  }

  /**
   * Returns the trainable tensors by name, in the order of the file: leaves that want gradients.
   */
  public Map<String, Tensor> parameters() {
    return Collections.unmodifiableMap(parameters);
  }

  /** Returns the tables whose gradients are sparse. */
  public Set<String> rowWise() {
    return settings.rowWise();
  }

  /**
   * Returns the wanted values (outputs or any value inside), recorded for gradients. Nodes they
   * don't need don't run.
   *
   * @param feeds the inputs they need, by name
   */
  public Values forward(Map<String, TensorData> feeds, Set<String> wanted) {
    PointerScope scope = PointerScope.getInnerScope();
    if (scope == null) {
      throw new IllegalStateException("runs need an open PointerScope; open one per step");
    }
    return plans.computeIfAbsent(Set.copyOf(wanted), this::plan).run(feeds, scope);
  }

  private Plan plan(Set<String> wanted) {
    Graph graph = model.graph();
    List<Node> nodes = fused ? Fusions.apply(graph, wanted, constants) : graph.nodes();
    return Plan.of(graph, nodes, wanted, constants, operators, settings, model.opset());
  }

  /** Returns the wanted values without recording gradients. */
  public Values infer(Map<String, TensorData> feeds, Set<String> wanted) {
    try (var _ = new NoGradGuard()) {
      return forward(feeds, wanted);
    }
  }

  /** Returns the model with the parameters' present values, in the types of its file. */
  public Model model() {
    var initializers = new LinkedHashMap<>(model.graph().initializers());
    parameters.forEach((name, tensor) -> initializers.put(name, value(name)));
    return model.withGraph(model.graph().withInitializers(initializers));
  }

  /** Returns a copy of a parameter's present value, in the type of its file. */
  public NumericTensor value(String name) {
    TensorData old = model.graph().initializers().get(name);
    Tensor tensor = parameters.get(name);
    if (old == null || tensor == null) {
      throw new IllegalArgumentException(
          "no parameter \"" + name + "\"; the parameters are " + parameters.keySet());
    }
    try (var _ = new PointerScope()) {
      return Tensors.copy(tensor.detach().to(Tensors.scalarType(old.dtype())));
    }
  }

  @Override
  public void close() {
    for (Value value : constants.values()) {
      if (value instanceof Value.Torch(Tensor tensor)) {
        tensor.close();
      }
    }
  }
}

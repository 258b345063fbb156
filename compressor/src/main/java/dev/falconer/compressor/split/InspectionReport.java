package dev.falconer.compressor.split;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.falconer.compressor.axes.Roles.Role;
import dev.falconer.compressor.onnx.ValueInfo;
import dev.falconer.compressor.onnx.ValueInfo.Dim;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

/** Says what an inspection found. */
public final class InspectionReport {
  private static final ObjectMapper JSON = new ObjectMapper();

  private final Inspection found;
  private final String file;

  /** Reports on the model of a file. */
  public InspectionReport(Inspection found, String file) {
    this.found = found;
    this.file = file;
  }

  /** Returns lines for a terminal, the last one ended. */
  public String text() {
    var graph = found.model().graph();
    var text = new StringBuilder();
    text.append(
        "%s: opset %d, IR %d, %d nodes, %s%n"
            .formatted(
                file,
                found.model().opset(),
                found.model().irVersion(),
                graph.nodes().size(),
                String.format(
                    Locale.ROOT,
                    "%,d parameters, %s of weights",
                    found.parameters(),
                    SplitReport.bytes(found.bytes()))));
    text.append("inputs\n");
    int width =
        graph.inputs().stream().mapToInt(input -> described(input).length()).max().orElse(0);
    int axesWidth =
        found.axes().stream().mapToInt(axes -> axes.toString().length()).max().orElse(0);
    for (int i = 0; i < graph.inputs().size(); i++) {
      RoleGuess guess = found.guesses().get(i);
      text.append(
          ("  %-" + width + "s  axes %-" + axesWidth + "s  %s%n")
              .formatted(described(graph.inputs().get(i)), found.axes().get(i), looks(guess)));
    }
    text.append("outputs\n");
    graph.outputs().forEach(output -> text.append("  " + described(output) + "\n"));
    text.append("operators\n  ");
    text.append(
        found.operatorsByCount().entrySet().stream()
            .map(entry -> entry.getKey() + " " + entry.getValue())
            .collect(Collectors.joining(", ")));
    text.append('\n').append(work());
    found.fixed().forEach(length -> text.append(SplitReport.fixed(length)).append('\n'));
    return text.append(outlook()).toString();
  }

  private static String described(ValueInfo value) {
    return value.name() + " " + value.dtype().name().toLowerCase(Locale.ROOT) + dims(value);
  }

  private static String dims(ValueInfo value) {
    List<Dim> dims = value.dims();
    return dims == null
        ? " of any shape"
        : dims.stream()
            .map(dim ->
                switch (dim) {
                  case Dim.Fixed(long length) -> Long.toString(length);
                  case Dim.Symbol(String name) -> name;
                  case Dim.Unknown _ -> "?";
                })
            .collect(Collectors.joining(", ", "[", "]"));
  }

  private static String looks(RoleGuess guess) {
    String whose =
        guess
            .role()
            .map(role ->
                switch (role) {
                  case USER -> "looks like the user's";
                  case CANDIDATE -> "looks like the candidates'";
                  case CONTEXT -> "looks like the context's";
                  case LENGTH -> "looks like the history's length";
                })
            .orElse("whose is open");
    return whose + ": " + guess.reason();
  }

  private String work() {
    Inspection.Work work = found.work();
    String counted =
        String.format(
            Locale.ROOT,
            "work of scoring one candidate by itself: %,.0f operations at %d events",
            work.operations(),
            work.history());
    return work.missing() == 0
        ? counted + "\n"
        : counted + ", without " + work.missing() + " nodes that could not be followed\n";
  }

  private String outlook() {
    String command = "  " + RoleGuess.command(file, found.guesses()) + "\n";
    Inspection.Outlook outlook = found.outlook();
    if (outlook.splits()) {
      return String.format(
              Locale.ROOT,
              "by these guesses %.1f %% of the work is not paid per candidate; to split, if they are"
                  + " right:%n",
              100 * outlook.share())
          + command;
    }
    return outlook.reason().startsWith("not tried")
        ? "to split, once you add the inputs whose owner is open:\n" + command
        : "by these guesses it is not split: "
            + outlook.reason()
            + "\nif they are wrong, correct them in:\n"
            + command;
  }

  /** Returns the same as a JSON object. */
  public String json() {
    ObjectNode root = JSON.createObjectNode();
    root.put("file", file);
    root.put("ir_version", found.model().irVersion());
    ObjectNode opsets = root.putObject("opsets");
    found
        .model()
        .opsets()
        .forEach((domain, version) -> opsets.put(domain.isEmpty() ? "ai.onnx" : domain, version));
    ArrayNode inputs = root.putArray("inputs");
    var graph = found.model().graph();
    for (int i = 0; i < graph.inputs().size(); i++) {
      RoleGuess guess = found.guesses().get(i);
      ObjectNode input = described(inputs.addObject(), graph.inputs().get(i));
      found.axes().get(i).forEach(input.putArray("axes")::add);
      input.put("looks_like", guess.role().map(Role::name).orElse(null));
      input.put("because", guess.reason());
    }
    ArrayNode outputs = root.putArray("outputs");
    graph.outputs().forEach(output -> described(outputs.addObject(), output));
    ObjectNode operators = root.putObject("operators");
    found.operators().forEach(operators::put);
    root.put("nodes", graph.nodes().size());
    root.put("parameters", found.parameters());
    root.put("weight_bytes", found.bytes());
    root.putObject("work_per_row")
        .put("operations", found.work().operations())
        .put("history", found.work().history())
        .put("nodes_not_counted", found.work().missing());
    ArrayNode fixed = root.putArray("fixed");
    found.fixed().forEach(length -> fixed.add(SplitReport.fixed(length)));
    root.putObject("outlook")
        .put("splits", found.outlook().splits())
        .put("share_saved", found.outlook().share())
        .put("reason", found.outlook().reason());
    root.put("command", RoleGuess.command(file, found.guesses()));
    return root.toPrettyString() + "\n";
  }

  private static ObjectNode described(ObjectNode node, ValueInfo value) {
    node.put("name", value.name());
    node.put("dtype", value.dtype().name());
    return node.put("shape", dims(value));
  }
}

package dev.falconer.compressor.cli;

import dev.falconer.compressor.evaluate.OrtRunner;
import dev.falconer.compressor.onnx.OnnxReader;
import dev.falconer.compressor.split.Inspection;
import dev.falconer.compressor.split.InspectionReport;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Says what a model file holds and whose its inputs look like. */
@Command(
    name = "inspect",
    mixinStandardHelpOptions = true,
    description = {
      "Says what an ONNX model holds: inputs with their axes, outputs, operators, parameters, the"
          + " work of scoring one candidate.",
      "Guesses whose each input is from its name and axes, and offers the split command that would"
          + " follow. Writes nothing; the guesses are yours to check."
    },
    footer = {
      "",
      "Example, from a model to its split:",
      "  falconer inspect ranker.onnx",
      "  falconer split --model ranker.onnx --user user_id,hist_item_id --candidate item_id --out"
          + " split"
    })
public final class InspectCommand implements Callable<Integer> {
  @Spec private @Nullable CommandSpec spec;

  @Parameters(
      index = "0",
      paramLabel = "FILE",
      description = "The ONNX model; external weights lie beside it.")
  private Path model = Path.of("");

  @Option(names = "--json", paramLabel = "FILE", description = "Writes the same as JSON.")
  private @Nullable Path json;

  @Override
  public Integer call() throws IOException {
    CommandSpec own = java.util.Objects.requireNonNull(spec, "set by picocli");
    Inspection found = Inspection.of(OnnxReader.read(model), OrtRunner.factory(1));
    var report = new InspectionReport(found, model.toString());
    if (json != null) {
      Files.writeString(json, report.json());
    }
    own.commandLine().getOut().print(report.text());
    own.commandLine().getOut().flush();
    return 0;
  }
}
